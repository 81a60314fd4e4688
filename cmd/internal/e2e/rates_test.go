package e2e

import (
	"strconv"
	"testing"
)

// held demands that a rate is the limit's: no more than over by surplus, and no
// less than a fifth, as a busy machine, or a disk that is asked to sync, may lose
// much. How exact limiters are is tested where time is virtual.
func (l *lab) held(what string, rate, limit float64) {
	l.Helper()
	const surplus = 0.15
	l.Logf("%s: %.2f MiB/s at a limit of %.2f (%+.1f %%)", what, rate/(1<<20), limit/(1<<20), (rate/limit-1)*100)
	if rate > limit*(1+surplus) || rate < limit/5 {
		l.Errorf("%s: %.0f bytes/s are not %.0f", what, rate, limit)
	}
}

func TestDownLimit(t *testing.T) {
	const size, limit = 12 << 20, 3 << 20
	l := parallel(t)
	tor := l.single(size, 128<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	get := l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", seed.ready(), "--down-limit", strconv.Itoa(limit))
	l.held("--down-limit", size/get.last("complete").Seconds, limit)
}

// TestUpLimit: the limit is for all torrents and peers together.
func TestUpLimit(t *testing.T) {
	const size, limit = 6 << 20, 3 << 20
	l := parallel(t)
	a := l.make(recipe{name: "a", files: []file{{"a.bin", size}}, pieceLength: 128 << 10})
	b := l.make(recipe{name: "b", files: []file{{"b.bin", size}}, pieceLength: 128 << 10})
	l.must(linkInto(a.dir, b, "b.bin"))
	seed := l.spate("seed", a.path, b.path, "-d", a.dir, "--no-trackers", "--up-limit", strconv.Itoa(limit))
	seed.await("both checked", func(event) bool { return seed.count("checked") == 2 })
	args := []string{"-d", l.path("got"), "--no-trackers", "--peer", seed.addr().String()}
	first, second := l.spate(append([]string{"get", a.path}, args...)...), l.spate(append([]string{"get", b.path}, args...)...)
	first.exits(0)
	second.exits(0)
	took := max(first.last("complete").Seconds, second.last("complete").Seconds)
	l.held("--up-limit over two torrents", 2*size/took, limit)
}

// TestTorrentLimits: each torrent has its own rate, whichever side limits it.
func TestTorrentLimits(t *testing.T) {
	const size, limit = 6 << 20, 2 << 20
	check := func(up, down []string) {
		name := append(up, down...)[0]
		t.Run(name, func(t *testing.T) {
			l := parallel(t)
			a := l.make(recipe{name: "a", files: []file{{"a.bin", size}}, pieceLength: 128 << 10})
			b := l.make(recipe{name: "b", files: []file{{"b.bin", size}}, pieceLength: 128 << 10})
			l.must(linkInto(a.dir, b, "b.bin"))
			seed := l.spate(append([]string{"seed", a.path, b.path, "-d", a.dir, "--no-trackers"}, up...)...)
			seed.await("both checked", func(event) bool { return seed.count("checked") == 2 })
			get := l.run(0, append([]string{"get", a.path, b.path, "-d", l.path("got"), "--no-trackers", "--peer", seed.addr().String()}, down...)...)
			l.held(name, size/get.last("complete").Seconds, limit)
		})
	}
	check([]string{"--torrent-up-limit", strconv.Itoa(limit)}, nil)
	check(nil, []string{"--torrent-down-limit", strconv.Itoa(limit)})
}

// TestUpLimitIsSharedByTorrent: a torrent with one peer has half of the rate
// beside one with four, where a share by peer would be a fifth.
func TestUpLimitIsSharedByTorrent(t *testing.T) {
	const size, limit, crowd = 4 << 20, 3 << 20, 4
	l := parallel(t)
	lone := l.make(recipe{name: "a", files: []file{{"a.bin", size}}, pieceLength: 128 << 10})
	many := l.make(recipe{name: "b", files: []file{{"b.bin", 4 * size}}, pieceLength: 128 << 10})
	l.must(linkInto(lone.dir, many, "b.bin"))
	seed := l.spate("seed", lone.path, many.path, "-d", lone.dir, "--no-trackers", "--loops", "2", "--up-limit", strconv.Itoa(limit))
	seed.await("both checked", func(event) bool { return seed.count("checked") == 2 })
	get := func(tor *torrent, to string) *process {
		return l.spate("get", tor.path, "-d", l.path(to), "--no-trackers", "--peer", seed.addr().String())
	}
	for i := range crowd {
		p := get(many, strconv.Itoa(i))
		p.await("progress", func(e event) bool { return e.Downloaded > 0 })
	}
	p := get(lone, "lone")
	p.exits(0)
	rate := size / p.last("complete").Seconds
	l.Logf("one of five peers, in a torrent of its own: %.2f MiB/s of %.2f", rate/(1<<20), float64(limit)/(1<<20))
	// More than a fifth, with some to spare; on a busy machine the four lose first.
	if rate < 0.25*limit || rate > 0.9*limit {
		l.Errorf("%.0f bytes/s are not half of %d", rate, limit)
	}
}
