package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// heap makes n tiny torrents in one folder, their content in one data folder,
// and returns one of them.
func (l *lab) heap(n int) (torrents, data string, one *torrent) {
	l.Helper()
	torrents, data = l.folder("torrents"), l.folder("data")
	for i := range n {
		name := fmt.Sprintf("tiny%03d", i)
		one = l.make(recipe{name: name, files: []file{{name + ".bin", 20000}}, pieceLength: 16 << 10})
		l.must(linkInto(data, one, name+".bin"), os.Rename(one.path, filepath.Join(torrents, name+".torrent")))
		one.path = filepath.Join(torrents, name+".torrent")
	}
	return torrents, data, one
}

// TestManyTorrents: a folder of them is served by one process.
func TestManyTorrents(t *testing.T) {
	const n = 500
	l := parallel(t)
	torrents, data, one := l.heap(n)
	check := func(what string) {
		l.Helper()
		began := time.Now()
		seed := l.spate("seed", torrents, "-d", data, "--no-trackers", "--state", l.path("state"))
		addr := seed.addr().String()
		listening := time.Since(began)
		seed.await("all checked", func(event) bool { return seed.count("checked") == n })
		l.Logf("%s: %d torrents: listening after %s, all checked after %s; %s", what, n,
			listening.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), l.weight(seed))
		// Torrents that nobody asks for are this process's all the same.
		l.run(1, "seed", one.path, "-d", data, "--no-trackers", "--state", l.path("state"))
		got := l.path("got " + what)
		l.run(0, "get", one.path, "-d", got, "--no-trackers", "--peer", addr)
		one.same(got)
		seed.stop()
		if stopped := seed.count("stopped"); stopped != n {
			l.Errorf("%d torrents said that they stopped, want %d", stopped, n)
		}
	}
	check("first start")
	check("second start")
}

// TestSeveralSources: one get downloads several torrents and ends when all are
// complete; one that cannot be had does not hold the others up.
func TestSeveralSources(t *testing.T) {
	l := parallel(t)
	var paths []string
	var all []*torrent
	data := l.folder("data")
	for i := range 4 {
		name := fmt.Sprint("source", i)
		tor := l.make(recipe{name: name, files: []file{{name + ".bin", 1 << 20}}, pieceLength: 32 << 10})
		l.must(linkInto(data, tor, name+".bin"))
		all, paths = append(all, tor), append(paths, tor.path)
	}
	seed := l.spate(append([]string{"seed", "-d", data, "--no-trackers"}, paths...)...)
	addr := seed.addr().String()
	get := l.run(0, append([]string{"get", "-d", l.path("got"), "--no-trackers", "--peer", addr}, paths...)...)
	for _, tor := range all {
		tor.same(l.path("got"))
	}
	if n := get.count("complete"); n != len(all) {
		l.Errorf("%d torrents are complete, want %d", n, len(all))
	}

	// One of them meets a file that is in its way.
	l.must(os.MkdirAll(l.path("got2/source1.bin"), 0o755))
	get = l.run(1, append([]string{"get", "-d", l.path("got2"), "--no-trackers", "--peer", addr}, paths...)...)
	for _, i := range []int{0, 2, 3} {
		all[i].same(l.path("got2"))
	}
	if said := get.said(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "source1") {
		l.Errorf("said %q, want one line about source1", said)
	}
}

// TestSharedState: processes share a state folder, and the same torrent in the
// same folder twice is refused.
func TestSharedState(t *testing.T) {
	l := parallel(t)
	a := l.make(recipe{name: "a", files: []file{{"a.bin", 2 << 20}}, pieceLength: 32 << 10})
	b := l.make(recipe{name: "b", files: []file{{"b.bin", 2 << 20}}, pieceLength: 32 << 10})
	state, got := l.path("state"), l.folder("got")
	shared := func(args ...string) []string { return append(args, "--no-trackers", "--state", state) }
	seedA := l.spate(shared("seed", a.path, "-d", a.dir)...)
	seedB := l.spate(shared("seed", b.path, "-d", b.dir)...)
	first := l.spate(shared("get", a.path, "-d", got, "--peer", seedA.ready(), "--down-limit", "1MiB")...)
	second := l.spate(shared("get", b.path, "-d", got, "--peer", seedB.ready(), "--down-limit", "1MiB")...)
	first.on("checked")
	twin := l.run(1, shared("get", a.path, "-d", got)...)
	l.Logf("twice: %s", twin.said())
	if said := twin.said(); strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "spate: "+a.path+": ") {
		l.Errorf("said %q, want one line that begins with the torrent", said)
	}
	// The same folder by another name is the same folder.
	l.must(os.Symlink(got, l.path("alias")))
	l.run(1, shared("get", a.path, "-d", l.path("alias"))...)
	l.run(1, shared("seed", a.path, "-d", a.dir)...)
	first.exits(0)
	second.exits(0)
	a.same(got)
	b.same(got)
	// Whoever ends gives the folder back, also by force.
	seedA.kill()
	l.spate(shared("seed", a.path, "-d", a.dir)...).ready()
}
