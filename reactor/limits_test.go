package reactor_test

import (
	"bytes"
	"net/netip"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor"
	"spate/reactor/swarm"
)

// seeding starts an engine that serves one file.
func seeding(tb testing.TB, size int, cfg reactor.Config) (*reactor.Engine, *reactor.Torrent, []byte) {
	tb.Helper()
	dir := tb.TempDir()
	meta, data := content(tb, dir, "file.bin", size, 256<<10)
	e := start(tb, cfg)
	t, err := e.Add(meta, reactor.AddOptions{Dir: dir, SeedOnly: true})
	if err != nil {
		tb.Fatal(err)
	}
	select {
	case <-t.Complete():
	case <-time.After(time.Minute):
		tb.Fatal("not ready")
	}
	return e, t, data
}

// eventually polls a condition of the running engine.
func eventually(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); !cond(); {
		if time.Now().After(deadline) {
			tb.Fatalf("never: %s", what)
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

func TestGoroutinesDoNotGrowWithPeers(t *testing.T) {
	e, seed, _ := seeding(t, 1<<20, reactor.Config{Loops: 2})
	connect := func(from, to int) {
		for i := from; i < to; i++ {
			greet(t, at(e), seed.Meta().InfoHash, i, false)
		}
		eventually(t, "all connected", func() bool { return seed.Stats().Peers == to })
	}
	connect(0, 2)
	few := runtime.NumGoroutine()
	connect(2, 2000)
	// Goroutines that enroll a connection stay in a pool for a few seconds.
	var many int
	eventually(t, "as many goroutines with 2,000 peers as with 2", func() bool {
		many = runtime.NumGoroutine()
		return many <= few+2
	})
	if s := e.Stats().Network; s.Open != 2000 || s.Accepted != 2000 {
		t.Errorf("%d connections are open and %d were accepted, want 2000", s.Open, s.Accepted)
	}
	t.Logf("goroutines: %d with 2 peers, %d with 2,000", few, many)
}

// TestPeerThatNeverReadsCostsLittle: what is kept of those that ask and never
// read is bounded by peer with the fast extension, and without it, where
// requests must not be dropped silently, by loop.
func TestPeerThatNeverReadsCostsLittle(t *testing.T) {
	check := func(name string, fast bool, peers, requests, most int) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			e, seed, _ := seeding(t, 8<<20, reactor.Config{Loops: 1})
			before := heap()
			var flood []byte
			for i := range requests {
				flood = wire.AppendRequest(flood, wire.Request{Index: uint32(i % 32), Length: 16 << 10})
			}
			for i := range peers {
				p := greet(t, at(e), seed.Meta().InfoHash, i, fast)
				p.unchoked()
				// What the engine does not read stays in the kernel: the write
				// ends by its deadline.
				_ = p.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
				_, _ = p.Write(flood)
			}
			total := int(heap()-before) - len(flood)
			t.Logf("%d peers that each asked for %d MiB and read nothing cost %d KiB of heap, %d bytes each",
				peers, requests>>6, total>>10, total/peers)
			if total > most+runBuffer {
				t.Errorf("%d bytes, want at most %d", total, most+runBuffer)
			}
		})
	}
	check("fast", true, 100, 4*swarm.ReqQ, 100*(swarm.ReqQ*(12+3*17)+20<<10))
	check("plain, few requests", false, 100, swarm.ReqQ, 100*(swarm.ReqQ*16+20<<10))
	check("plain, many requests", false, 150, 20*swarm.ReqQ, 16<<20)
}

// runBuffer is what a loop has once, from the first block on: the buffer in which
// a run of blocks is put together.
const runBuffer = 1<<20 + 64<<10

// heap is the heap in use, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

// TestOverflowingRequestsAreServed: a peer without the fast extension that asks
// for more than is kept is choked and unchoked, so that it knows to ask again.
func TestOverflowingRequestsAreServed(t *testing.T) {
	e, seed, data := seeding(t, 1<<20, reactor.Config{Loops: 1})
	p := greet(t, at(e), seed.Meta().InfoHash, 1, false)
	p.unchoked()
	var flood []byte
	for range 200 << 10 {
		flood = wire.AppendRequest(flood, wire.Request{Index: 1, Length: 16 << 10})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = p.Write(flood)
	}()
	for {
		id, _ := p.next()
		if id == wire.MsgChoke {
			break
		}
	}
	for {
		id, _ := p.next()
		if id == wire.MsgUnchoke {
			break
		}
	}
	<-done
	p.send(wire.AppendRequest(nil, wire.Request{Index: 2, Begin: 16 << 10, Length: 16 << 10}))
	for {
		id, body := p.next()
		if r := wire.DecodePiece(body, uint32(len(body)+1)); id == wire.MsgPiece && r.Index == 2 {
			if at := 2*256<<10 + 16<<10; !bytes.Equal(body[8:], data[at:at+16<<10]) {
				t.Error("wrong bytes")
			}
			return
		}
	}
}

func TestNoContentionOnTheWayOfABlock(t *testing.T) {
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	e, seed, _ := seeding(t, 64<<20, reactor.Config{Loops: 2})
	leecher := start(t, reactor.Config{Loops: 2})
	got, err := leecher.Add(seed.Meta(), reactor.AddOptions{Dir: t.TempDir(), Peers: []netip.AddrPort{at(e)}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-got.Complete():
	case <-time.After(time.Minute):
		t.Fatal("not complete")
	}
	var out bytes.Buffer
	if err := pprof.Lookup("mutex").WriteTo(&out, 1); err != nil {
		t.Fatal(err)
	}
	for _, stack := range strings.Split(out.String(), "\n\n") {
		for _, fn := range []string{"(*Peer).flush", "(*Peer).OnPiece", "(*Peer).OnBlock", "(*Peer).OnRequest", "(*Peer).request"} {
			if strings.Contains(stack, fn) && !strings.Contains(stack, "(*Torrent).finish") {
				t.Errorf("contention on the way of a block:\n%s", stack)
			}
		}
	}
}
