package e2e

import (
	"syscall"
	"testing"
	"time"
)

// TestStoppedAndContinued: both sides of a download are stopped for seconds, as
// by Ctrl-Z, and go on over the connections that they had.
func TestStoppedAndContinued(t *testing.T) {
	const size, pause = 4 << 20, 3 * time.Second
	l := parallel(t)
	tor := l.single(size, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", "2MiB")
	addr := seed.ready()
	held := l.greet(addr, tor.meta.InfoHash, false)
	l.must(held.interested())
	get := l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr)
	get.got(size / 8)
	early := l.dial(addr) // has said nothing yet
	for _, p := range []*process{seed, get} {
		p.signal(syscall.SIGSTOP)
	}
	p := &rawPeer{Conn: early}
	l.must(p.handshake(tor.meta.InfoHash, false))
	time.Sleep(pause)
	for _, p := range []*process{seed, get} {
		p.signal(syscall.SIGCONT)
	}
	l.must(p.readHandshake(), held.fetch(tor, 1))
	get.exits(0)
	tor.same(l.path("got"))
	met := false
	for _, e := range get.all() {
		if e.Event != "progress" || e.Done == size {
			continue
		}
		if met && e.Peers == 0 {
			l.Error("the connection was lost")
		}
		met = met || e.Peers > 0
	}
}
