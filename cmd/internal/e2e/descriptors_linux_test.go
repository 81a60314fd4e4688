package e2e

import (
	"net"
	"testing"
	"time"

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
