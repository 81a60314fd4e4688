package gnetio

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"spate/reactor/loop"
)

// ErrStarted says that a network was started before: each runs once.
var ErrStarted = errors.New("network was started before")

// ErrLoops says that the number of loops is out of its range.
var ErrLoops = fmt.Errorf("number of loops is not between 1 and %d", MaxLoops)

// Stats are counts since the start, but for Open.
type Stats struct {
	Accepted   int64 // connections accepted and kept
	Shed       int64 // connections turned away for want of descriptors
	Dialed     int64 // dials that connected
	DialFailed int64 // dials that did not connect, but for those refused by a limit
	Open       int64 // connections open at this moment
	Moves      int64 // connections handed to another loop
	Panics     int64 // panics of a handler or posted function
}

// Network is a set of gnet loops. It implements loop.Network and runs once.
type Network struct {
	cfg    Config
	log    *zap.Logger
	epoch  time.Time
	pace   loop.Pace
	budget budget
	dials  dialPool
	count  struct {
		accepted, shed, dialed, dialFailed, open, moves, panics atomic.Int64
	}

	loops    []*eventLoop
	public   []loop.Loop
	turn     atomic.Uint32 // round robin of accepted connections
	shedding atomic.Uint32 // the same of those to be given up
	ticker   chan struct{} // closed to end the ticker
	ticked   chan struct{} // closed when it has ended
	stirred  chan struct{} // wakes the ticker, which sleeps while
	resting  atomic.Bool   // this is set

	mu        sync.Mutex // guards what follows
	started   bool
	stopped   bool
	acceptors []*acceptor

	failOnce sync.Once
	failed   chan struct{}
	err      atomic.Pointer[error]
}

var _ loop.Network = (*Network)(nil)

func newNetwork(cfg Config) *Network {
	n := &Network{
		cfg:     cfg,
		log:     cfg.Logger,
		budget:  budget{max: int64(cfg.MaxConns)},
		failed:  make(chan struct{}),
		ticker:  make(chan struct{}),
		ticked:  make(chan struct{}),
		stirred: make(chan struct{}, 1),
	}
	n.dials.net = n
	n.dials.control = socketOptions(cfg.Congestion)
	n.dials.ctx, n.dials.cancel = context.WithCancel(context.Background())
	return n
}

// MaxConns is the limit of connections in force: Config.MaxConns, or less when
// the limit of open files does not allow it.
func (n *Network) MaxConns() int { return n.cfg.MaxConns }

// Start implements loop.Network, with 1 to MaxLoops loops. Each handler is made
// on the caller's goroutine.
func (n *Network) Start(loops int, handler func(loop.Loop) loop.Handler) error {
	if loops < 1 || loops > MaxLoops {
		return ErrLoops
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.started {
		return ErrStarted
	}
	n.started = true
	n.epoch = time.Now()
	for i := range loops {
		l := newEventLoop(n, i)
		if err := l.boot(); err != nil {
			n.stopped = true
			for _, l := range n.loops {
				l.gone = true
				err = errors.Join(err, l.halt())
			}
			n.loops, n.public = nil, nil
			return err
		}
		n.loops = append(n.loops, l)
		n.public = append(n.public, l)
	}
	for _, l := range n.loops {
		l.handler = handler(l)
	}
	for _, l := range n.loops {
		go l.enroller.run()
		l.mail.open(l.wake)
	}
	go n.tick()
	return nil
}

// Loops implements loop.Network.
func (n *Network) Loops() []loop.Loop { return n.public }

// nextLoop spreads accepted connections.
func (n *Network) nextLoop() *eventLoop {
	return n.loops[int(n.turn.Add(1)-1)%len(n.loops)]
}

// Listen implements loop.Network. With an empty host it accepts IPv4 and IPv6.
func (n *Network) Listen(addr string) (netip.AddrPort, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.started || n.stopped {
		return netip.AddrPort{}, loop.ErrClosed
	}
	a, err := n.listen(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n.acceptors = append(n.acceptors, a)
	go a.run()
	return a.addr(), nil
}

// StopListening implements loop.Network.
func (n *Network) StopListening() {
	n.mu.Lock()
	acceptors := n.acceptors
	n.acceptors = nil
	n.mu.Unlock()
	for _, a := range acceptors {
		a.stop()
	}
}

// Failed implements loop.Network.
func (n *Network) Failed() <-chan struct{} { return n.failed }

// Err implements loop.Network.
func (n *Network) Err() error {
	if err := n.err.Load(); err != nil {
		return *err
	}
	return nil
}

func (n *Network) fail(err error) {
	n.failOnce.Do(func() {
		n.log.Error("network failed", zap.Error(err))
		n.err.Store(&err)
		close(n.failed)
	})
}

// LoopStats returns the load of each loop, by index. Safe from any goroutine
// once Start has returned.
func (n *Network) LoopStats() []LoopStats {
	all := make([]LoopStats, len(n.loops))
	for i, l := range n.loops {
		all[i] = l.load.stats()
	}
	return all
}

// Stats returns the counts so far. Safe from any goroutine.
func (n *Network) Stats() Stats {
	return Stats{
		Accepted:   n.count.accepted.Load(),
		Shed:       n.count.shed.Load(),
		Dialed:     n.count.dialed.Load(),
		DialFailed: n.count.dialFailed.Load(),
		Open:       n.count.open.Load(),
		Moves:      n.count.moves.Load(),
		Panics:     n.count.panics.Load(),
	}
}
