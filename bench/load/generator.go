package load

import (
	"sync"
	"sync/atomic"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// Generator is a running load. Its methods are safe from any goroutine but
// those of its loops.
type Generator struct {
	cfg       Config
	shards    []*shard
	complete  chan struct{}
	connected atomic.Int64 // connections with both handshakes done
	sent      atomic.Int64 // bytes of payload by seeders

	mu      sync.Mutex
	dialed  bool
	first   time.Duration // when the first dial began, on the network's clock
	settled time.Duration // from first until all were connected
	begun   bool
	begin   time.Duration // of the first connection
	ended   bool
	took    time.Duration // from begin until the target was complete
	reason  error         // of the last connection that failed or ended
}

// Start dials. The generator is the caller's to Stop.
func Start(cfg Config) (*Generator, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	g := &Generator{cfg: cfg, complete: make(chan struct{})}
	err = cfg.Network.Start(cfg.Loops, func(l loop.Loop) loop.Handler {
		s := newShard(g, l)
		g.shards = append(g.shards, s)
		return s
	})
	if err != nil {
		return nil, err
	}
	for _, s := range g.shards {
		s.loop.Post(s.dialNext)
	}
	return g, nil
}

// ask runs fn on a shard's loop and waits for it. It is false when the loop has
// stopped.
func (g *Generator) ask(s *shard, fn func()) bool {
	done := make(chan struct{})
	if !s.loop.Post(func() { defer close(done); fn() }) {
		return false
	}
	select {
	case <-done:
		return true
	case <-g.cfg.Network.Failed():
		return false
	}
}

// Snapshot asks every loop. After Stop it is empty.
func (g *Generator) Snapshot() Snapshot {
	all := newSnapshot()
	all.PerConn = make([]int64, g.cfg.Conns)
	for _, s := range g.shards {
		var one Snapshot
		if g.ask(s, func() { one = s.snapshot(all.PerConn) }) {
			all.add(one)
		}
	}
	g.mu.Lock()
	all.Settled = g.settled
	g.mu.Unlock()
	return all
}

// Reset forgets the times of requests recorded so far, at the end of a warm-up.
// All else goes on: a measurement is the difference of two Snapshots.
func (g *Generator) Reset() {
	for _, s := range g.shards {
		g.ask(s, s.total.forget)
	}
}

// Complete is closed once the target has all of the torrent.
func (g *Generator) Complete() <-chan struct{} { return g.complete }

// Took is the time from the first connection until the target was complete; 0
// before.
func (g *Generator) Took() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.took
}

// Reason is why the last connection that failed or ended did so; nil when none
// has.
func (g *Generator) Reason() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reason
}

// Stop closes all connections and ends the network.
func (g *Generator) Stop() error { return g.cfg.Network.Stop() }

func (g *Generator) dialing(now time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.dialed {
		g.dialed, g.first = true, now
	}
}

// rampFrom is when the first dial began.
func (g *Generator) rampFrom() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.first
}

// greeted counts connections with both handshakes done, up or down.
func (g *Generator) greeted(change int64, now time.Duration) {
	if g.connected.Add(change) < int64(g.cfg.Conns) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.settled == 0 {
		g.settled = now - g.first
	}
}

func (g *Generator) started(now time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.begun {
		g.begun, g.begin = true, now
	}
}

func (g *Generator) completed(now time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.ended, g.took = true, now-g.begin
		close(g.complete)
	}
}

func (g *Generator) isComplete() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

func (g *Generator) failed(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reason = reason
}

// handshake is ours for a torrent, with what a role announces.
func (g *Generator) handshake(t *metainfo.Torrent, extensions bool) wire.Handshake {
	h := wire.Handshake{InfoHash: t.InfoHash, PeerID: peerID(g.cfg.Draw)}
	h.SetFast()
	if extensions {
		h.SetExtensions()
	}
	return h
}
