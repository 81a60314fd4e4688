package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestSlowSeed: four leechers that find each other through the tracker alone
// get a torrent from a seed slower than they are. What they could have of each
// other they do not ask of the seed.
func TestSlowSeed(t *testing.T) {
	const leechers, size, limit, most = 4, 24 << 20, "4MiB", 1.3
	l := parallel(t)
	r := l.tracker()
	tor := l.single(size, 64<<10, r.url())
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--up-limit", limit)
	r.hears(seed, "started")
	began := time.Now()
	var gets []*process
	for i := range leechers {
		gets = append(gets, l.spate("get", tor.path, "-d", l.path(fmt.Sprint("got", i))))
	}
	var fetched int64
	for i, get := range gets {
		get.exits(0)
		tor.same(l.path(fmt.Sprint("got", i)))
		fetched += get.last("stopped").Downloaded
	}
	took := time.Since(began)
	copies := float64(seed.stop().Uploaded) / size
	l.Logf("the seed sent %.3f copies for %d leechers in %.1f s; they fetched %.3f copies each",
		copies, leechers, took.Seconds(), float64(fetched)/leechers/size)
	if copies >= most {
		l.Errorf("the seed sent %.3f copies, want less than %.1f", copies, most)
	}
}
