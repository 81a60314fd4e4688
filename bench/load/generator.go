package load

import (
	"sync"
	"time"

	"spate/proto/wire"
	"spate/reactor/loop"
)

// Generator is a running load. Its methods are safe from any goroutine but
// those of its loops.
type Generator struct {
	cfg      Config
	shards   []*shard
	complete chan struct{}

	mu     sync.Mutex
	begun  bool
	begin  time.Duration // of the first connection, on the network's clock
	ended  bool
	took   time.Duration // from begin until the target was complete
	reason error         // of the last connection that failed or ended
}

// Snapshot is what a load has done since its start. Bytes are of payload.
type Snapshot struct {
	// At is when it was taken, on the network's clock.
	At time.Duration
	// Bytes is what has arrived whole (leechers) or was handed to the kernel
	// (seeders), over all connections; PerConn is the same by connection.
	Bytes   int64
	PerConn []int64
	// Connected counts connections with both handshakes done, and Unchoked
	// those of them that the target lets download, or that want to (seeders).
	Connected, Unchoked int
	// Rejects counts refused requests; Surplus is bytes that were not asked
	// for, or were more than once.
	Rejects, Surplus int64
	// Failed counts dials that did not connect, and Disconnects connections
	// that ended.
	Failed, Disconnects int64
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

// Snapshot asks every loop. After Stop it is empty.
func (g *Generator) Snapshot() Snapshot {
	all := Snapshot{PerConn: make([]int64, g.cfg.Conns)}
	for _, s := range g.shards {
		answer := make(chan Snapshot, 1)
		if !s.loop.Post(func() { answer <- s.snapshot(all.PerConn) }) {
			continue
		}
		select {
		case one := <-answer:
			all.add(one)
		case <-g.cfg.Network.Failed():
		}
	}
	return all
}

func (s *Snapshot) add(o Snapshot) {
	s.At = max(s.At, o.At)
	s.Bytes += o.Bytes
	s.Connected += o.Connected
	s.Unchoked += o.Unchoked
	s.Rejects += o.Rejects
	s.Surplus += o.Surplus
	s.Failed += o.Failed
	s.Disconnects += o.Disconnects
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

// handshake is ours, with what a role announces.
func (g *Generator) handshake(extensions bool) wire.Handshake {
	h := wire.Handshake{InfoHash: g.cfg.Torrent.InfoHash, PeerID: peerID(g.cfg.Draw)}
	h.SetFast()
	if extensions {
		h.SetExtensions()
	}
	return h
}
