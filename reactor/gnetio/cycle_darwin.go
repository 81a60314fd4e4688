package gnetio

import (
	"context"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// startCycle has nothing to do: gnet waits, and is woken by tasks.
func (l *eventLoop) startCycle() error { return nil }

// cycle follows again.
func (l *eventLoop) cycle() gnet.Action {
	_ = l.Run(context.Background()) // never fails
	return gnet.None
}

// wake has gnet run drain on the loop.
func (l *eventLoop) wake() error {
	return l.el.Execute(context.Background(), l)
}

// Run implements gnet.Runnable.
func (l *eventLoop) Run(context.Context) error {
	l.drain()
	if l.mail.settled() {
		l.again()
	}
	return nil
}

// again has drain run after the socket events that wait, by way of the
// bootstrap connection: gnet runs all of its tasks, and those that they add,
// before it looks at sockets again, so that a loop which posts to itself would
// starve its connections.
func (l *eventLoop) again() {
	if _, err := unix.Write(l.bootFD, []byte{0}); err != nil {
		_ = l.wake() // fails only when the loop has ended
	}
}
