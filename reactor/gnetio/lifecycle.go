package gnetio

import (
	"errors"
	"net"
	"os"

	"github.com/panjf2000/gnet/v2"
	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"spate/reactor/pipes"
)

// boot starts the loop's gnet client and finds its gnet.EventLoop by enrolling
// one end of a pair of sockets.
func (l *eventLoop) boot() error {
	near, far, err := connPair()
	if err != nil {
		return err
	}
	l.bootFD = far
	l.client, err = gnet.NewClient(events{l: l},
		gnet.WithNumEventLoop(1),
		gnet.WithReadBufferCap(l.net.cfg.ReadBuffer),
		gnet.WithTCPNoDelay(gnet.TCPDelay), // leaves the option alone: the net package has turned it on
		gnet.WithLogger(gnetLogger(l.net.log).Sugar()))
	if err == nil {
		err = l.client.Start()
	}
	if err != nil {
		return errors.Join(err, near.Close(), unix.Close(far))
	}
	if l.watch, err = newWriteWatch(&l.mail); err != nil {
		return errors.Join(err, near.Close(), l.client.Stop(), unix.Close(far))
	}
	if l.pipes, err = pipes.NewSender(); err != nil {
		l.pipes = nil // what lies in pipes is copied
	}
	if l.gather, err = pipes.NewGather(); err != nil {
		l.gather = nil // frames are unfit
	}
	if _, err = l.client.EnrollContext(near, bootstrap{}); err != nil {
		return errors.Join(err, l.halt())
	}
	if err := l.startCycle(); err != nil {
		return errors.Join(err, l.halt())
	}
	return nil
}

// gnetLogger is what gnet writes to. What it says below an error (that it
// starts; that an event came for a descriptor which the same turn had closed)
// is for those who look for a fault, not for operators.
func gnetLogger(log *zap.Logger) *zap.Logger {
	log = log.Named("gnet")
	if core := log.Core(); core.Enabled(zap.DebugLevel) || !core.Enabled(zap.ErrorLevel) {
		return log
	}
	return log.WithOptions(zap.IncreaseLevel(zap.ErrorLevel))
}

// halt ends the loop's goroutines and closes its descriptors.
func (l *eventLoop) halt() error {
	l.awake.Add(1)
	err := l.client.Stop()
	l.watch.close()
	if l.pipes != nil {
		l.pipes.Close()
	}
	if l.gather != nil {
		l.gather.Close()
	}
	return errors.Join(err, os.NewSyscallError("close", unix.Close(l.bootFD)))
}

// connPair makes a pair of connected sockets: one as gnet wants it, and the
// other's descriptor.
func connPair() (near net.Conn, far int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, -1, os.NewSyscallError("socketpair", err)
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	f := os.NewFile(uintptr(fds[0]), "bootstrap")
	near, err = net.FileConn(f)
	f.Close()
	if err != nil {
		unix.Close(fds[1])
		return nil, -1, err
	}
	return near, fds[1], nil
}

// Stop implements loop.Network. It ends, in this order, what brings
// connections, the dials, the arrivals, the connections, and the loops, so
// that each step's results still find the next one at work. It must not be
// called from a loop's goroutine.
func (n *Network) Stop() error {
	n.mu.Lock()
	if !n.started || n.stopped {
		n.mu.Unlock()
		return nil
	}
	n.stopped = true
	n.mu.Unlock()

	n.StopListening()
	n.onLoops(func(l *eventLoop) { l.stopping = true }) // no dials, no moves
	n.dials.stop()
	for _, l := range n.loops {
		l.enroller.close()
		select {
		case <-l.enroller.done:
		case <-l.dead: // its goroutine waits for a loop that is no more
		}
	}
	for _, l := range n.loops {
		l.Post(l.finish)
	}
	close(n.ticker)
	<-n.ticked
	var errs []error
	for _, l := range n.loops {
		<-l.dead
		errs = append(errs, l.halt())
	}
	return errors.Join(errs...)
}

// onLoops runs fn on each loop that is alive and waits for all.
func (n *Network) onLoops(fn func(*eventLoop)) {
	ran := make(chan struct{}, len(n.loops))
	for _, l := range n.loops {
		if !l.Post(func() { fn(l); ran <- struct{}{} }) {
			ran <- struct{}{}
		}
	}
	for range n.loops {
		<-ran
	}
}
