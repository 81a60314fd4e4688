package load

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"spate/proto/peer"
	"spate/reactor/loop"
)

// Reasons of connections that the generator ends.
var (
	// ErrSilent says that the target sent no handshake in time.
	ErrSilent = errors.New("no handshake")
	// ErrTorrent says that the target's handshake names another torrent.
	ErrTorrent = errors.New("handshake of another torrent")
	// ErrDeaf says that the target reads nothing of what piles up for it.
	ErrDeaf = errors.New("messages pile up unread")
	// ErrOrder says that the target does not answer in the order of the
	// requests, which was relied upon: the connection is made anew, and read
	// with more care.
	ErrOrder = errors.New("answers out of order")
	// ErrChurned says that the connection is to be dialed anew.
	ErrChurned = errors.New("churned")
	// ErrFinished says that a leecher of Config.Choose has all that it wanted.
	ErrFinished = errors.New("finished")
)

// reason is a short phrase for what ended a connection or a dial, one of a few:
// the error's own text may name an address.
func reason(err error) string {
	var fault peer.Fault
	var errno syscall.Errno
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, io.EOF):
		return "closed by the client"
	case errors.As(err, &fault):
		return "protocol: " + fault.Kind.String()
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "timed out"
	}
	for _, known := range []error{ErrSilent, ErrTorrent, ErrDeaf, ErrStatus, ErrRange, ErrHead, loop.ErrClosed, loop.ErrLimit, loop.ErrPanic, loop.ErrShort} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "other"
}
