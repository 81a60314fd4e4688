package gnetio

import (
	"errors"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

// scarce tells whether err says that descriptors, or the kernel's memory for
// sockets, are used up: nothing is wrong with what was asked for, and the same
// works once others have given theirs back.
func scarce(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) ||
		errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.ENOMEM)
}

// limited is what the handler is told of an arrival that failed.
func limited(err error) error {
	if scarce(err) {
		return loop.ErrLimit
	}
	return err
}

// Shed asks the handlers to give up n connections, in turn: descriptors are used
// up here or elsewhere in the process. Safe from any goroutine. A loop that has
// not answered the last call yet is told of all that came since at once.
func (n *Network) Shed(conns int) {
	if len(n.loops) == 0 {
		return
	}
	for range conns {
		l := n.loops[int(n.shedding.Add(1)-1)%len(n.loops)]
		if l.wanted.Add(1) == 1 {
			l.Post(l.shed)
		}
	}
}

// shed passes on what is wanted; on the loop.
func (l *eventLoop) shed() {
	n := int(l.wanted.Swap(0))
	if s, ok := l.handler.(loop.Shedder); ok {
		s.Shed(n)
	}
}
