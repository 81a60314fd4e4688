package announce

import (
	"math"
	"strings"
	"testing"
	"time"
)

// Torrents that wait for a dead host go on to their next tracker once a few
// requests have failed, and hold up nobody.
func TestDeadHostIsLeft(t *testing.T) {
	const torrents = 500
	l := newLab(FirstWorking)
	l.delay["dead"] = Never
	for range torrents {
		l.add("http://dead/", urlA)
	}
	l.add("http://b/") // does not wait
	l.run(RequestTimeout - 1)
	if st := l.a.Stats(); l.mostOf["dead"] != PerHost || st.Answered != 1 {
		t.Errorf("%d to the dead host at a time, %+v", l.mostOf["dead"], st)
	}
	l.run(RequestTimeout + HostRest - 1)
	st := l.a.Stats()
	if st.Answered != 1+torrents || st.TimedOut != PerHost || st.Skipped < torrents-PerHost {
		t.Errorf("after the first ones failed: %+v", st)
	}
	l.events()
	l.run(l.now + HostRest) // one tries again
	if got := strings.Count(l.events(), "dead"); got > 1 {
		t.Errorf("%d requests to the dead host in %v", got, HostRest)
	}
	l.delay["dead"] = 0
	skipped := l.a.Stats().Skipped
	for range torrents {
		l.add("http://dead/")
	}
	l.run(l.now + HostRest + 2*time.Minute)
	l.events()
	for range torrents {
		l.add("http://dead/")
	}
	l.run(l.now)
	if got := strings.Count(l.events(), "dead started"); got != torrents || l.a.Stats().Skipped > skipped+2*torrents {
		t.Errorf("%d announces to the host that is back, %+v", got, l.a.Stats())
	}
}

// Refusals say that a host works.
func TestRefusalsAreNoOutage(t *testing.T) {
	var h host
	q := newRequests()
	for range HostFailures - 1 {
		h.failed(0)
	}
	if q.answered(&h); h.down() {
		t.Error("down after an answer")
	}
	for range HostFailures {
		h.failed(sec)
	}
	if !h.down() || h.limit() != 1 || h.restsTo != sec+HostRest {
		t.Errorf("after %d failures: %+v", HostFailures, h)
	}
	h.failures = math.MaxInt - 1
	h.failed(sec)
}

// Torrents that want peers, and farewells, do not wait for the others.
func TestEagerTorrentsGoFirst(t *testing.T) {
	check := func(event string, do func(l *lab, id ID)) {
		t.Helper()
		l := newLab(EachTier)
		l.resp.MinInterval = IntervalLeast
		id := l.a.Add(0, Torrent{InfoHash: [20]byte{'!'}, Tiers: [][]string{{urlA}}, Idle: true})
		l.run(0)
		l.delay["a"] = sec / 10
		addMany(l.a, 2000, [][]string{{urlA}})
		l.run(IntervalLeast)
		if st := l.a.Stats(); st.Waiting < 1000 {
			t.Fatalf("nothing is to wait behind: %+v", st)
		}
		l.arrived = nil
		do(l, id)
		l.run(l.now + sec)
		for i, s := range l.arrived {
			if s.req.InfoHash[0] == '!' && s.req.Event.String() == event {
				if i > PerHostMost {
					t.Errorf("%s: %d went before it", event, i)
				}
				return
			}
		}
		t.Errorf("%s: none within a second", event)
	}
	check("started", func(l *lab, _ ID) {
		l.a.Add(l.now, Torrent{InfoHash: [20]byte{'!'}, Tiers: [][]string{{urlA}}})
	})
	check("completed", func(l *lab, id ID) { l.a.Completed(l.now, id) })
	check("stopped", func(l *lab, id ID) { l.a.Remove(l.now, id) })
	check("", func(l *lab, id ID) {
		l.a.Wanted(id, 1)
		l.a.Reannounce(l.now, id)
	})
}

// Those that may wait are not forgotten while a host is busy with others.
func TestPatientTorrentsAreNotForgotten(t *testing.T) {
	h := &host{window: PerHost}
	q := newRequests()
	q.perHost, q.inFlight = math.MaxInt, math.MaxInt
	h.window = math.MaxInt
	for range 100 {
		q.queue(&request{entry: &entry{}, host: h}, true)
	}
	patient := &request{entry: &entry{}, host: h}
	q.queue(patient, false)
	for i := 1; ; i++ {
		if q.take() == patient {
			if i != eagerRun+1 {
				t.Errorf("it was number %d", i)
			}
			return
		}
	}
}

// A host that answers while many wait gets more requests, up to a limit.
func TestBusyHostGetsMore(t *testing.T) {
	l := newLab(EachTier)
	l.delay["a"], l.delay["b"] = sec/10, sec/10
	for range 1000 {
		l.add(urlA)
	}
	for range Backlog {
		l.add("http://b/")
	}
	l.run(20 * sec)
	if l.mostOf["a"] != PerHostMost || l.mostOf["b"] != PerHost || len(l.arrived) != 1000+Backlog {
		t.Errorf("at a time %v, %d arrived", l.mostOf, len(l.arrived))
	}
}

// A queue that is never empty does not grow for ever.
func TestQueueReusesItsRoom(t *testing.T) {
	var q queue
	for i := range 10 {
		q.push(&request{deadline: time.Duration(i)})
	}
	for i := range 100_000 {
		q.push(&request{deadline: time.Duration(i + 10)})
		if r := q.pop(); r.deadline != time.Duration(i) {
			t.Fatalf("number %d comes as number %d", r.deadline, i)
		}
	}
	if cap(q.list) > 64 {
		t.Errorf("room for %d", cap(q.list))
	}
}

// What torrents name is kept once, and let go of with the last of them.
func TestTrackersAreShared(t *testing.T) {
	l := newLab(EachTier)
	var ids []ID
	for range 10 {
		ids = append(ids, l.add(urlA, "http://b/"), l.add(urlA))
	}
	if len(l.a.trackers.lists) != 2 || len(l.a.trackers.hosts) != 2 || l.a.trackers.hosts["a"].users != 2 {
		t.Errorf("%d lists, %d hosts", len(l.a.trackers.lists), len(l.a.trackers.hosts))
	}
	l.run(0)
	for _, id := range ids {
		l.a.Remove(l.now, id)
	}
	l.run(0)
	if len(l.a.trackers.lists)+len(l.a.trackers.hosts) != 0 || !l.a.Idle() {
		t.Errorf("%d lists and %d hosts are left", len(l.a.trackers.lists), len(l.a.trackers.hosts))
	}
	in := newInterned()
	check := func(same bool, x, y [][]string) {
		t.Helper()
		if one, other := in.take(x), in.take(y); (one == other) != same {
			t.Errorf("%v and %v: the same is %v", x, y, !same)
		}
	}
	check(true, [][]string{{"http://x/"}}, [][]string{{"http://x/"}})
	check(false, [][]string{{"http://x/"}, {"http://y/"}}, [][]string{{"http://x/", "http://y/"}})
	check(false, [][]string{{"http://x/"}}, [][]string{{"http://xy/"}})
	check(false, nil, [][]string{{}})
	chance := in.take([][]string{{"http://z/"}})
	in.lists[in.sum([][]string{{"http://q/"}})] = chance // as if it had the same hash
	if other := in.take([][]string{{"http://q/"}}); other == chance || other.list[0].host != "q" {
		t.Error("a hash by chance gives the trackers of others")
	} else {
		in.release(other)
	}
	if in.lists[in.sum([][]string{{"http://q/"}})] != chance || in.hosts["q"] != nil {
		t.Error("letting go of it took the other along")
	}
}
