package gnetio

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// scratch is the buffer space of a loop's writes.
type scratch struct {
	one  [1][]byte
	copy []byte
}

// first is the first buffer that has bytes beyond skip.
func first(bufs [][]byte, skip int) []byte {
	for _, b := range bufs {
		if skip < len(b) {
			return b[skip:]
		}
		skip -= len(b)
	}
	return nil
}

// readv reads into the first of bufs that is not full. want is what it asked
// for, 0 when there was nothing to ask for.
func (s *scratch) readv(fd int, bufs [][]byte, skip int) (n, want int, errno syscall.Errno) {
	b := first(bufs, skip)
	if len(b) == 0 {
		return 0, 0, 0
	}
	n, err := unix.Read(fd, b)
	return max(n, 0), len(b), errnoOf(err)
}

// maxDiscard is how many bytes one system call throws away.
const maxDiscard = copySize

// discard reads up to n bytes, at most maxDiscard, for nobody.
func (s *scratch) discard(fd, n int) (int, syscall.Errno) {
	if s.copy == nil {
		s.copy = make([]byte, copySize)
	}
	k, err := unix.Read(fd, s.copy[:n])
	return max(k, 0), errnoOf(err)
}

// send writes the first of bufs that has bytes left.
func (s *scratch) send(fd int, bufs [][]byte, skip int, _ bool) (n, want int, errno syscall.Errno) {
	b := first(bufs, skip)
	if len(b) == 0 {
		return 0, 0, 0
	}
	n, err := unix.Write(fd, b)
	return max(n, 0), len(b), errnoOf(err)
}

// sendfile has the caller copy.
func (s *scratch) sendfile(int, int, int64, int, bool) (int, syscall.Errno) {
	return 0, unix.ENOTSUP
}

func errnoOf(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	if errno, ok := err.(syscall.Errno); ok {
		return errno
	}
	return unix.EIO
}
