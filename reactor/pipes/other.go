//go:build !linux

package pipes

import (
	"errors"
	"syscall"
)

// Fill fails: no pipe here can be duplicated.
func Fill([][]byte, int64) (*Set, error) { return nil, errors.ErrUnsupported }

// Close implements io.Closer.
func (*Set) Close() error { return nil }

// ReadAt implements io.ReaderAt.
func (*Set) ReadAt([]byte, int64) (int, error) { return 0, errors.ErrUnsupported }

// Sender sends from Sets, of which there are none.
type Sender struct{}

// NewSender fails.
func NewSender() (*Sender, error) { return nil, errors.ErrUnsupported }

// Close does nothing.
func (*Sender) Close() {}

// Burst is nothing: there is nothing to send.
func Burst(int) int { return 0 }

// Send fails.
func (*Sender) Send(_, _, _, _, _ int, _ bool) (int, syscall.Errno) { return 0, syscall.ENOSYS }

// Gather gathers nothing.
type Gather struct{}

// NewGather fails.
func NewGather() (*Gather, error) { return nil, errors.ErrUnsupported }

// Close does nothing.
func (*Gather) Close() {}

// Add has no room.
func (*Gather) Add(_, _ []byte) bool { return false }

// Send fails.
func (*Gather) Send(_, _ int, _, _ bool) (int, syscall.Errno) { return 0, Unfit }
