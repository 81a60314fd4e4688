package gnetio

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxIovecs is how many buffers one system call takes; more take more calls.
const maxIovecs = 64

// scratch is what a loop's system calls need in memory that neither moves nor
// is allocated for each.
//
// Sockets never block, and their buffers are this process's own memory, so the
// calls on them are raw: the scheduler need not be told, as it is not for a
// copy in Go.
type scratch struct {
	iov   [maxIovecs]unix.Iovec
	msg   unix.Msghdr
	off   int64
	count int32
	one   [1][]byte
	copy  []byte
}

// gather describes bufs from their skip-th byte on, as far as there is room,
// and returns the number of entries and of bytes.
func (s *scratch) gather(bufs [][]byte, skip int) (entries, size int) {
	for _, b := range bufs {
		if skip >= len(b) {
			skip -= len(b)
			continue
		}
		if entries == maxIovecs {
			break
		}
		b, skip = b[skip:], 0
		s.iov[entries].Base = unsafe.SliceData(b)
		s.iov[entries].SetLen(len(b))
		entries++
		size += len(b)
	}
	return entries, size
}

// readv reads into bufs from their skip-th byte on. want is what it asked for,
// 0 when there was nothing to ask for.
func (s *scratch) readv(fd int, bufs [][]byte, skip int) (n, want int, errno syscall.Errno) {
	entries, want := s.gather(bufs, skip)
	if want == 0 {
		return 0, 0, 0
	}
	r, _, errno := unix.RawSyscall(unix.SYS_READV, uintptr(fd), uintptr(unsafe.Pointer(&s.iov)), uintptr(entries))
	clear(s.iov[:entries]) // let go of the buffers
	if errno != 0 {
		return 0, want, errno
	}
	return int(r), want, 0
}

// maxDiscard is how many bytes one system call throws away.
const maxDiscard = 1 << 30

// discard has the kernel throw away up to n received bytes: TCP copies nothing
// with MSG_TRUNC, see tcp(7), and so needs no buffer.
func (s *scratch) discard(fd, n int) (int, syscall.Errno) {
	r, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), 0, uintptr(n), unix.MSG_TRUNC, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}

// send writes bufs from their skip-th byte on.
func (s *scratch) send(fd int, bufs [][]byte, skip int, more bool) (n, want int, errno syscall.Errno) {
	entries, want := s.gather(bufs, skip)
	if want == 0 {
		return 0, 0, 0
	}
	flags := uintptr(unix.MSG_NOSIGNAL)
	if more {
		flags |= unix.MSG_MORE
	}
	var r uintptr
	if entries == 1 { // a header, or a staged run: the kernel has less to look at
		r, _, errno = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(s.iov[0].Base)), uintptr(s.iov[0].Len), flags, 0, 0)
	} else {
		s.msg.Iov = &s.iov[0]
		s.msg.SetIovlen(entries)
		r, _, errno = unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.msg)), flags)
	}
	clear(s.iov[:entries])
	if errno != 0 {
		return 0, want, errno
	}
	return int(r), want, 0
}

// sendfile sends n bytes of file from off. Only a resident range is sent by a
// raw call: any other may wait for a disk, and with it a processor of Go's.
func (s *scratch) sendfile(fd, file int, off int64, n int, resident bool) (int, syscall.Errno) {
	s.off = off
	var r uintptr
	var errno syscall.Errno
	if resident {
		r, _, errno = unix.RawSyscall6(unix.SYS_SENDFILE, uintptr(fd), uintptr(file), uintptr(unsafe.Pointer(&s.off)), uintptr(n), 0, 0)
	} else {
		r, _, errno = unix.Syscall6(unix.SYS_SENDFILE, uintptr(fd), uintptr(file), uintptr(unsafe.Pointer(&s.off)), uintptr(n), 0, 0)
	}
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}
