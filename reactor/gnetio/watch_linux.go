package gnetio

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// watchBatch is how many edges one look at the set takes.
	watchBatch = 256
	// dozeTime is how long a loop waits in a system call before it parks in
	// Go's poller, which costs more to leave: a peer as fast as memory is back
	// by then, one on a slow line is not. The wait is in vain then, and keeps
	// Go's monitor awake as well, so a loop waits only after a rest that was
	// shorter: on a line of 1 Gbit/s and 20 ms that is a quarter of its time.
	dozeTime = 200 * time.Microsecond
)

// What the events of the set name that are no slots.
const (
	wakeSlot = -1 - iota // somebody posted
	gnetSlot             // gnet has events
)

// writeWatch is what a loop waits for beside its handler's calls: sockets with
// room again, which gnet tells nothing of while its own buffer is unused, posts,
// and gnet's own set of sockets. It is an epoll set that Go's poller watches.
//
// A socket is added at its first full buffer and stays: the kernel tells an
// edge only after a write that found no room, so nobody pays for a connection
// that never fills its socket. gnet's set is there while the loop rests: each
// event on any of its sockets would wake Go's poller.
type writeWatch struct {
	file   *os.File
	rc     syscall.RawConn
	fd     int
	wakeFD int
	gnetFD int

	// What follows belongs to the loop's goroutine.

	found  []token // sockets with room again
	gnet   bool    // gnet has events
	brisk  bool    // the last rest was shorter than dozeTime
	events [watchBatch]unix.EpollEvent
	limit  unix.Timespec
	parked func(fd uintptr) bool // look, made once
}

func newWriteWatch(*mailbox) (*writeWatch, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // has os.NewFile hand it to the poller
		unix.Close(fd)
		return nil, os.NewSyscallError("setnonblock", err)
	}
	w := &writeWatch{file: os.NewFile(uintptr(fd), "watch"), fd: fd, limit: unix.NsecToTimespec(int64(dozeTime))}
	w.parked = func(uintptr) bool { return w.look() }
	if w.rc, err = w.file.SyscallConn(); err != nil {
		w.file.Close()
		return nil, err
	}
	if w.wakeFD, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		w.file.Close()
		return nil, os.NewSyscallError("eventfd", err)
	}
	if err := w.control(unix.EPOLL_CTL_ADD, w.wakeFD, unix.EPOLLIN|unix.EPOLLET, token{slot: wakeSlot}); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *writeWatch) control(op, fd int, events uint32, t token) error {
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(w.fd, op, fd,
		&unix.EpollEvent{Events: events, Fd: t.slot, Pad: int32(t.gen)}))
}

// follow tells of gnet's set, which rest waits for.
func (w *writeWatch) follow(fd int) error {
	w.gnetFD = fd
	return w.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLONESHOT, token{slot: gnetSlot})
}

// rest waits until something happens, and tells whether gnet has events.
func (w *writeWatch) rest() bool {
	w.gnet = false
	if w.control(unix.EPOLL_CTL_MOD, w.gnetFD, unix.EPOLLIN|unix.EPOLLONESHOT, token{slot: gnetSlot}) != nil {
		return true
	}
	began := time.Now()
	if w.brisk && w.doze() {
		return w.gnet
	}
	if w.rc.Read(w.parked) != nil {
		return true
	}
	w.brisk = time.Since(began) < dozeTime
	return w.gnet
}

// doze waits for dozeTime, where the kernel can (Linux 5.11), and tells whether
// something happened.
func (w *writeWatch) doze() bool {
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(w.fd), uintptr(unsafe.Pointer(&w.events)),
		watchBatch, uintptr(unsafe.Pointer(&w.limit)), 0, 0)
	return errno == 0 && w.take(int(n))
}

// look takes what has happened, and tells whether that is anything.
func (w *writeWatch) look() bool {
	n, _ := unix.EpollWait(w.fd, w.events[:], 0)
	return w.take(n)
}

func (w *writeWatch) take(n int) bool {
	for _, e := range w.events[:max(n, 0)] {
		switch e.Fd {
		case wakeSlot:
		case gnetSlot:
			w.gnet = true
		default:
			w.found = append(w.found, token{slot: e.Fd, gen: uint32(e.Pad)})
		}
	}
	return n > 0
}

// wake ends the rest. The count of the eventfd is of no interest, only its edge.
func (w *writeWatch) wake() error {
	_, err := unix.Write(w.wakeFD, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	return os.NewSyscallError("write", err)
}

// add asks for fd's edges, from the next full buffer on; if there is room by
// the time of the call, an edge comes at once.
func (w *writeWatch) add(fd int, t token) error {
	return w.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLOUT|unix.EPOLLET, t)
}

func (w *writeWatch) remove(fd int) {
	_ = unix.EpollCtl(w.fd, unix.EPOLL_CTL_DEL, fd, nil)
}

func (w *writeWatch) close() {
	w.file.Close()
	unix.Close(w.wakeFD)
}
