package gnetio

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"spate/reactor/loop"
)

// errNotEnrolled says that gnet dropped a socket without a word: its poller did
// not take the descriptor.
var errNotEnrolled = errors.New("socket could not be watched")

// arrival is a connected socket on its way to a loop. It holds one descriptor
// of the budget.
type arrival struct {
	conn     *net.TCPConn // accepted or dialed; nil when moved
	fd       int          // the duplicate of a moved one
	ctx      any
	inbound  bool
	announce bool // the handler hears of a failure
}

const (
	// maxEnrolls is how many arrivals of a loop are enrolled at a time. Each
	// waits for the loop to end its round, of 2 ms and more when it is busy, so
	// this many come in with each; it needs a goroutine for each meanwhile.
	maxEnrolls = 128
	// connsPerEnroll is for how many connections of the budget one enroll at a
	// time is allowed: gnet duplicates each descriptor, so that a storm of
	// arrivals needs as many beyond the budget.
	connsPerEnroll = 64
)

// enroller brings arrivals into its loop, a few at a time: a goroutine a loop,
// and others only while a storm of arrivals lasts. The queue is bounded by the
// budget.
type enroller struct {
	l      *eventLoop
	mu     sync.Mutex
	queue  []arrival
	closed bool
	wake   chan struct{} // capacity 1
	done   chan struct{} // closed when run has returned
}

func (e *enroller) init(l *eventLoop) {
	e.l = l
	e.wake = make(chan struct{}, 1)
	e.done = make(chan struct{})
}

// put queues an arrival. It must not follow close.
func (e *enroller) put(a arrival) {
	e.mu.Lock()
	e.queue = append(e.queue, a)
	e.mu.Unlock()
	e.signal()
}

// close has run return once the queue is empty.
func (e *enroller) close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.signal()
}

func (e *enroller) signal() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *enroller) run() {
	defer close(e.done)
	var batch []arrival
	for range e.wake {
		e.mu.Lock()
		batch, e.queue = e.queue, reuse(batch)
		closed := e.closed
		e.mu.Unlock()
		e.takeAll(batch)
		if closed {
			return
		}
	}
}

// takeAll enrolls a batch, several at a time.
func (e *enroller) takeAll(batch []arrival) {
	workers := min(len(batch), maxEnrolls, 1+int(e.l.net.budget.max)/connsPerEnroll)
	if workers < 2 {
		for _, a := range batch {
			e.take(a)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(batch)); i = next.Add(1) - 1 {
				e.take(batch[i])
			}
		})
	}
	wg.Wait()
}

// take enrolls one arrival, and says so when that fails.
func (e *enroller) take(a arrival) {
	err := e.enroll(a)
	if err == nil {
		return
	}
	e.l.net.budget.release()
	e.l.net.log.Debug("enrolling a connection", zap.Error(err))
	if scarce(err) {
		e.l.net.Shed(1)
	}
	if a.announce {
		e.l.postDialFailed(a.ctx, limited(err))
	}
}

// enroll returns once the loop has opened the connection.
func (e *enroller) enroll(a arrival) error {
	tc := a.conn
	if tc == nil {
		var err error
		if tc, err = tcpConn(a.fd); err != nil {
			return err
		}
	}
	remote, local, ok := endpoints(tc)
	if !ok {
		tc.Close()
		return fmt.Errorf("socket lost its peer: %w", net.ErrClosed)
	}
	c := &conn{l: e.l, ctx: a.ctx, inbound: a.inbound, remote: remote, local: local, lowWater: 1, fd: -1}
	select {
	case <-e.l.dead: // gnet would wait for a loop that is no more
		tc.Close()
		return loop.ErrClosed
	default:
	}
	e.l.awake.Add(1)
	defer e.l.awake.Add(-1)
	if _, err := e.l.client.EnrollContext(tc, c); err != nil {
		return err
	}
	if c.opened {
		return nil
	}
	return errNotEnrolled
}

// tcpConn makes a connection of a bare descriptor, which it takes over. The net
// package turns keep-alive on for it: the engine has its own.
func tcpConn(fd int) (*net.TCPConn, error) {
	f := os.NewFile(uintptr(fd), "moved")
	nc, err := net.FileConn(f)
	f.Close()
	if err != nil {
		return nil, err
	}
	tc, ok := nc.(*net.TCPConn)
	if !ok {
		nc.Close()
		return nil, fmt.Errorf("descriptor %d is no TCP socket", fd)
	}
	return tc, tc.SetKeepAlive(false)
}

// endpoints reads the addresses before gnet does. A socket whose peer has gone
// may have none, which gnet takes for granted; and gnet puts the memory of an
// IPv6 zone's name, which belongs to the net package, into a pool of buffers
// when the connection closes, so it is not shown any.
func endpoints(c *net.TCPConn) (remote, local netip.AddrPort, ok bool) {
	r, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return remote, local, false
	}
	l, ok := c.LocalAddr().(*net.TCPAddr)
	if !ok {
		return remote, local, false
	}
	remote, local = unmapped(r), unmapped(l)
	r.Zone, l.Zone = "", ""
	return remote, local, true
}

func unmapped(a *net.TCPAddr) netip.AddrPort {
	ap := a.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
