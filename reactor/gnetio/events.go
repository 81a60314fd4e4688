package gnetio

import (
	"errors"
	"fmt"
	"io"

	"github.com/panjf2000/gnet/v2"

	"spate/reactor/loop"
)

// bootstrap is the context of the connection that finds a loop's
// gnet.EventLoop, by which the loop wakes itself, and whose end is the loop's.
type bootstrap struct{}

// events is the handler that gnet drives. It tells connections apart by the
// context that they were enrolled with.
type events struct {
	*gnet.BuiltinEventEngine
	l *eventLoop
}

// OnOpen announces a connection that the enroller made.
func (e events) OnOpen(g gnet.Conn) ([]byte, gnet.Action) {
	l := e.l
	c, ok := g.Context().(*conn)
	if !ok {
		l.el = g.EventLoop()
		return nil, gnet.None
	}
	l.begin(c)
	c.g, c.fd, c.state, c.opened = g, g.Fd(), stateOpen, true
	c.place = len(l.conns)
	l.conns = append(l.conns, c)
	l.net.count.open.Add(1)
	l.onOpened(c)
	return nil, l.end()
}

// OnTraffic hands over what gnet has read. Everything is taken from gnet, which
// would otherwise copy it into a buffer without a limit.
func (e events) OnTraffic(g gnet.Conn) gnet.Action {
	data, err := g.Next(-1)
	c, ok := g.Context().(*conn)
	if !ok {
		return e.l.cycle()
	}
	if err != nil {
		return gnet.None
	}
	e.l.begin(c)
	e.l.onReadable(c, data)
	return e.l.end()
}

// OnClose ends a connection, whoever began it. gnet closes the descriptor when
// it returns.
func (e events) OnClose(g gnet.Conn, err error) gnet.Action {
	l := e.l
	c, ok := g.Context().(*conn)
	if !ok {
		l.endedByGnet()
		return gnet.None
	}
	l.begin(nil)
	moved := c.moved
	reason := c.reason
	if c.state != stateMarked {
		reason = closeReason(err)
	}
	l.forget(c)
	if !moved {
		l.net.budget.release()
		l.onClosed(c, reason)
	}
	l.end()
	return gnet.None
}

// closeReason is the reason of a close that was not asked for. gnet wraps
// io.EOF in a system call's error, and gives none when the loop ends.
func closeReason(err error) error {
	switch {
	case err == nil:
		return loop.ErrClosed
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return err
}

// forget takes c out of the loop's tables and makes its methods fail: after
// this turn the descriptor's number may be another's.
func (l *eventLoop) forget(c *conn) {
	l.unwatchWrites(c)
	last := l.conns[len(l.conns)-1]
	l.conns[c.place], last.place = last, c.place
	l.conns[len(l.conns)-1] = nil
	l.conns = l.conns[:len(l.conns)-1]
	c.g, c.fd, c.state = nil, -1, stateClosed
	l.net.count.open.Add(-1)
}

// closeAll closes every connection of the loop with reason.
func (l *eventLoop) closeAll(reason error) {
	for _, c := range l.conns {
		c.Close(reason)
	}
	l.closeMarked()
}

// finish has the loop end after the posts that were drained with it: it closes
// every connection, so that Closed comes while the loop still answers.
func (l *eventLoop) finish() {
	l.closeAll(loop.ErrClosed)
	l.ended = true
}

// shut refuses further posts, runs those that are left, and lets Stop go on.
func (l *eventLoop) shut() {
	l.gone = true
	for _, fn := range l.mail.stop() {
		l.run(fn)
		l.closeMarked()
	}
	close(l.dead)
}

// endedByGnet follows the close of the bootstrap connection: nobody but gnet's
// loop closes it, at its end. An end that Stop did not ask for is a failure.
func (l *eventLoop) endedByGnet() {
	if l.gone {
		return
	}
	l.net.fail(fmt.Errorf("event loop %d ended unasked", l.index))
	l.begin(nil)
	l.stopping, l.ended = true, true
	l.shut()
	l.end()
}
