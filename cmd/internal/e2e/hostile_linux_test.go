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
	stays bool // the connection need not end
}

var insults = []insult{
	{"random bytes", true, func(*torrent) []byte { return noise(1000) }, false},
	{"an HTTP request", true, func(*torrent) []byte { return []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }, false},
	{"another protocol's length", true, func(*torrent) []byte { return append([]byte{20}, noise(67)...) }, false},
	{"an unknown info-hash", true, func(*torrent) []byte {
		return wire.AppendHandshake(nil, wire.Handshake{InfoHash: [20]byte(noise(20))})
	}, false},
	{"a message of 4 GiB", false, func(*torrent) []byte { return []byte{0xff, 0xff, 0xff, 0xff, 4} }, false},
	{"a message of 2 GiB", false, func(*torrent) []byte { return []byte{0x7f, 0xff, 0xff, 0xff, 20} }, false},
	{"a piece message of 1 MiB", false, func(*torrent) []byte { return wire.AppendPieceHeader(nil, 0, 0, 1<<20) }, false},
	{"a piece message without a block", false, func(*torrent) []byte { return []byte{0, 0, 0, 3, 7, 0, 0} }, false},
	{"a have of 2 bytes", false, func(*torrent) []byte { return []byte{0, 0, 0, 3, 4, 0, 0} }, false},
	{"a have beyond the end", false, func(t *torrent) []byte { return wire.AppendHave(nil, uint32(t.meta.Info.NumPieces())) }, false},
	{"a have of the last index", false, func(*torrent) []byte { return wire.AppendHave(nil, 1<<32-1) }, false},
	{"a bitfield too long", false, func(t *torrent) []byte {
		return wire.AppendBitfield(nil, make([]byte, t.meta.Info.NumPieces()/8+2))
	}, false},
	{"a bitfield too short", false, func(*torrent) []byte { return wire.AppendBitfield(nil, nil) }, false},
	{"a bitfield with spare bits", false, func(t *torrent) []byte {
		return wire.AppendBitfield(nil, slices.Repeat([]byte{0xff}, (t.meta.Info.NumPieces()+7)/8))
	}, false},
	{"a request beyond the piece", false, asking(func(t *torrent) wire.Request {
		return wire.Request{Index: 0, Begin: uint32(t.meta.Info.PieceLength), Length: blockLen}
	}), false},
	{"a request whose end wraps round", false, asking(func(*torrent) wire.Request {
		return wire.Request{Index: 0, Begin: 1<<32 - 1<<14, Length: blockLen}
	}), false},
	{"a request of an unknown piece", false, asking(func(t *torrent) wire.Request {
		return wire.Request{Index: uint32(t.meta.Info.NumPieces()), Length: blockLen}
	}), false},
	{"a request of nothing", false, asking(func(*torrent) wire.Request { return wire.Request{} }), false},
	{"a request of 64 MiB", false, asking(func(*torrent) wire.Request { return wire.Request{Length: 64 << 20} }), false},
	{"a second handshake", false, func(t *torrent) []byte {
		return wire.AppendHandshake(nil, wire.Handshake{InfoHash: t.meta.InfoHash})
	}, false},
	{"an extension handshake that is no dictionary", false, func(*torrent) []byte {
		return wire.AppendExtended(nil, 0, []byte("i1e"))
	}, false},
	{"an extension handshake nested 100,000 deep", false, func(*torrent) []byte {
		return wire.AppendExtended(nil, 0, slices.Repeat([]byte("l"), 100000))
	}, false},
	{"a piece nobody asked for", false, func(t *torrent) []byte {
		return append(wire.AppendPieceHeader(nil, 1, 0, blockLen), make([]byte, blockLen)...)
	}, true},
	{"a cancel of what was not asked for", false, func(*torrent) []byte {
		return wire.AppendCancel(nil, wire.Request{Length: blockLen})
	}, true},
	{"an unknown message", false, func(*torrent) []byte { return []byte{0, 0, 0, 2, 99, 0} }, true},
	{"100,000 keep-alives", false, func(*torrent) []byte { return make([]byte, 400000) }, true},
}

func asking(of func(*torrent) wire.Request) func(*torrent) []byte {
	return func(t *torrent) []byte { return wire.AppendRequest(wire.AppendInterested(nil), of(t)) }
}

// suffer sends an insult to a process and demands what follows.
func (l *lab) suffer(addr string, tor *torrent, in insult) error {
	l.Helper()
	p := &rawPeer{Conn: l.dial(addr)}
	defer p.Close()
	if !in.raw {
		for _, err := range []error{p.handshake(tor.meta.InfoHash, true), p.readHandshake()} {
			if err != nil {
				return err
			}
		}
	}
	_ = p.send(in.bytes(tor)) // fails when the other end hangs up in the middle
	if in.stays {
		return nil
	}
	return p.closed()
}

// TestHostilePeers: whatever one connection brings, only that one is lost.
func TestHostilePeers(t *testing.T) {
	l := parallel(t)
	tor := l.single(3<<20-80000, 64<<10) // 47 pieces: a bitfield has a spare bit
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	honest := l.greet(seed.ready(), tor.meta.InfoHash, false)
	l.must(honest.interested())
	get := l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--down-limit", "1MiB", "--peer", seed.addr().String())
	for _, to := range []*process{seed, get} {
		addr := to.ready()
		for i, in := range insults {
			if err := l.suffer(addr, tor, in); err != nil {
				l.Errorf("%s, to %s: %v", in.what, to.command, err)
			}
			to.alive()
			if err := honest.fetch(tor, i%tor.meta.Info.NumPieces()); err != nil {
				l.Fatalf("after %s: the honest peer: %v", in.what, err)
			}
		}
		l.Logf("%s: %d insults: %s", to.command, len(insults), l.weight(to))
	}
	get.exits(0)
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
