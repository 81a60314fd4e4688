package gnetio

import (
	"testing"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

// gnet hides where it waits: another version may do so elsewhere.
func TestPollerIsFound(t *testing.T) {
	n, c, _ := open(t, Config{}, script{})
	l := n.loops[0]
	on(t, l, func() {
		fd := pollerFD(l.el)
		err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, c.fd, &unix.EpollEvent{Events: unix.EPOLLIN})
		if err != unix.EEXIST {
			t.Errorf("descriptor %d is not the set with the loop's connections: %v", fd, err)
		}
	})
	if fd := pollerFD(nil); fd >= 0 {
		t.Errorf("nothing has a poller: %d", fd)
	}
}

// A loop that rests longer than it dozes is woken by a post, by a connection,
// and by its bytes.
func TestRestingLoopIsWoken(t *testing.T) {
	got := make(chan string, 1)
	n := newTestNetwork(t, Config{})
	start(t, n, 1, script{readable: func(_ loop.Conn, data []byte) { got <- string(data) }})
	addr := listen(t, n, "127.0.0.1:0")
	peer := connect(t, addr)
	for range 20 {
		on(t, n.loops[0], func() {})
		if _, err := peer.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		get(t, "a byte", got)
	}
}
