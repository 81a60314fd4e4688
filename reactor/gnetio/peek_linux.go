package gnetio

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

var _ loop.Peeker = (*conn)(nil)

// Waiting implements loop.Peeker.
func (c *conn) Waiting() (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	count := &c.l.io.count
	if _, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(c.fd), unix.SIOCINQ, uintptr(unsafe.Pointer(count))); errno != 0 {
		return 0, os.NewSyscallError("ioctl", errno)
	}
	return int(*count), nil
}

// Peek implements loop.Peeker by SO_PEEK_OFF, which TCP has since Linux 6.9.
func (c *conn) Peek(off int, b []byte) (int, error) {
	if c.fd < 0 {
		return 0, loop.ErrClosed
	}
	if len(b) == 0 {
		return 0, nil
	}
	count := &c.l.io.count
	*count = int32(off)
	if _, _, errno := unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(c.fd), unix.SOL_SOCKET, unix.SO_PEEK_OFF,
		uintptr(unsafe.Pointer(count)), unsafe.Sizeof(*count), 0); errno != 0 {
		return 0, os.NewSyscallError("setsockopt", errno)
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_PEEK, 0, 0)
	if errno != 0 || n == 0 {
		return 0, readError(errno)
	}
	return int(n), nil
}
