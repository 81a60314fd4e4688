package e2e

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"spate/proto/wire"
)

// insult is what a hostile peer sends behind its handshake, or in place of it.
type insult struct {
	what  string
	raw   bool // in place of the handshake
	bytes func(t *torrent) []byte
	// reason is what the end of the connection is counted as; empty where it
	// need not end.
	reason string
}

var insults = []insult{
	{"random bytes", true, func(*torrent) []byte { return noise(1000) }, "protocol"},
	{"an HTTP request", true, func(*torrent) []byte { return []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }, "protocol"},
	{"another protocol's length", true, func(*torrent) []byte { return append([]byte{20}, noise(67)...) }, "protocol"},
	{"an unknown info-hash", true, func(*torrent) []byte {
		return wire.AppendHandshake(nil, wire.Handshake{InfoHash: [20]byte(noise(20))})
	}, "unknown info-hash"},
	{"a message of 4 GiB", false, func(*torrent) []byte { return []byte{0xff, 0xff, 0xff, 0xff, 4} }, "length"},
	{"a message of 2 GiB", false, func(*torrent) []byte { return []byte{0x7f, 0xff, 0xff, 0xff, 20} }, "too long"},
	{"a piece message of 1 MiB", false, func(*torrent) []byte { return wire.AppendPieceHeader(nil, 0, 0, 1<<20) }, "too long"},
	{"a piece message without a block", false, func(*torrent) []byte { return []byte{0, 0, 0, 3, 7, 0, 0} }, "length"},
	{"a have of 2 bytes", false, func(*torrent) []byte { return []byte{0, 0, 0, 3, 4, 0, 0} }, "length"},
	{"a have beyond the end", false, func(t *torrent) []byte { return wire.AppendHave(nil, uint32(t.meta.Info.NumPieces())) }, "index"},
	{"a have of the last index", false, func(*torrent) []byte { return wire.AppendHave(nil, 1<<32-1) }, "index"},
	{"a bitfield too long", false, func(t *torrent) []byte {
		return wire.AppendBitfield(nil, make([]byte, t.meta.Info.NumPieces()/8+2))
	}, "length"},
	{"a bitfield too short", false, func(*torrent) []byte { return wire.AppendBitfield(nil, nil) }, "length"},
	{"a bitfield with spare bits", false, func(t *torrent) []byte {
		return wire.AppendBitfield(nil, slices.Repeat([]byte{0xff}, (t.meta.Info.NumPieces()+7)/8))
	}, "bitfield with spare bits set"},
	{"a request beyond the piece", false, asking(func(t *torrent) wire.Request {
		return wire.Request{Index: 0, Begin: uint32(t.meta.Info.PieceLength), Length: blockLen}
	}), "request outside the torrent"},
	{"a request whose end wraps round", false, asking(func(*torrent) wire.Request {
		return wire.Request{Index: 0, Begin: 1<<32 - 1<<14, Length: blockLen}
	}), "range"},
	{"a request of an unknown piece", false, asking(func(t *torrent) wire.Request {
		return wire.Request{Index: uint32(t.meta.Info.NumPieces()), Length: blockLen}
	}), "index"},
	{"a request of nothing", false, asking(func(*torrent) wire.Request { return wire.Request{} }), "range"},
	{"a request of 64 MiB", false, asking(func(*torrent) wire.Request { return wire.Request{Length: 64 << 20} }), "range"},
	{"a second handshake", false, func(t *torrent) []byte {
		return wire.AppendHandshake(nil, wire.Handshake{InfoHash: t.meta.InfoHash})
	}, "too long"},
	{"an extension handshake that is no dictionary", false, func(*torrent) []byte {
		return wire.AppendExtended(nil, 0, []byte("i1e"))
	}, "malformed extension handshake"},
	{"an extension handshake nested 100,000 deep", false, func(*torrent) []byte {
		return wire.AppendExtended(nil, 0, slices.Repeat([]byte("l"), 100000))
	}, "too long"},
	{"a piece nobody asked for", false, func(t *torrent) []byte {
		return append(wire.AppendPieceHeader(nil, 1, 0, blockLen), make([]byte, blockLen)...)
	}, ""},
	{"a cancel of what was not asked for", false, func(*torrent) []byte {
		return wire.AppendCancel(nil, wire.Request{Length: blockLen})
	}, ""},
	{"an unknown message", false, func(*torrent) []byte { return []byte{0, 0, 0, 2, 99, 0} }, ""},
	{"100,000 keep-alives", false, func(*torrent) []byte { return make([]byte, 400000) }, ""},
	{"an extension handshake nested 60,000 deep", false, func(*torrent) []byte {
		return wire.AppendExtended(nil, 0, slices.Repeat([]byte("l"), 60000))
	}, "malformed extension handshake"},
	{"a have-all without the fast extension", false, func(*torrent) []byte { return wire.AppendHaveAll(nil) }, "fast"},
	{"an unknown message of 16 MiB", false, func(*torrent) []byte { return []byte{1, 0, 0, 0, 99} }, "too long"},
	{"40,000 requests of a byte that are taken back", false, storm(40000, func(t *torrent, i int) []byte {
		r := wire.Request{Index: uint32(i % t.meta.Info.NumPieces()), Length: 1}
		return wire.AppendCancel(wire.AppendRequest(nil, r), r)
	}), ""},
	{"20,000 cancels", false, storm(20000, func(*torrent, int) []byte {
		return wire.AppendCancel(nil, wire.Request{Length: blockLen})
	}), ""},
	{"interest, 40,000 times on and off", false, storm(40000, func(*torrent, int) []byte {
		return wire.AppendNotInterested(wire.AppendInterested(nil))
	}), ""},
	{"a choke and an unchoke, 20,000 times", false, storm(20000, func(*torrent, int) []byte {
		return wire.AppendUnchoke(wire.AppendChoke(nil))
	}), ""},
	{"50,000 haves of one piece", false, storm(50000, func(*torrent, int) []byte { return wire.AppendHave(nil, 0) }), ""},
	{"10,000 bitfields, each another", false, storm(10000, func(t *torrent, i int) []byte {
		bits := make([]byte, (t.meta.Info.NumPieces()+7)/8)
		bits[i%(len(bits)-1)] = byte(i)
		return wire.AppendBitfield(nil, bits)
	}), ""},
	{"1,000 extension handshakes, each with another port", false, storm(1000, func(_ *torrent, i int) []byte {
		return wire.AppendExtHandshake(nil, wire.ExtHandshake{P: uint16(i + 1), Reqq: i})
	}), ""},
	{"3 MiB of blocks nobody asked for", false, storm(192, func(*torrent, int) []byte {
		return append(wire.AppendPieceHeader(nil, 0, 0, blockLen), make([]byte, blockLen)...)
	}), ""},
	{"half a block", false, func(*torrent) []byte { return wire.AppendPieceHeader(nil, 0, 0, blockLen) }, ""},
	{"most of a long extended message", false, func(*torrent) []byte {
		return wire.AppendExtended(nil, 3, make([]byte, 64<<10))[:60<<10]
	}, ""},
}

// storm is n messages.
func storm(n int, message func(t *torrent, i int) []byte) func(*torrent) []byte {
	return func(t *torrent) (all []byte) {
		for i := range n {
			all = append(all, message(t, i)...)
		}
		return all
	}
}

func asking(of func(*torrent) wire.Request) func(*torrent) []byte {
	return func(t *torrent) []byte { return wire.AppendRequest(wire.AppendInterested(nil), of(t)) }
}

// suffer sends an insult to a process and demands what follows: the end of the
// connection, counted. One that may stay is held open until the test ends, with
// what it has left half sent.
func (f *figures) suffer(tor *torrent, in insult) error {
	f.p.Helper()
	p := &rawPeer{Conn: f.p.dial(f.p.addr().String())}
	if !in.raw {
		// Without the fast extension: what is refused is not told, so that
		// nothing has to be read.
		for _, err := range []error{p.handshake(tor.meta.InfoHash, false), p.readHandshake()} {
			if err != nil {
				return err
			}
		}
	}
	before := f.closed(in.reason)
	_ = p.SetWriteDeadline(time.Now().Add(time.Second)) // who asks without reading is not read
	_ = p.send(in.bytes(tor))                           // fails when the other end hangs up in the middle
	if in.reason == "" {
		return nil
	}
	defer p.Close()
	if err := p.closed(); err != nil {
		return err
	}
	f.p.until("counted as "+in.reason, func() error {
		if n := f.closed(in.reason) - before; n != 1 {
			return fmt.Errorf("%s: %d more were closed as %q", in.what, n, in.reason)
		}
		return nil
	})
	return nil
}

// TestHostilePeers: whatever one connection brings, only that one is lost, for a
// reason that is counted; who is honest is served meanwhile, and what a process
// holds stays bounded.
func TestHostilePeers(t *testing.T) {
	const most = 32 << 20 // of all insults together, with what the collector adds
	l := parallel(t)
	tor := l.single(3<<20-80000, 64<<10) // 47 pieces: a bitfield has a spare bit
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--metrics", "127.0.0.1:0")
	honest := l.greet(seed.ready(), tor.meta.InfoHash, false)
	l.must(honest.interested())
	get := l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--down-limit", "1MiB", "--seed",
		"--metrics", "127.0.0.1:0", "--peer", seed.addr().String())
	for _, to := range []*process{seed, get} {
		to.ready()
		figures := to.figures()
		before := l.memory(to)
		for i, in := range insults {
			if err := figures.suffer(tor, in); err != nil {
				l.Errorf("%s, to %s: %v", in.what, to.command, err)
			}
			to.alive()
			l.must(honest.SetDeadline(time.Now().Add(patience)))
			if err := honest.fetch(tor, i%tor.meta.Info.NumPieces()); err != nil {
				l.Fatalf("after %s: the honest peer: %v", in.what, err)
			}
		}
		if grown := l.memory(to) - before; grown > most {
			l.Errorf("%s holds %d bytes more, at most %d", to.command, grown, most)
		}
		if n := figures.read("spate_handler_panics_total"); n != 0 {
			l.Errorf("%s: %d panics", to.command, n)
		}
		l.Logf("%s: %d insults: %s", to.command, len(insults), l.weight(to))
	}
	get.on("complete")
	get.stop()
	tor.same(l.path("got"))
	for _, p := range []*process{seed, get} {
		if said := p.said(); said != "" {
			l.Errorf("%s said %q", p.command, said)
		}
	}
}

// TestSilentConnections: a thousand connections that say nothing cost little,
// and leave room for those that do.
func TestSilentConnections(t *testing.T) {
	const conns, most = 1000, 16 << 20
	l := newLab(t)
	tor := l.single(8<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	addr := seed.ready()
	l.run(0, "get", tor.path, "-d", l.path("warm"), "--no-trackers", "--peer", addr)
	before := l.memory(seed)
	var all []net.Conn
	for range conns {
		all = append(all, l.dial(addr))
	}
	l.until("all accepted", func() error {
		if n := len(l.files(seed)); n < conns {
			return fmt.Errorf("%d open files", n)
		}
		return nil
	})
	after := l.memory(seed)
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr)
	tor.same(l.path("got"))
	l.Logf("%d silent connections: %.1f MiB before, %.1f MiB with them: %.1f KiB each", conns,
		float64(before)/(1<<20), float64(after)/(1<<20), float64(after-before)/conns/1024)
	if after-before > most {
		l.Errorf("%d bytes for %d silent connections, want at most %d", after-before, conns, most)
	}
	for _, c := range all {
		_ = c.Close()
	}
	l.until("all closed", func() error {
		if n := len(l.files(seed)); n > conns/2 {
			return fmt.Errorf("%d open files", n)
		}
		return nil
	})
}

// TestGreedyPeers: peers that ask for everything and read nothing cost a
// bounded number of bytes: without the fast extension the bound is the loops',
// 3 MiB of requests each, and what the garbage collector adds to that.
func TestGreedyPeers(t *testing.T) {
	const peers, most = 100, 32 << 20
	l := newLab(t)
	tor := l.single(8<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--wire-cache", "0")
	addr := seed.ready()
	l.run(0, "get", tor.path, "-d", l.path("warm"), "--no-trackers", "--peer", addr)
	var flood []byte
	for i := range 20000 {
		flood = wire.AppendRequest(flood, wire.Request{Index: uint32(i % tor.meta.Info.NumPieces()), Length: blockLen})
	}
	before := l.memory(seed)
	for range peers {
		p := l.greet(addr, tor.meta.InfoHash, false)
		l.must(p.interested(), p.SetWriteDeadline(time.Now().Add(20*time.Millisecond)))
		_, _ = p.Write(flood) // what the seed does not read stays in the kernel
	}
	after := l.memory(seed)
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr)
	l.Logf("%d peers that asked for 312 MiB each and read nothing: %.1f MiB before, %.1f MiB with them: %.1f KiB each", peers,
		float64(before)/(1<<20), float64(after)/(1<<20), float64(after-before)/peers/1024)
	if after-before > most {
		l.Errorf("%d bytes for %d peers, want at most %d", after-before, peers, most)
	}
}
