package e2e

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spate/proto/wire"
)

// TestSlowHandshakes: who says nothing, or its handshake byte by byte, is closed
// after 10 s, whatever it does in between; others are served meanwhile.
func TestSlowHandshakes(t *testing.T) {
	const due, drips = 10 * time.Second, 10
	l := parallel(t)
	tor := l.single(1<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--metrics", "127.0.0.1:0")
	addr := seed.ready()
	figures := seed.figures()
	honest := l.greet(addr, tor.meta.InfoHash, true)
	l.must(honest.interested())
	ends := make(chan time.Duration, 2*drips)
	for range drips {
		silent, slow := l.dial(addr), l.dial(addr)
		go func() { ends <- endure(silent) }()
		go func() { ends <- endure(slow) }()
		go func() {
			hello := wire.AppendHandshake(nil, wire.Handshake{InfoHash: tor.meta.InfoHash})
			for i := range hello {
				if _, err := slow.Write(hello[i : i+1]); err != nil {
					return
				}
				time.Sleep(due / 40)
			}
		}()
	}
	for i := range 2 * drips {
		if took := <-ends; took < due-time.Second {
			l.Errorf("one was closed after %v", took)
		}
		l.must(honest.fetch(tor, i%tor.meta.Info.NumPieces()))
	}
	l.until("counted", func() error {
		if n := figures.closed("handshake timed out"); n != 2*drips {
			return fmt.Errorf("%d of %d", n, 2*drips)
		}
		return nil
	})
}

// TestHalfOpen: dials that nobody answers are at most 30 for a torrent, and do
// not keep it from an honest peer.
func TestHalfOpen(t *testing.T) {
	const most, silent = 30, 60
	l := parallel(t)
	tor := l.single(4<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	port := l.deaf()
	args := []string{"get", tor.path, "-d", l.path("got"), "--no-trackers", "--down-limit", "2MiB", "--peer", seed.ready()}
	for i := range silent {
		args = append(args, "--peer", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 2, byte(i + 1)}), port).String())
	}
	get := l.spate(args...)
	get.got(1)
	seen := 0
	for !get.over() {
		// The system's table is read in parts, and lists a socket twice that
		// moves to the next one meanwhile.
		dials := make(map[string]bool)
		for _, s := range seed.sockets() { // the network is the same
			if s.state == tcpSynSent && s.remote == port && strings.HasSuffix(s.at, "02007F") { // 127.0.2.*
				dials[s.at] = true
			}
		}
		n := len(dials)
		if seen = max(seen, n); n > most {
			l.Fatalf("%d dials under way, at most %d", n, most)
		}
		time.Sleep(10 * time.Millisecond)
	}
	get.exits(0)
	tor.same(l.path("got"))
	if l.Logf("at most %d of %d dials were under way", seen, silent); seen == 0 {
		l.Error("no dial was seen")
	}
}

// deaf listens at all addresses of this machine and takes no connection: its
// backlog is full, and what else comes is not answered.
func (l *lab) deaf() (port uint16) {
	l.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	l.must(err)
	l.Cleanup(func() { _ = unix.Close(fd) })
	l.must(unix.Bind(fd, &unix.SockaddrInet4{}), unix.Listen(fd, 0))
	at, err := unix.Getsockname(fd)
	l.must(err)
	number := at.(*unix.SockaddrInet4).Port
	for range 2 { // a backlog holds one more than it says
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		l.must(err)
		l.Cleanup(func() { _ = unix.Close(c) })
		if err := unix.Connect(c, &unix.SockaddrInet4{Port: number, Addr: [4]byte{127, 0, 0, 1}}); err != unix.EINPROGRESS {
			l.must(err)
		}
	}
	return uint16(number)
}
