package announce

import (
	"fmt"
	"testing"
	"time"
)

func TestShutdownTellsEverybodyOnce(t *testing.T) {
	const torrents = 500
	l := newLab(EachTier)
	l.delay["a"] = sec / 10
	var ids []ID
	for range torrents {
		ids = append(ids, l.add(urlA))
	}
	l.run(900 * sec)
	l.events()
	l.left = 0
	for _, id := range ids {
		l.a.Completed(l.now, id)
	}
	l.a.Shutdown(l.now) // at once, as a download does that ends when complete
	l.run(900*sec + StopTimeout)
	count := map[string]int{}
	for _, s := range l.arrived {
		count[s.req.Event.String()]++
		if s.req.Left != 0 {
			t.Fatalf("%v with left=%d", s.req.Event, s.req.Left)
		}
	}
	if count["completed"] != torrents || count["stopped"] != torrents || len(l.arrived) != 2*torrents {
		t.Errorf("arrived: %v", count)
	}
	if l.mostOf["a"] != StopPerHost || !l.a.Idle() || l.wake != Never {
		t.Errorf("%d at a time, idle %v, wake %v", l.mostOf["a"], l.a.Idle(), l.wake)
	}
}

func TestStopInFlightLimit(t *testing.T) {
	l := newLab(EachTier)
	for i := range 2 * StopInFlight {
		l.add(fmt.Sprintf("http://h%d/", i%(StopInFlight/2)))
	}
	l.run(0)
	for i := range StopInFlight / 2 {
		l.delay[fmt.Sprintf("h%d", i)] = sec
	}
	l.a.Shutdown(l.now)
	l.run(10 * sec)
	if l.most != StopInFlight || len(l.arrived) != 4*StopInFlight {
		t.Errorf("%d in flight at a time, %d arrived", l.most, len(l.arrived))
	}
}

func TestStopTimeout(t *testing.T) {
	check := func(name string, prepare func(l *lab), want string) {
		t.Helper()
		l := newLab(EachTier)
		id := l.add(urlA)
		l.run(sec)
		l.log = nil
		prepare(l)
		l.events()
		l.a.Remove(l.now, id)
		from := l.now
		for l.run(l.now); l.a.parting > 0 && l.now < from+time.Hour; l.run(min(l.wake, Never-1)) {
		}
		if l.now > from+StopTimeout || name != "queued behind others" && !l.a.Idle() {
			t.Errorf("%s: through %v after Remove", name, l.now-from)
		}
		if got := l.events(); got != want {
			t.Errorf("%s: arrived %s, want %s", name, got, want)
		}
	}
	check("dead tracker", func(l *lab) { l.delay["a"] = Never }, "1 a stopped")
	check("slow tracker", func(l *lab) { l.delay["a"] = StopTimeout - 1 }, "1 a stopped")
	check("one announce in flight", func(l *lab) {
		l.delay["a"] = Never
		l.run(1000 * sec)
		l.delay["a"] = 0
	}, "1002 a stopped")
	check("completed is slow", func(l *lab) {
		l.delay["a"] = Never
		l.a.Completed(l.now, 1)
	}, "1 a completed; 3 a stopped")
	check("queued behind others", func(l *lab) {
		l.delay["a"] = Never
		for range PerHost {
			l.add(urlA)
		}
		l.run(l.now)
	}, "")
}

// A removed torrent's queued announce is not sent, and its stop does not wait
// for its turn.
func TestRemoveWhileQueued(t *testing.T) {
	l := newLab(EachTier)
	l.delay["a"] = 10 * sec
	for range PerHost {
		l.add(urlA)
	}
	queued := l.add(urlA)
	l.run(sec)
	l.events()
	l.a.Remove(l.now, queued)
	if l.a.parting != 0 {
		t.Error("takes leave of trackers that never heard of it")
	}
	l.run(30 * sec)
	l.want(t, "")
	if !l.a.Idle() || len(l.a.requests.ready) > 0 {
		t.Errorf("left over: %+v", l.a.requests)
	}
}

// A completion that had to queue for more than its share of the leave is left
// out, so that there is time for stopped.
func TestCompletedQueuedForTooLong(t *testing.T) {
	l := newLab(EachTier)
	leaving := l.add(urlA)
	l.run(sec)
	l.delay["a"] = StopTimeout * 3 / 5
	for range PerHost {
		l.add(urlA)
	}
	l.run(sec)
	l.a.Completed(l.now, leaving)
	l.run(sec)
	l.events()
	l.a.Remove(l.now, leaving)
	l.run(20 * sec)
	l.want(t, "4 a stopped")
	if l.a.parting != 0 {
		t.Error("not through")
	}
}
