package gnetio

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// watchBatch is how many edges one look at the queue takes.
const watchBatch = 256

// stopIdent is the user event that ends the goroutine.
const stopIdent = 1

// writeWatch is a set of sockets whose edges of writability it posts to a
// loop, by a kqueue in which its goroutine waits.
type writeWatch struct {
	mail *mailbox
	fd   int
	done chan struct{}

	mu     sync.Mutex
	tokens map[int]token // by descriptor
}

func newWriteWatch(mail *mailbox) (*writeWatch, error) {
	fd, err := unix.Kqueue()
	if err != nil {
		return nil, os.NewSyscallError("kqueue", err)
	}
	unix.CloseOnExec(fd)
	w := &writeWatch{mail: mail, fd: fd, done: make(chan struct{}), tokens: make(map[int]token)}
	if err := w.change(stopIdent, unix.EVFILT_USER, unix.EV_ADD|unix.EV_CLEAR, 0); err != nil {
		unix.Close(fd)
		return nil, err
	}
	go w.run()
	return w, nil
}

func (w *writeWatch) change(ident, filter, flags int, fflags uint32) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], ident, filter, flags)
	change[0].Fflags = fflags
	_, err := unix.Kevent(w.fd, change[:], nil, nil)
	return os.NewSyscallError("kevent", err)
}

// run posts a batch for each wake-up, until close.
func (w *writeWatch) run() {
	defer close(w.done)
	events := make([]unix.Kevent_t, watchBatch)
	batch := make([]token, 0, watchBatch)
	for {
		n, err := unix.Kevent(w.fd, nil, events, nil)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, e := range events[:max(n, 0)] {
			if e.Filter == unix.EVFILT_USER {
				return
			}
			w.mu.Lock()
			if t, ok := w.tokens[int(e.Ident)]; ok {
				batch = append(batch, t)
			}
			w.mu.Unlock()
		}
		w.mail.postWritable(batch)
		batch = batch[:0]
	}
}

// add asks for fd's edges; if there is room by the time of the call, one comes
// at once.
func (w *writeWatch) add(fd int, t token) error {
	w.mu.Lock()
	w.tokens[fd] = t
	w.mu.Unlock()
	return w.change(fd, unix.EVFILT_WRITE, unix.EV_ADD|unix.EV_CLEAR, 0)
}

func (w *writeWatch) remove(fd int) {
	_ = w.change(fd, unix.EVFILT_WRITE, unix.EV_DELETE, 0)
	w.mu.Lock()
	delete(w.tokens, fd)
	w.mu.Unlock()
}

func (w *writeWatch) close() {
	_ = w.change(stopIdent, unix.EVFILT_USER, 0, unix.NOTE_TRIGGER)
	<-w.done
	unix.Close(w.fd)
}
