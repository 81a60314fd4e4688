package gnetio

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// watchBatch is how many edges one look at the set takes.
const watchBatch = 256

// writeWatch is a set of sockets whose edges of writability it posts to a loop:
// gnet tells nothing of them while its own buffer is unused. The set is an
// epoll descriptor that Go's poller waits for, so the goroutine blocks no
// thread; one blocked in epoll_wait costs twice the CPU.
//
// A socket is added at its first full buffer and stays: the kernel tells an
// edge only after a write that found no room, so nobody pays for a connection
// that never fills its socket.
type writeWatch struct {
	mail *mailbox
	file *os.File
	fd   int
	done chan struct{}
}

func newWriteWatch(mail *mailbox) (*writeWatch, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // has os.NewFile hand it to the poller
		unix.Close(fd)
		return nil, os.NewSyscallError("setnonblock", err)
	}
	w := &writeWatch{mail: mail, file: os.NewFile(uintptr(fd), "writable"), fd: fd, done: make(chan struct{})}
	rc, err := w.file.SyscallConn()
	if err != nil {
		w.file.Close()
		return nil, err
	}
	go w.run(rc)
	return w, nil
}

// run posts a batch for each wake-up, until close.
func (w *writeWatch) run(rc syscall.RawConn) {
	defer close(w.done)
	events := make([]unix.EpollEvent, watchBatch)
	batch := make([]token, 0, watchBatch)
	look := func(fd uintptr) bool {
		n, _ := unix.EpollWait(int(fd), events, 0)
		for _, e := range events[:max(n, 0)] {
			batch = append(batch, token{slot: e.Fd, gen: uint32(e.Pad)})
		}
		return n > 0
	}
	for rc.Read(look) == nil {
		w.mail.postWritable(batch)
		batch = batch[:0]
	}
}

// add asks for fd's edges, from the next full buffer on; if there is room by
// the time of the call, an edge comes at once.
func (w *writeWatch) add(fd int, t token) error {
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(w.fd, unix.EPOLL_CTL_ADD, fd,
		&unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLET, Fd: t.slot, Pad: int32(t.gen)}))
}

func (w *writeWatch) remove(fd int) {
	_ = unix.EpollCtl(w.fd, unix.EPOLL_CTL_DEL, fd, nil)
}

func (w *writeWatch) close() {
	w.file.Close()
	<-w.done
}
