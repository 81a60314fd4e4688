package gnetio

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"spate/reactor/loop"
)

// dial is one attempt to connect, for the loop that asked.
type dial struct {
	l       *eventLoop
	addr    netip.AddrPort
	timeout time.Duration
	ctx     any
}

// dialPool runs up to MaxParallelDials dials, each in a goroutine that lives as
// long as there are dials, and queues up to MaxQueuedDials more.
type dialPool struct {
	net     *Network
	control func(network, address string, rc syscall.RawConn) error
	ctx     context.Context // ends with Stop
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex
	running int
	queue   []dial // from head on
	head    int
}

// start takes d, or says why not. The result goes to d's loop.
func (p *dialPool) start(d dial) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue)-p.head >= MaxQueuedDials {
		return loop.ErrLimit
	}
	if err := p.net.budget.take(); err != nil {
		return err
	}
	if p.running < MaxParallelDials {
		p.running++
		p.wg.Go(func() { p.work(d) })
		return nil
	}
	if p.head > 0 && len(p.queue) == cap(p.queue) {
		n := copy(p.queue, p.queue[p.head:])
		clear(p.queue[n:])
		p.queue, p.head = p.queue[:n], 0
	}
	p.queue = append(p.queue, d)
	return nil
}

// next takes the oldest of the queue, or ends its goroutine's turn.
func (p *dialPool) next() (d dial, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.head == len(p.queue) {
		p.running--
		return dial{}, false
	}
	d, p.queue[p.head] = p.queue[p.head], dial{}
	p.head++
	return d, true
}

func (p *dialPool) work(d dial) {
	for ok := true; ok; d, ok = p.next() {
		c, err := p.connect(d)
		if err != nil {
			p.net.budget.release()
			if scarce(err) {
				p.net.Shed(1)
			} else {
				p.net.count.dialFailed.Add(1)
			}
			d.l.postDialFailed(d.ctx, limited(err))
			continue
		}
		p.net.count.dialed.Add(1)
		d.l.enroller.put(arrival{conn: c, ctx: d.ctx, announce: true})
	}
}

// connect makes the TCP connection. KeepAlive is off: the protocol above has
// its own, and the kernel's costs three system calls a connection.
func (p *dialPool) connect(d dial) (*net.TCPConn, error) {
	dialer := net.Dialer{Timeout: d.timeout, KeepAlive: -1, Control: p.control}
	if source := p.net.cfg.Source; source != nil {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(source(), 0))
	}
	c, err := dialer.DialContext(p.ctx, "tcp", d.addr.String())
	if err != nil {
		if errors.Is(err, context.Canceled) || p.ctx.Err() != nil {
			return nil, loop.ErrClosed
		}
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// stop ends the dials under way and waits for their goroutines; each dial gets
// its DialFailed.
func (p *dialPool) stop() {
	p.cancel()
	p.wg.Wait()
}
