package sim_test

import (
	"runtime"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/sim"
)

// greedy is a peer that asks for more than anybody queues, without end; that it
// does not read is its host's doing.
type greedy struct {
	loop   loop.Loop
	hash   metainfo.Hash
	id     [20]byte
	fast   bool
	asks   []byte // the same requests again and again, shared
	at     int    // of asks
	out    []byte // what goes before them
	asked  int    // bytes of requests
	closed error
}

func (g *greedy) Opened(c loop.Conn) {
	hs := wire.Handshake{InfoHash: g.hash, PeerID: g.id}
	if g.fast {
		hs.SetFast()
	}
	g.out = wire.AppendInterested(wire.AppendHandshake(nil, hs))
	g.Writable(c)
}

// mostAsked ends the requests of a peer, in bytes: 60,000 of them.
const mostAsked = 1 << 20

func (g *greedy) Writable(c loop.Conn) {
	for g.asked < mostAsked {
		n, err := c.Writev([][]byte{g.out, g.asks[g.at:]}, false)
		if err != nil {
			return
		}
		k := min(n, len(g.out))
		g.out = g.out[k:]
		g.asked += n - k
		g.at = (g.at + n - k) % len(g.asks)
	}
}

func (g *greedy) Readable(c loop.Conn, _ []byte) {
	var sink [64 << 10]byte
	if _, err := c.Readv([][]byte{sink[:]}); err != nil && err != loop.ErrAgain {
		c.Close(err)
	}
}

func (g *greedy) DialFailed(any, error)            {}
func (g *greedy) Closed(_ loop.Conn, reason error) { g.closed = reason }
func (g *greedy) Tick()                            {}

// TestNeverReads: peers that ask for everything and read nothing cost the seed
// a bounded number of bytes each, do not hold up others, and are closed in the
// end.
func TestNeverReads(t *testing.T) {
	const (
		peers  = 300
		socket = 16 << 10 // each of send buffer and window
		// A queue of 1024 requests of 12 bytes, at most twice that while it
		// grows, what the peer and its connection are, and what is under way
		// in both directions.
		most = 40<<10 + 4*socket
	)
	content := sim.NewContent(10, 64<<10, 8*64<<10)
	var asks []byte
	for i := range uint32(100) {
		asks = wire.AppendRequest(asks, wire.Request{Index: i / 4 % 8, Begin: i % 4 << 14, Length: 1 << 14})
	}
	for _, fastExtension := range []bool{false, true} {
		s := gather(t, sim.Config{Seed: 1, SendBuffer: socket, Window: socket}, content,
			crowd(1, role{host: sim.HostConfig{Latency: time.Millisecond}}, role{host: fast, late: time.Minute})...)
		s.w.RunFor(time.Second)
		seed := s.clients[0]
		before := heap()
		var all []*greedy
		for i := range peers {
			g := &greedy{hash: content.Meta().InfoHash, id: [20]byte{1, byte(i), byte(i >> 8)}, fast: fastExtension, asks: asks}
			h := s.w.Host(sim.HostConfig{})
			if err := h.Start(1, func(l loop.Loop) loop.Handler { g.loop = l; return g }); err != nil {
				t.Fatal(err)
			}
			h.Deafen(true)
			g.loop.Post(func() { g.loop.Dial(addr(seed), time.Minute, nil) })
			all = append(all, g)
		}
		s.w.RunFor(10 * time.Second)
		// With the fast extension every request too many is answered, until the
		// answers are too many as well.
		if n := seed.machine.Conns(); !fastExtension && n != peers || fastExtension && n != 0 {
			t.Fatalf("%d connections to the seed, fast extension: %v\n%s", n, fastExtension, s.state())
		}
		if each := int64(heap()-before) / peers; each > most {
			t.Errorf("a peer that does not read costs %d bytes, want %d at most", each, most)
		}
		if n := seed.buffers.InUse(); n != 0 {
			t.Errorf("%d bytes of buffers are in use for peers that do not read", n)
		}
		if up := seed.torrent.Stats().Uploaded; up > peers*2*socket {
			t.Errorf("%d bytes were sent to peers that do not read", up)
		}
		s.finish(10*time.Minute, s.clients...)
		s.w.RunFor(10 * time.Minute)
		if n := seed.torrent.Stats().Peers; n > 1 {
			t.Errorf("%d of them are still there after ten minutes\n%s", n, s.state())
		}
		s.end()
		runtime.KeepAlive(all)
	}
}

// heap is the number of bytes in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
