package session

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spate/reactor"
)

// scene runs play beside a session in fake time and returns the outcome.
func scene(t *testing.T, r *run, play func(cancel context.CancelCauseFunc)) error {
	t.Helper()
	var err error
	synctest.Test(t, func(*testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		r.engine.failed = make(chan struct{}) // of this bubble, or time stands still
		outcome := r.begin(ctx)
		synctest.Wait()
		play(cancel)
		err = <-outcome
	})
	return err
}

func (l *lines) equal(t *testing.T, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(l.text, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(l.text, "\n"), strings.Join(want, "\n"))
	}
}

func TestGet(t *testing.T) {
	r := newRun(t, "a")
	err := scene(t, r, func(context.CancelCauseFunc) {
		a := r.engine.torrents[0]
		a.tell(reactor.Event{Kind: reactor.EventAdded, Name: "a", Length: 100, Pieces: 1, PieceLength: 16384})
		a.tell(reactor.Event{Kind: reactor.EventChecked, Have: 0, Pieces: 1})
		a.arrive(40)
		time.Sleep(1100 * time.Millisecond)
		a.arrive(60)
	})
	if err != nil || !r.engine.stopped.Load() {
		t.Error(err, r.engine.stopped.Load())
	}
	hash := r.Sources[0].Meta.InfoHash.String()
	line := func(at, event, rest string) string {
		return `{"time":"2000-01-01T00:00:0` + at + `Z","event":"` + event + `","info_hash":"` + hash + `",` + rest + `}`
	}
	r.json.equal(t,
		line("0", "added", `"name":"a","length":100,"pieces":1,"piece_length":16384`),
		line("0", "checked", `"have":0,"pieces":1`),
		line("1", "progress", `"done":40,"length":100,"down_rate":0,"up_rate":0,"downloaded":40,"uploaded":0,"peers":0`),
		line("1.1", "complete", `"seconds":2.5,"downloaded":100`),
		line("1.1", "stopped", `"downloaded":100,"uploaded":0`),
	)
	r.out.equal(t, "a.torrent: a, 100 B in 1 piece", "a.torrent: 0 of 1 pieces are there", "a.torrent: complete: 100 B in 2.5 s")
}

func TestGetThenSeed(t *testing.T) {
	r := newRun(t, "a")
	r.Config.Seed, r.Config.Ratio = true, 2
	err := scene(t, r, func(context.CancelCauseFunc) {
		a := r.engine.torrents[0]
		if a.options.Ratio != 2 || a.options.SeedOnly {
			t.Errorf("%+v", a.options)
		}
		a.arrive(100)
		time.Sleep(time.Hour)
		if r.engine.stopped.Load() {
			t.Error("stopped once complete")
		}
		a.end(reactor.StateStopped, nil)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInterrupted(t *testing.T) {
	r := newRun(t, "a")
	why := errors.New("signal")
	if err := scene(t, r, func(cancel context.CancelCauseFunc) { cancel(why) }); err != why || !r.engine.stopped.Load() {
		t.Error(err, r.engine.stopped.Load())
	}
}

func TestEngineFails(t *testing.T) {
	r := newRun(t, "a")
	if err := scene(t, r, func(context.CancelCauseFunc) { close(r.engine.failed) }); err != errEngine {
		t.Error(err)
	}
}

func TestTimeout(t *testing.T) {
	r := newRun(t, "a", "b", "c")
	r.Config.Timeout = 1500 * time.Millisecond
	var start, last time.Time
	err := scene(t, r, func(context.CancelCauseFunc) {
		start = time.Now()
		a := r.engine.torrents[0]
		for range 10 {
			a.arrive(10)
			time.Sleep(1400 * time.Millisecond)
		}
		last = time.Now()
		if r.engine.stopped.Load() {
			t.Errorf("gave up after %s", last.Sub(start))
		}
	})
	if !errors.Is(err, ErrTimeout) || err.Error() != "c.torrent and 1 more: gave up: nothing has arrived for 1.5s" {
		t.Error(err)
	}
	if !r.engine.stopped.Load() {
		t.Error("not stopped")
	}
}

func TestTimeoutWaitsForChecks(t *testing.T) {
	r := newRun(t, "a")
	r.Config.Timeout = time.Second
	err := scene(t, r, func(context.CancelCauseFunc) {
		a := r.engine.torrents[0]
		a.mu.Lock()
		a.stats.State = reactor.StateChecking
		a.mu.Unlock()
		time.Sleep(time.Minute)
		a.arrive(100)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTorrentFails(t *testing.T) {
	r := newRun(t, "a", "b", "c")
	r.engine.refuse = map[string]error{"b": errors.New("in use by another process")}
	err := scene(t, r, func(context.CancelCauseFunc) {
		a, c := r.engine.torrents[0], r.engine.torrents[1]
		a.end(reactor.StateFailed, errors.New("disk full"))
		time.Sleep(time.Minute)
		if r.engine.stopped.Load() {
			t.Error("stopped while one goes on")
		}
		c.arrive(100)
	})
	if !errors.Is(err, ErrReported) {
		t.Error(err)
	}
	r.errs.equal(t, "b.torrent: in use by another process", "a.torrent: disk full")
}

func TestPassingError(t *testing.T) {
	r := newRun(t, "a")
	err := scene(t, r, func(context.CancelCauseFunc) {
		a := r.engine.torrents[0]
		a.tell(reactor.Event{Kind: reactor.EventError, Err: errors.New("resume state not saved")})
		a.arrive(100)
	})
	if err != nil {
		t.Error(err)
	}
	r.errs.equal(t, "a.torrent: resume state not saved")
}

func TestSeed(t *testing.T) {
	r := newRun(t, "a", "b")
	r.Get, r.Config.NoCheck, r.Config.Timeout = false, true, time.Second
	err := scene(t, r, func(cancel context.CancelCauseFunc) {
		for _, torrent := range r.engine.torrents {
			if !torrent.options.SeedOnly || !torrent.options.NoCheck {
				t.Errorf("%+v", torrent.options)
			}
			torrent.arrive(100)
		}
		time.Sleep(time.Hour)
		if r.engine.stopped.Load() {
			t.Error("stopped while seeding")
		}
		for _, torrent := range r.engine.torrents {
			torrent.end(reactor.StateStopped, nil)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTrackerNotes(t *testing.T) {
	r := newRun(t, "a")
	_ = scene(t, r, func(cancel context.CancelCauseFunc) {
		a := r.engine.torrents[0]
		tell := func(err error, peers int) {
			a.tell(reactor.Event{Kind: reactor.EventTracker, URL: "http://t/a", Err: err, Peers: peers})
		}
		refused := errors.New("refused")
		tell(refused, 0)
		tell(refused, 0)
		tell(nil, 3)
		tell(refused, 0)
		cancel(nil)
	})
	r.out.equal(t, "a.torrent: http://t/a: refused", "a.torrent: http://t/a: refused")
	for i, want := range []string{`"url":"http://t/a","error":"refused"}`, "", `"url":"http://t/a","peers":3}`} {
		if !strings.HasSuffix(r.json.text[i], want) {
			t.Error(r.json.text[i])
		}
	}
}

// TestTrackersAreToldWithoutSecrets: in notes and in events, and in whatever
// words a tracker refuses.
func TestTrackersAreToldWithoutSecrets(t *testing.T) {
	r := newRun(t, "a")
	_ = scene(t, r, func(cancel context.CancelCauseFunc) {
		r.engine.torrents[0].tell(reactor.Event{
			Kind: reactor.EventTracker, URL: "http://me:mine@t/0123456789abcdef/announce?uid=7",
			Err: errors.New("no\n\x1b[2J" + strings.Repeat("x", 1<<20)),
		})
		cancel(nil)
	})
	if note := r.out.text[0]; len(note) > 6000 || !strings.HasPrefix(note, `a.torrent: http://…@t/01…/announce?uid=…: no\u000a\u001b[2Jxx`) {
		t.Errorf("%.200q", note)
	}
	if line := r.json.text[0]; len(line) > 6000 || !strings.Contains(line, `"url":"http://…@t/01…/announce?uid=…","error":"no\\u000a`) {
		t.Errorf("%.300q", line)
	}
}

func TestResolve(t *testing.T) {
	got, err := resolve(context.Background(), []string{"127.0.0.1:1", "[::1]:65535", "[::ffff:10.0.0.1]:80"})
	want := []netip.AddrPort{
		netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("[::1]:65535"), netip.MustParseAddrPort("10.0.0.1:80"),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Error(got, err)
	}
}

func TestStartErrors(t *testing.T) {
	check := func(change func(*run), want string) {
		t.Helper()
		r := newRun(t, "a")
		change(r)
		if err := Run(context.Background(), r.Options); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	check(func(r *run) { r.Config.Peers = []string{"nowhere"} }, "--peer: nowhere: address nowhere: missing port in address")
	check(func(r *run) { r.Config.Metrics = "127.0.0.1:-1" }, "--metrics: 127.0.0.1:-1: address -1: invalid port")
	check(func(r *run) {
		r.Start = func(reactor.Config) (Engine, error) { return nil, errEngine }
	}, "engine broke")
}
