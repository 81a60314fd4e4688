package ceiling

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"spate/proto/metainfo"
	"spate/reactor/pipes"
)

// thread serves its connections until its epoll set says that it is to end.
type thread struct {
	torrent *metainfo.Torrent
	image   *image
	sender  *pipes.Sender
	epoll   int
	wake    int // an eventfd, in the set by the number that no connection has
	conns   map[int32]*conn
	done    chan struct{}
	off     int64
	buf     [readSize]byte
}

// notSentLowWater is TCP_NOTSENT_LOWAT in bytes. Without it 50 connections cost a
// third more CPU time, as less of what is queued is still in the caches.
const notSentLowWater = 128 << 10

// events is how many a thread takes at a time.
const events = 256

// Serve serves until ctx ends, and returns nil then.
func Serve(ctx context.Context, cfg Config) error {
	if cfg.Threads < 1 || cfg.Threads > MaxThreads {
		return ErrThreads
	}
	m, err := newImage(cfg.Torrent.Info, cfg.Content, cfg.Pipes)
	if err != nil {
		return err
	}
	defer func() { _ = m.close() }() // memory: closing it cannot lose anything
	listener, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	var threads []*thread
	defer func() {
		for _, t := range threads {
			t.end()
		}
	}()
	for range cfg.Threads {
		t, err := newThread(cfg.Torrent, m)
		if err != nil {
			return err
		}
		threads = append(threads, t)
		go t.run()
	}
	if cfg.Ready != nil {
		cfg.Ready(listener.Addr().(*net.TCPAddr).AddrPort())
	}
	for next := 0; ; next++ {
		c, err := listener.AcceptTCP()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		err = threads[next%len(threads)].adopt(c)
		if err = errors.Join(err, c.Close()); err != nil {
			return err
		}
	}
}

func listen(ctx context.Context, cfg Config) (*net.TCPListener, error) {
	lc := net.ListenConfig{KeepAlive: -1, Control: func(_, _ string, rc syscall.RawConn) error {
		var err error
		if e := rc.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentLowWater)
			if err == nil && cfg.Congestion != "" {
				err = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, cfg.Congestion)
			}
		}); e != nil {
			return e
		}
		return os.NewSyscallError("setsockopt", err)
	}}
	lc.SetMultipathTCP(false)
	l, err := lc.Listen(ctx, "tcp4", cfg.Listen)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

func newThread(torrent *metainfo.Torrent, m *image) (*thread, error) {
	t := &thread{torrent: torrent, image: m, conns: map[int32]*conn{}, done: make(chan struct{})}
	var err error
	if t.sender, err = pipes.NewSender(); err != nil {
		return nil, err
	}
	if t.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		t.sender.Close()
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if t.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
		err = unix.EpollCtl(t.epoll, unix.EPOLL_CTL_ADD, t.wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: -1})
	}
	if err != nil {
		t.sender.Close()
		return nil, errors.Join(os.NewSyscallError("eventfd", err), unix.Close(t.epoll))
	}
	return t, nil
}

// adopt puts a duplicate of a connection into the thread's set, which is all
// that the thread is told.
func (t *thread) adopt(c *net.TCPConn) error {
	rc, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var fd int
	if e := rc.Control(func(of uintptr) { fd, err = unix.FcntlInt(of, unix.F_DUPFD_CLOEXEC, 0) }); e != nil || err != nil {
		return errors.Join(e, os.NewSyscallError("fcntl", err))
	}
	err = unix.EpollCtl(t.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{
		Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET, Fd: int32(fd),
	})
	return os.NewSyscallError("epoll_ctl", err)
}

// run serves until end.
func (t *thread) run() {
	defer close(t.done)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var list [events]unix.EpollEvent
	for {
		n, err := unix.EpollWait(t.epoll, list[:], -1)
		if err != nil && err != unix.EINTR {
			return // closed under it, which does not happen
		}
		for _, e := range list[:max(n, 0)] {
			if e.Fd < 0 {
				return
			}
			c := t.conns[e.Fd]
			if c == nil {
				c = &conn{fd: int(e.Fd), burst: pipes.Burst(int(e.Fd))}
				t.conns[e.Fd] = c
			}
			if c.serve(t) != nil {
				delete(t.conns, e.Fd)
				_ = unix.Close(c.fd)
			}
		}
	}
}

// end has run return, and closes what it had.
func (t *thread) end() {
	_, _ = unix.Write(t.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // an eventfd takes it
	<-t.done
	for _, c := range t.conns {
		_ = unix.Close(c.fd)
	}
	t.sender.Close()
	_ = unix.Close(t.wake)
	_ = unix.Close(t.epoll)
}
