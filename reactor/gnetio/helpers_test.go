package gnetio

import (
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"spate/reactor/loop"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// script is a handler of functions; nil ones do nothing.
type script struct {
	loop       loop.Loop
	opened     func(c loop.Conn)
	dialFailed func(ctx any, err error)
	readable   func(c loop.Conn, data []byte)
	writable   func(c loop.Conn)
	closed     func(c loop.Conn, reason error)
	tick       func()
}

func (s *script) Opened(c loop.Conn) {
	if s.opened != nil {
		s.opened(c)
	}
}

func (s *script) DialFailed(ctx any, err error) {
	if s.dialFailed != nil {
		s.dialFailed(ctx, err)
	}
}

func (s *script) Readable(c loop.Conn, data []byte) {
	if s.readable != nil {
		s.readable(c, data)
	}
}

func (s *script) Writable(c loop.Conn) {
	if s.writable != nil {
		s.writable(c)
	}
}

func (s *script) Closed(c loop.Conn, reason error) {
	if s.closed != nil {
		s.closed(c, reason)
	}
}

func (s *script) Tick() {
	if s.tick != nil {
		s.tick()
	}
}

// start starts n loops, each with a copy of s, and returns the copies.
func start(t testing.TB, net *Network, n int, s script) []*script {
	t.Helper()
	var scripts []*script
	if err := net.Start(n, func(l loop.Loop) loop.Handler {
		own := s
		own.loop = l
		scripts = append(scripts, &own)
		return &own
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Stop() })
	return scripts
}

// echo answers what fits; enough for a few bytes.
func echo(c loop.Conn, data []byte) { c.Writev([][]byte{data}, false) }

func listen(t testing.TB, n *Network, addr string) netip.AddrPort {
	t.Helper()
	a, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// connect dials a plain connection, closed at the end of the test.
func connect(t testing.TB, addr netip.AddrPort) *net.TCPConn {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr.String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// get receives from ch, or fails the test.
func get[T any](t testing.TB, what string, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(patience):
		t.Fatalf("never happened: %s", what)
	}
	return v
}

// on runs fn on l and waits for it.
func on(t testing.TB, l loop.Loop, fn func()) {
	t.Helper()
	done := make(chan struct{})
	if !l.Post(func() { defer close(done); fn() }) {
		t.Fatal("the loop has stopped")
	}
	get(t, "a posted function", done)
}

// open starts one loop with s and connects one plain socket to it.
func open(t testing.TB, cfg Config, s script) (n *Network, c *conn, peer *net.TCPConn) {
	t.Helper()
	n = newTestNetwork(t, cfg)
	opened := make(chan *conn, 1)
	then := s.opened
	s.opened = func(c loop.Conn) {
		if then != nil {
			then(c)
		}
		opened <- c.(*conn)
	}
	start(t, n, 1, s)
	peer = connect(t, listen(t, n, "127.0.0.1:0"))
	return n, get(t, "the connection is open", opened), peer
}

// eventually polls for what another goroutine does without telling.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	deadline := time.After(patience)
	for !cond() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("never happened: %s", what)
		}
	}
}

// locked guards a test's value that loops write.
type locked[T any] struct {
	mu sync.Mutex
	v  T
}

func (l *locked[T]) update(fn func(*T)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fn(&l.v)
}

func (l *locked[T]) get() T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.v
}
