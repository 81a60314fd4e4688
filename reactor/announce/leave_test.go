package announce

import (
	"fmt"
	"strings"
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

// Until the first announce is answered there is nobody to take leave of, so that
// answer is waited for.
func TestStopWaitsForTheFirstAnswer(t *testing.T) {
	check := func(delay time.Duration, complete bool, through time.Duration, want string) {
		t.Helper()
		l := newLab(EachTier)
		l.delay["a"] = delay
		id := l.add(urlA)
		l.run(0)
		if l.delay["a"] = 0; complete {
			l.a.Completed(l.now, id)
		}
		l.a.Remove(l.now, id)
		for l.run(l.now); !l.a.Idle() && l.now < time.Hour; l.run(l.now + sec/10) {
		}
		if l.now > through+sec/10 {
			t.Errorf("answer after %v: through after %v, want %v", delay, l.now, through)
		}
		l.want(t, want)
	}
	check(sec, false, sec, "0 a started; 1 a stopped")
	check(sec, true, sec, "0 a started; 1 a completed; 1 a stopped")
	check(StopTimeout-startedShare-1, false, StopTimeout-startedShare, "0 a started; 3 a stopped")
	check(StopTimeout-startedShare-1, true, StopTimeout-startedShare, "0 a started; 3 a stopped")
	check(Never, false, StopTimeout-startedShare, "0 a started")
}

// What does not get through in time is dropped and counted, those that want
// peers and those announced last go first, and dead hosts hold up nobody.
func TestShutdownOrderAndBound(t *testing.T) {
	l := newLab(EachTier)
	l.resp.MinInterval = 0
	const old, recent, wanting, dead = 20_000, 3000, 500, 10
	addMany(l.a, old, [][]string{{urlA}})
	settle(l.a, 0)
	l.now = 10 * sec
	for range recent {
		l.a.Add(l.now, Torrent{InfoHash: [20]byte{'r'}, Tiers: [][]string{{urlA}}, Idle: true})
	}
	for i := range dead * PerHost {
		l.a.Add(l.now, Torrent{InfoHash: [20]byte{'d'}, Tiers: [][]string{{fmt.Sprintf("http://dead%d/", i%dead)}}})
	}
	settle(l.a, l.now)
	for range wanting {
		l.a.Add(l.now, Torrent{InfoHash: [20]byte{'w'}, Tiers: [][]string{{urlA}}})
	}
	settle(l.a, l.now)
	if st := l.a.Stats(); st.Answered != old+recent+wanting+dead*PerHost {
		t.Fatalf("not all are known: %+v", st)
	}
	for i := range dead {
		l.delay[fmt.Sprintf("dead%d", i)] = Never
	}
	l.delay["a"] = sec / 20
	l.arrived = nil
	l.a.Shutdown(l.now)
	from := l.now
	for l.run(l.now); !l.a.Idle() && l.now < time.Hour; l.run(l.now + sec/20) {
	}
	if l.now > from+StopTimeout {
		t.Errorf("took %v", l.now-from)
	}
	var order []byte
	got := map[byte]int{}
	for _, s := range l.arrived {
		if s.host == "a" {
			order = append(order, s.req.InfoHash[0])
			got[s.req.InfoHash[0]]++
		}
	}
	if got['w'] != wanting || got['r'] != recent || got[0] == 0 || got[0] == old {
		t.Errorf("farewells by kind: %v", got)
	}
	kinds := string(order)
	if strings.LastIndex(kinds, "w") > 2*wanting || strings.LastIndex(kinds, "r") > strings.Index(kinds, "\x00") {
		t.Error("not those that want peers first, then those announced last")
	}
	st := l.a.Stats()
	if st.Torrents != 0 || st.Waiting+st.InFlight != 0 || l.wake != Never {
		t.Errorf("left over: %+v", st)
	}
	// What is in flight at the end counts as sent and as dropped.
	if all := st.Dropped + int64(len(l.arrived)); all < old+recent+wanting+dead*PerHost || all > old+recent+wanting+dead*PerHost+StopInFlight {
		t.Errorf("%d dropped, %d sent", st.Dropped, len(l.arrived))
	}
	if l.mostOf["a"] != StopPerHost {
		t.Errorf("%d at a time", l.mostOf["a"])
	}
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
