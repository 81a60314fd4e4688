package e2e

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spate/proto/metainfo"
)

// crowd connects n times, whether the other end takes it or not; every third
// connection greets. It returns those that stand.
func (l *lab) crowd(addr string, hash metainfo.Hash, n int) []*rawPeer {
	l.Helper()
	var all []*rawPeer
	for i := range n {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			continue
		}
		l.Cleanup(func() { _ = c.Close() })
		p := &rawPeer{Conn: c}
		if i%3 == 0 {
			_ = p.handshake(hash, i%2 == 0) // shed connections do not take it
		}
		all = append(all, p)
	}
	return all
}

// TestFewDescriptors: more connections than a process has descriptors for do
// not end it, and once they are gone it serves as before. What it does take
// leaves enough for the content.
func TestFewDescriptors(t *testing.T) {
	const conns = 200
	l := parallel(t)
	tor := l.single(4<<20, 64<<10)
	seed := l.shell("ulimit -n 64", "seed", tor.path, "-d", tor.dir, "--no-trackers", "--state", l.path("state"))
	addr := seed.ready()
	all := l.crowd(addr, tor.meta.InfoHash, conns)
	served := 0
	for i, p := range all {
		_ = p.SetDeadline(time.Now().Add(patience))
		if i%3 == 0 && p.readHandshake() == nil && p.interested() == nil {
			l.must(p.fetch(tor, i%tor.meta.Info.NumPieces()))
			served++
		}
	}
	seed.alive()
	open := len(l.files(seed))
	if served == 0 || open > 64 {
		l.Errorf("%d of %d connections were served, with %d open files", served, len(all), open)
	}
	for _, p := range all {
		_ = p.Close()
	}
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr, "--timeout", "30s")
	tor.same(l.path("got"))
	l.Logf("%d connections: %d stood and %d of the greeting ones were served; a get thereafter was complete", conns, len(all), served)
	seed.signal(15)
	seed.exits(0)
}

// TestFewDescriptorsOfGet: the same while downloading, where content must be
// written as well.
func TestFewDescriptorsOfGet(t *testing.T) {
	l := parallel(t)
	var files []file
	for i := range 100 {
		files = append(files, file{"many/" + string(rune('a'+i/10)) + string(rune('a'+i%10)), 50000})
	}
	tor := l.make(recipe{name: "many", files: files, pieceLength: 32 << 10})
	seed := l.shell("ulimit -n 64", "seed", tor.path, "-d", tor.dir, "--no-trackers")
	get := l.shell("ulimit -n 64", "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", seed.ready(), "--down-limit", "2MiB")
	get.got(1)
	l.crowd(get.addr().String(), tor.meta.InfoHash, 200)
	get.exits(0)
	tor.same(l.path("got"))
	seed.alive()
}

// TestDescriptorsTakenAway: a process whose limit of descriptors is lowered to
// what it has open, as when others use up the system's, turns peers away, has
// idle ones give way, reads and writes content by opening and closing files in
// turn, and is as before once the limit is lifted.
func TestDescriptorsTakenAway(t *testing.T) {
	l := parallel(t)
	tor := l.single(4<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--metrics", "127.0.0.1:0")
	addr := seed.ready()
	figures := seed.figures()
	honest := l.greet(addr, tor.meta.InfoHash, true)
	l.must(honest.interested(), honest.fetch(tor, 0))
	for range 20 {
		_ = l.greet(addr, tor.meta.InfoHash, true)
	}
	var was unix.Rlimit
	l.must(unix.Prlimit(seed.cmd.Process.Pid, unix.RLIMIT_NOFILE, nil, &was))
	l.limitFiles(seed, unix.Rlimit{Cur: uint64(len(l.files(seed))), Max: was.Max})

	// Who finds no descriptor at once is turned away; who finds but one has an
	// idle peer give way. A few may have been free.
	l.until("peers are turned away", func() error {
		for range 4 {
			if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
				l.Cleanup(func() { _ = c.Close() })
			}
		}
		if n := figures.read("spate_connections_shed_total"); n == 0 {
			return fmt.Errorf("%d were, and %d gave way", n, figures.closed(gaveWay))
		}
		return nil
	})
	piece := 0
	l.until("idle peers give way", func() error {
		piece = (piece + 1) % tor.meta.Info.NumPieces()
		l.must(honest.SetDeadline(time.Now().Add(patience)), honest.fetch(tor, piece)) // who is served stays
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			l.Cleanup(func() { _ = c.Close() }) // each that comes needs a place
		}
		if n := figures.closed(gaveWay); n < 10 {
			return fmt.Errorf("%d have", n)
		}
		return nil
	})
	seed.alive()
	l.limitFiles(seed, was)
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr, "--timeout", "30s")
	tor.same(l.path("got"))
	l.must(honest.fetch(tor, 1))
	if said := seed.said(); strings.Contains(strings.ToLower(said), "cannot be read") || seed.count("error") > 0 {
		l.Errorf("seed said %q", said)
	}
}

// gaveWay is how an idle peer's end is counted.
const gaveWay = "idle, and its place was needed"

// TestIdleGiveWay: peers that have used up all connections and do nothing give
// way to one that wants something.
func TestIdleGiveWay(t *testing.T) {
	const most = 8
	l := parallel(t)
	tor := l.single(1<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--metrics", "127.0.0.1:0", "--max-peers", strconv.Itoa(most))
	addr := seed.ready()
	figures := seed.figures()
	for range most {
		_ = l.greet(addr, tor.meta.InfoHash, true)
	}
	l.until("one gives way to those that knock", func() error {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_ = c.Close()
		}
		if figures.closed(gaveWay) == 0 {
			return errors.New("none does")
		}
		return nil
	})
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr, "--timeout", "45s")
	tor.same(l.path("got"))
	if n := figures.closed(gaveWay); n == 0 || n > most {
		l.Errorf("%d of %d idle peers gave way", n, most)
	}
}

// limitFiles sets how many descriptors a process may have.
func (l *lab) limitFiles(p *process, to unix.Rlimit) {
	l.Helper()
	l.must(unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, &to, nil))
}
