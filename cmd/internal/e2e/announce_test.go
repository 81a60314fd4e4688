package e2e

import (
	"fmt"
	"strings"
	"testing"

	"spate/proto/metainfo"
)

// awkward likes hashes with the bytes that queries get wrong: a space, a plus,
// a percent sign, an ampersand or an equals sign, and one beyond ASCII.
func awkward(h metainfo.Hash) bool {
	s := string(h[:])
	return strings.ContainsAny(s, " ") && strings.ContainsAny(s, "+") && strings.ContainsAny(s, "%&=") &&
		strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e })
}

const ownQuery = "key=abc&x=%20y"

// told makes a torrent whose tracker has a query of its own.
func told(l *lab, r *recorder) *torrent {
	return l.make(recipe{
		name: "told", files: []file{{"content.bin", 300000}}, pieceLength: 32 << 10,
		announce: []string{r.url() + "?" + ownQuery}, accept: awkward,
	})
}

// exact demands of every query that it names the torrent and keeps the URL's
// own parameters as they are.
func (r *recorder) exact(t *torrent) {
	r.lab.Helper()
	for _, a := range r.heard() {
		if got := a.values["info_hash"]; len(got) != 1 || got[0] != string(t.meta.InfoHash[:]) {
			r.lab.Errorf("info_hash %q, want %q", got, t.meta.InfoHash[:])
		}
		if !strings.HasPrefix(a.raw, ownQuery+"&") {
			r.lab.Errorf("query %q does not begin with the URL's own %q", a.raw, ownQuery)
		}
	}
}

func TestAnnouncesOfGet(t *testing.T) {
	l := parallel(t)
	r := l.tracker()
	tor := told(l, r)
	seed := l.spate("seed", tor.path, "-d", tor.dir)
	r.hears(seed, "started")
	get := l.run(0, "get", tor.path, "-d", l.path("got"))
	tor.same(l.path("got"))
	r.tells(get, fmt.Sprintf("started left=%d, completed left=0, stopped left=0", tor.length()))
	seed.stop()
	r.tells(seed, "started left=0, stopped left=0")
	r.exact(tor)
	l.Logf("info-hash %s in %d queries such as %s", tor.meta.InfoHash, len(r.heard()), r.heard()[0].raw)
}

// TestAnnouncesOfGetAndSeed: a get that goes on seeding is one life, and
// content that was there before is not completed again.
func TestAnnouncesOfGetAndSeed(t *testing.T) {
	l := parallel(t)
	r := l.tracker()
	tor := told(l, r)
	seed := l.spate("seed", tor.path, "-d", tor.dir)
	r.hears(seed, "started")
	get := l.spate("get", tor.path, "-d", l.path("got"), "--seed", "--state", l.path("state"))
	r.hears(get, "completed")
	get.stop()
	r.tells(get, fmt.Sprintf("started left=%d, completed left=0, stopped left=0", tor.length()))

	again := l.spate("get", tor.path, "-d", l.path("got"), "--seed", "--state", l.path("state"))
	r.hears(again, "started")
	again.stop()
	r.tells(again, "started left=0, stopped left=0")
}

// TestTrackerFlags: --tracker adds to the torrent's own, --no-trackers silences
// both.
func TestTrackerFlags(t *testing.T) {
	l := parallel(t)
	own, more := l.tracker(), l.tracker()
	tor := told(l, own)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--tracker", more.url())
	own.hears(seed, "started")
	more.hears(seed, "started")
	get := l.run(0, "get", tor.path, "-d", l.path("got"), "--tracker", more.url(), "--no-trackers", "--peer", seed.ready())
	own.tells(get, "")
	more.tells(get, "")
	if n := get.count("tracker"); n > 0 {
		l.Errorf("%d tracker events with --no-trackers", n)
	}
	seed.stop()
	own.tells(seed, "started left=0, stopped left=0")
	more.tells(seed, "started left=0, stopped left=0")
}
