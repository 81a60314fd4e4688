package e2e

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	trackers "spate/reactor/announce"
)

// TestInterruptedGet: SIGINT is a clean stop. Nothing that was downloaded is
// downloaded again, and the tracker is told.
func TestInterruptedGet(t *testing.T) {
	const size, pieceLength = 24 << 20, 64 << 10
	l := parallel(t)
	r := l.tracker()
	tor := l.single(size, pieceLength, r.url())
	seed := l.spate("seed", tor.path, "-d", tor.dir)
	r.hears(seed, "started")
	args := []string{"get", tor.path, "-d", l.path("got"), "--state", l.path("state"), "--down-limit", "8MiB"}
	get := l.spate(args...)
	get.got(size / 4)
	get.signal(syscall.SIGINT)
	said := get.exits(130)
	if said != "" {
		l.Errorf("a clean stop said %q", said)
	}
	if story := r.story(get); story != "started left=25165824, stopped left="+r.left(get, "stopped") {
		l.Errorf("tracker heard %q", story)
	}
	first := get.last("stopped").Downloaded
	kept := tor.partial(l.path("got"))

	again := l.run(0, args...)
	tor.same(l.path("got"))
	have := int64(again.on("checked").Have) * pieceLength
	twice := first + again.last("stopped").Downloaded - size
	l.Logf("stopped with %d bytes fetched and %d on disk; resumed from %d; %d bytes (%.2f pieces) fetched twice",
		first, kept, have, twice, float64(twice)/pieceLength)
	if have != kept || twice < 0 || twice >= pieceLength {
		l.Errorf("%d bytes were kept of %d, and %d fetched twice: want less than a piece", have, kept, twice)
	}
}

// hanging is a tracker that never answers a farewell.
func (l *lab) hanging() (url string, asked <-chan struct{}) {
	l.Helper()
	heard, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("event") == "stopped" {
			once.Do(func() { close(heard) })
			<-done
		}
		_, _ = w.Write([]byte("d8:intervali1800e5:peers0:e"))
	}))
	l.Cleanup(server.Close)
	l.Cleanup(func() { close(done) })
	return server.URL + "/announce", heard
}

// TestTwoInterrupts: the second SIGINT does not wait for what the first does.
func TestTwoInterrupts(t *testing.T) {
	l := parallel(t)
	url, asked := l.hanging()
	tor := l.single(100000, 16<<10, url)
	get := l.spate("get", tor.path, "-d", l.path("got"))
	get.on("tracker")
	first := time.Now()
	get.signal(syscall.SIGINT)
	<-asked
	get.alive()
	get.signal(syscall.SIGINT)
	get.exits(130)
	took := time.Since(first)
	l.Logf("ended %s after the first SIGINT", took.Round(time.Millisecond))
	if took >= trackers.StopTimeout {
		l.Errorf("it took %s", took)
	}
}

// TestTerminatedSeed: SIGTERM is the ordinary end of a seed, and a tracker that
// hangs delays it by a bounded time.
func TestTerminatedSeed(t *testing.T) {
	l := parallel(t)
	url, asked := l.hanging()
	tor := l.single(100000, 16<<10, url)
	seed := l.spate("seed", tor.path, "-d", tor.dir)
	seed.on("tracker")
	first := time.Now()
	seed.signal(syscall.SIGTERM)
	<-asked
	said := seed.exits(0)
	took := time.Since(first)
	l.Logf("ended %s after SIGTERM beside a tracker that never answers", took.Round(time.Millisecond))
	if took > 20*time.Second || said != "" {
		l.Errorf("it took %s and said %q", took, said)
	}
}

// TestTimeout: a get whose only seed dies gives up, and keeps what it has.
func TestTimeout(t *testing.T) {
	const size, pieceLength = 8 << 20, 64 << 10
	l := parallel(t)
	tor := l.single(size, pieceLength)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", "2MiB")
	get := l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", seed.ready(), "--timeout", "2s")
	get.got(1 << 20)
	seed.kill()
	said := get.exits(3)
	l.Logf("%s", said)
	if kept, done := tor.partial(l.path("got")), get.last("progress").Done; kept < done || done == 0 {
		l.Errorf("%d bytes are on disk, of %d done", kept, done)
	}
}
