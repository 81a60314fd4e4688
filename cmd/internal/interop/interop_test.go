//go:build interop

package interop

import (
	"testing"

	"spate/cmd/internal/tracker"
)

// contents is what is exchanged: one file that ends within a piece; and a
// folder with an empty file, names beyond ASCII, and files that end and begin
// within the same piece of 64 KiB.
var contents = map[string]map[string]int{
	"single": {"film.mkv": 3<<20 + 12345},
	"multi": {
		"album/01 Öffnung.flac": 1_000_003, "album/02.flac": 7, "album/03.flac": 64 << 10,
		"album/empty.txt": 0, "album/cd 2/日本語.flac": 900_001, "album/cd 2/z": 1,
	},
}

// each runs a test for every client and content.
func each(t *testing.T, test func(l *lab, c client)) {
	for _, c := range clients {
		for name, files := range contents {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				test(newLab(t, files), c)
			})
		}
	}
}

// TestInteropGet downloads from a foreign client that is the only seeder.
func TestInteropGet(t *testing.T) {
	each(t, func(l *lab, c client) {
		c.start(l, l.content)
		l.swarm("waiting for the seeder", func(s tracker.SwarmStats) bool { return s.Seeds == 1 })
		l.spate(0, l.own("get", l.torrent, "-d", l.empty, "--timeout", patience.String())...)
		l.must(l.same(l.empty, true))
		l.spate(0, "check", l.torrent, "-d", l.empty, "-q")
	})
}

// TestInteropSeed serves a foreign client that has nothing. It is there first,
// so that the seeder must do the dialing: transmission never dials a loopback
// address.
func TestInteropSeed(t *testing.T) {
	each(t, func(l *lab, c client) {
		c.start(l, l.empty)
		l.swarm("waiting for the leecher", func(s tracker.SwarmStats) bool { return s.Downloaders == 1 })
		seeder := l.background(binary, l.own("seed", l.torrent, "-d", l.content)...)
		l.until("waiting for the content", func() error { return l.same(l.empty, !c.noEmpty) })
		seeder.stop()
	})
}
