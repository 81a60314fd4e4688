package gnetio

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// After a failed accept the listener waits, from the first of these to the
// second: long enough not to spin on a full table of files, short enough that
// an operator who closes some sees new peers at once.
const (
	minAcceptWait = 5 * time.Millisecond
	maxAcceptWait = 500 * time.Millisecond
)

// maxTurnAway is how many peers are turned away between two waits: a backlog of
// them at the longest wait is 256 a second.
const maxTurnAway = 128

// acceptor is one listening socket with its goroutine.
type acceptor struct {
	net     *Network
	ln      *net.TCPListener
	accept  func() (*net.TCPConn, error) // of ln
	spare   *os.File                     // given up for a moment when there are no descriptors left
	closing chan struct{}
	done    chan struct{}
	wait    time.Duration
	shed    int64 // in the burst under way
}

// listen opens a listener. The options of its socket pass on to what it
// accepts, which saves the calls for each connection. Multipath TCP, the net
// package's default, stays off: nothing here was measured on its sockets.
func (n *Network) listen(addr string) (*acceptor, error) {
	lc := net.ListenConfig{KeepAlive: -1, Control: n.dials.control}
	lc.SetMultipathTCP(false)
	ln, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	a := &acceptor{net: n, ln: ln.(*net.TCPListener), closing: make(chan struct{}), done: make(chan struct{})}
	a.accept = a.ln.AcceptTCP
	a.holdSpare()
	return a, nil
}

// addr is where it listens.
func (a *acceptor) addr() netip.AddrPort { return unmapped(a.ln.Addr().(*net.TCPAddr)) }

// run accepts until stop. No error ends it: whoever asked to listen is not
// there to be told, and the cause (EMFILE, ENFILE, ENOBUFS, ENOMEM) passes.
func (a *acceptor) run() {
	defer close(a.done)
	for {
		c, err := a.accept()
		switch {
		case err == nil:
			a.accepted(c)
		case errors.Is(err, net.ErrClosed):
			a.dropSpare()
			return
		default:
			a.failed(err)
		}
	}
}

// accepted passes c to a loop, or closes it when the budget is used up.
func (a *acceptor) accepted(c *net.TCPConn) {
	a.wait = 0
	if err := a.net.budget.take(); err != nil {
		c.Close()
		a.shedOne(err)
		return
	}
	if a.shed > 0 {
		a.net.log.Warn("accepting again", zap.Int64("shed", a.shed))
		a.shed = 0
	}
	a.net.count.accepted.Add(1)
	a.net.nextLoop().enroller.put(arrival{conn: c, inbound: true})
}

// failed answers a failing accept, and waits before the next. A peer that came
// was turned away or waits in the backlog: either way there should be room soon.
func (a *acceptor) failed(err error) {
	before := a.shed
	if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) {
		a.turnAway(err)
	}
	if a.shed == before && scarce(err) {
		a.net.Shed(1)
	}
	a.wait = min(max(2*a.wait, minAcceptWait), maxAcceptWait)
	pause := time.NewTimer(a.wait)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-a.closing:
	}
}

// turnAway uses the spare descriptor to take waiting peers and close them: left
// in the backlog they would wait for nothing. There may be none, since the
// kernel looks for a descriptor before it looks for a peer. The spare one is
// away for no longer than the calls last, for others may be short as well.
func (a *acceptor) turnAway(why error) {
	rc, err := a.ln.SyscallConn()
	if err != nil {
		return
	}
	a.dropSpare()
	_ = rc.Control(func(fd uintptr) {
		for range maxTurnAway {
			peer, _, err := unix.Accept(int(fd))
			if err != nil {
				return
			}
			unix.Close(peer)
			a.shedOne(why)
		}
	})
	a.holdSpare()
}

// shedOne counts a peer that was turned away, and says so once a burst.
func (a *acceptor) shedOne(why error) {
	a.net.count.shed.Add(1)
	a.net.Shed(1)
	if a.shed++; a.shed == 1 {
		a.net.log.Warn("turning peers away", zap.Error(why))
	}
}

func (a *acceptor) holdSpare() {
	if a.spare == nil {
		a.spare, _ = os.Open(os.DevNull) // without one the peer stays in the backlog
	}
}

func (a *acceptor) dropSpare() {
	if a.spare != nil {
		a.spare.Close()
		a.spare = nil
	}
}

// stop closes the listener and waits for its goroutine.
func (a *acceptor) stop() {
	close(a.closing)
	a.ln.Close()
	<-a.done
}
