package announce

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"spate/proto/tracker"
)

const sec = time.Second

var errDown = errors.New("down")

func fixedRand() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// field runs one schedule in virtual time against trackers that answer at
// once, and logs what it asks: "seconds host event".
type field struct {
	s    *Schedule
	now  time.Duration
	down map[string]bool
	resp tracker.Response
	log  []string
}

func newField(mode Mode, tiers ...string) *field {
	var list [][]string
	for _, tier := range tiers {
		var urls []string
		for host := range strings.FieldsSeq(tier) {
			urls = append(urls, "http://"+host+"/announce")
		}
		list = append(list, urls)
	}
	return &field{s: NewSchedule(list, mode, fixedRand()), down: map[string]bool{}, resp: tracker.Response{Interval: 100 * sec}}
}

// run lets time pass up to until, inclusive.
func (f *field) run(until time.Duration) {
	for f.s.Next() <= until {
		f.now = max(f.now, f.s.Next())
		for a, ok := f.s.Due(f.now); ok; a, ok = f.s.Due(f.now) {
			f.answer(a)
		}
	}
	f.now = until
}

func (f *field) answer(a Ask) {
	event := a.Event.String()
	if event == "" {
		event = "-"
	}
	line := fmt.Sprintf("%d %s %s", f.now/sec, a.Host, event)
	var err error
	if f.down[a.Host] {
		line, err = line+" fails", errDown
	}
	f.log = append(f.log, line)
	f.s.Result(f.now, a, f.resp, err)
}

// want checks the log and clears it. Lines are separated by "; ".
func (f *field) want(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(f.log, "; "); got != want {
		t.Errorf("asked\n%s\nwant\n%s", got, want)
	}
	f.log = nil
}

func TestLifeOfATorrent(t *testing.T) {
	f := newField(EachTier, "a")
	if f.run(1000 * sec); len(f.log) > 0 {
		t.Errorf("asked before Start: %v", f.log)
	}
	f.s.Completed(f.now) // before Start: was complete from the beginning
	f.s.Start(f.now)
	f.s.Start(f.now)
	f.run(1250 * sec)
	f.want(t, "1000 a started; 1100 a -; 1200 a -")
	f.s.Completed(f.now)
	f.s.Completed(f.now)
	f.run(1400 * sec)
	f.want(t, "1250 a completed; 1350 a -")
	f.s.Completed(f.now)
	f.s.Stop()
	f.s.Stop()
	f.run(9000 * sec)
	f.want(t, "1400 a stopped")
	if !f.s.Done() || f.s.Next() != Never {
		t.Error("not done after the last stopped")
	}
}

func TestStartedIsRepeatedUntilItArrives(t *testing.T) {
	f := newField(EachTier, "a")
	f.down["a"] = true
	f.s.Start(0)
	f.run(60 * sec)
	if len(f.log) < 2 || strings.Count(strings.Join(f.log, ";"), "started fails") != len(f.log) {
		t.Errorf("asked %v", f.log)
	}
	f.log = nil
	f.down["a"] = false
	f.run(f.s.Next() + 150*sec)
	if len(f.log) != 2 || !strings.HasSuffix(f.log[0], "a started") || !strings.HasSuffix(f.log[1], "a -") {
		t.Errorf("asked %v", f.log)
	}
}

func TestStoppedGoesOnlyWhereStartedArrived(t *testing.T) {
	f := newField(EachTier, "a", "b", "c")
	f.down["b"] = true
	f.s.Start(0)
	f.run(0)
	f.want(t, "0 a started; 0 b started fails; 0 c started")
	f.down["c"] = true // stopped is not tried again
	f.s.Stop()
	f.run(9000 * sec)
	f.want(t, "0 a stopped; 0 c stopped fails")
	if !f.s.Done() {
		t.Error("not done")
	}

	f = newField(EachTier, "a")
	f.s.Stop()
	if f.run(sec); len(f.log) > 0 || !f.s.Done() {
		t.Errorf("stopped before it was started: %v", f.log)
	}
}

func TestStoppedGoesToEveryTrackerThatListsUs(t *testing.T) {
	f := newField(FirstWorking, "a", "b")
	f.s.Start(0)
	f.run(50 * sec)
	f.down["a"] = true
	f.run(100 * sec)
	f.want(t, "0 a started; 100 a - fails; 100 b started")
	f.down["a"] = false
	f.s.Stop()
	f.run(200 * sec)
	f.want(t, "100 a stopped; 100 b stopped")
}

func TestTiers(t *testing.T) {
	// FirstWorking: down the tiers on failure, from the top each time.
	f := newField(FirstWorking, "a", "b", "c")
	f.down["a"] = true
	f.s.Start(0)
	f.run(0)
	f.want(t, "0 a started fails; 0 b started")
	f.down["a"], f.down["b"] = false, true
	f.run(200 * sec)
	f.want(t, "100 a started; 200 a -")

	// Within a tier the one that works moves to the front.
	f = newField(EachTier, "a b c")
	first := f.s.chains[0].tiers[0][0].host
	last := f.s.chains[0].tiers[0][2].host
	for _, h := range []string{"a", "b", "c"} {
		f.down[h] = h != last
	}
	f.s.Start(0)
	f.run(0)
	f.down[first] = false
	f.run(100 * sec)
	if n := len(f.log); n != 4 || !strings.HasPrefix(f.log[0], "0 "+first) || f.log[2] != "0 "+last+" started" || f.log[3] != "100 "+last+" -" {
		t.Errorf("asked %v; first %s last %s", f.log, first, last)
	}
	if tier := f.s.chains[0].tiers[0]; tier[0].host != last || tier[1].host != first {
		t.Errorf("order %s %s %s", tier[0].host, tier[1].host, tier[2].host)
	}

	// EachTracker: all of them, each on its own.
	f = newField(EachTracker, "a", "b")
	f.down["b"] = true
	f.s.Start(0)
	f.run(0)
	f.want(t, "0 a started; 0 b started fails")
}

func TestShuffleWithinATierOnly(t *testing.T) {
	orders := map[string]bool{}
	for seed := range uint64(200) {
		s := NewSchedule([][]string{{"http://a/", "http://b/", "http://c/"}, {"http://d/"}}, FirstWorking, rand.New(rand.NewPCG(seed, 0)))
		var order string
		for _, tier := range s.chains[0].tiers {
			for _, source := range tier {
				order += source.host
			}
		}
		if order[3] != 'd' {
			t.Fatalf("order %s", order)
		}
		orders[order] = true
	}
	if len(orders) != 6 {
		t.Errorf("%d of 6 orders came up", len(orders))
	}
}

func TestCompletedWaitsForTheAnnounceInFlight(t *testing.T) {
	f := newField(EachTier, "a")
	f.s.Start(0)
	started, _ := f.s.Due(0)
	f.s.Completed(sec)
	if _, ok := f.s.Due(sec); ok || f.s.Next() != Never {
		t.Error("asks while an announce is in flight")
	}
	f.now = 2 * sec
	f.answer(started)
	f.run(150 * sec)
	f.want(t, "2 a started; 2 a completed; 102 a -")
}

func TestCompletedIsToldAgainAfterAFailure(t *testing.T) {
	f := newField(FirstWorking, "a", "b")
	f.s.Start(0)
	f.run(10 * sec)
	f.down["a"] = true
	f.s.Completed(f.now)
	f.run(10 * sec)
	f.want(t, "0 a started; 10 a completed fails; 10 b started; 10 b completed")
	f.down["a"] = false
	f.run(110 * sec)
	f.want(t, "110 a -")
}

func TestStopTellsOfACompletionFirst(t *testing.T) {
	check := func(prepare func(f *field), want string) {
		t.Helper()
		f := newField(FirstWorking, "a", "b")
		f.s.Start(0)
		f.run(0)
		f.log = nil
		prepare(f)
		f.s.Stop()
		f.run(9000 * sec)
		f.want(t, want)
		if !f.s.Done() {
			t.Error("not done")
		}
	}
	check(func(f *field) { f.s.Completed(0) }, "0 a completed; 0 a stopped")
	check(func(f *field) { f.s.Completed(0); f.down["a"] = true }, "0 a completed fails; 0 a stopped fails")
	check(func(f *field) { // backing off is no reason to keep silent
		f.run(99 * sec)
		f.down["a"], f.down["b"] = true, true
		f.run(100 * sec)
		f.s.Completed(f.now)
		f.run(100 * sec)
		f.down["a"] = false
		f.log = nil
	}, "100 a completed; 100 a stopped")
}

func TestStopWithAnAnnounceInFlight(t *testing.T) {
	check := func(event tracker.Event, err error, want string) {
		t.Helper()
		f := newField(EachTier, "a")
		f.s.Start(0)
		if event != tracker.EventStarted {
			f.run(99 * sec)
			f.now = 100 * sec
		}
		if event == tracker.EventCompleted {
			f.s.Completed(f.now)
		}
		f.log = nil
		a, ok := f.s.Due(f.now)
		if !ok || a.Event != event {
			t.Fatalf("due %v, want %v", a.Event, event)
		}
		f.s.Stop()
		if _, ok := f.s.Due(f.now); ok || f.s.Done() {
			t.Error("does not wait for the announce in flight")
		}
		f.s.Result(f.now, a, f.resp, err)
		f.run(9000 * sec)
		f.want(t, want)
		if !f.s.Done() {
			t.Error("not done")
		}
	}
	check(tracker.EventStarted, nil, "0 a stopped")
	check(tracker.EventStarted, errDown, "")
	check(tracker.EventNone, nil, "100 a stopped")
	check(tracker.EventNone, errDown, "100 a stopped")
	check(tracker.EventCompleted, nil, "100 a stopped")
	check(tracker.EventCompleted, errDown, "100 a stopped")
}

func TestReannounce(t *testing.T) {
	check := func(resp tracker.Response, asked, want time.Duration) {
		t.Helper()
		f := newField(EachTier, "a")
		f.resp = resp
		f.s.Reannounce(0) // before Start: nothing
		f.s.Start(0)
		f.run(0)
		f.s.Reannounce(asked)
		if got := f.s.Next(); got != want {
			t.Errorf("%v: asked for at %v, due at %v; want %v", resp, asked, got, want)
		}
	}
	check(tracker.Response{Interval: 1800 * sec, MinInterval: 900 * sec}, 10*sec, 900*sec)
	check(tracker.Response{Interval: 1800 * sec, MinInterval: 900 * sec}, 1000*sec, 1000*sec)
	check(tracker.Response{Interval: 1800 * sec, MinInterval: 900 * sec}, 3000*sec, 1800*sec)
	check(tracker.Response{Interval: 1800 * sec}, 10*sec, OutOfTurnDefault)
	check(tracker.Response{Interval: 30 * sec}, 10*sec, 30*sec)
	check(tracker.Response{Interval: 1800 * sec, MinInterval: sec}, 0, IntervalLeast)

	f := newField(EachTier, "a") // while backing off, and while in flight
	f.down["a"] = true
	f.s.Start(0)
	f.run(0)
	before := f.s.Next()
	if f.s.Reannounce(0); f.s.Next() != before {
		t.Error("reannounce overrides the back-off")
	}
	f.s.Due(before)
	if f.s.Reannounce(before); f.s.Next() != Never {
		t.Error("reannounce beside an announce in flight")
	}
}

func TestNumWantAndPaused(t *testing.T) {
	f := newField(EachTier, "a")
	due := func(want int, event tracker.Event) {
		t.Helper()
		a, ok := f.s.Due(f.s.Next())
		if !ok || a.NumWant != want || a.Event != event {
			t.Errorf("numwant %d, event %q; want %d, %q", a.NumWant, a.Event, want, event)
		}
		f.resp.TrackerID += "x"
		f.s.Result(f.now, a, f.resp, nil)
	}
	f.s.SetPartial(true)
	f.s.Start(0)
	due(NumWantMost, tracker.EventStarted)
	f.s.Want(0)
	due(0, tracker.EventPaused)
	f.s.Want(-1)
	f.s.SetPartial(false)
	due(0, tracker.EventNone)
	f.s.Want(NumWantMost + 1)
	due(NumWantMost, tracker.EventNone)
	f.s.Want(30)
	due(30, tracker.EventNone)
	f.resp.TrackerID = ""
	a, _ := f.s.Due(f.s.Next())
	if a.TrackerID != "xxxxx" {
		t.Errorf("tracker id %q", a.TrackerID)
	}
	f.s.Result(f.now, a, tracker.Response{}, nil)
	f.s.Stop()
	if a, _ := f.s.Due(0); a.NumWant != 0 || a.Event != tracker.EventStopped || a.TrackerID != "xxxxx" {
		t.Errorf("stopped asks %+v", a)
	}
}

func TestRejectedTrackers(t *testing.T) {
	check := func(tiers [][]string, wantHosts string, want ...string) {
		t.Helper()
		s := NewSchedule(tiers, FirstWorking, fixedRand())
		var hosts, errs []string
		for _, c := range s.chains {
			for _, tier := range c.tiers {
				for _, source := range tier {
					hosts = append(hosts, source.host)
				}
			}
		}
		for _, r := range s.Rejected() {
			errs = append(errs, r.URL+": "+r.Err.Error())
		}
		if strings.Join(hosts, " ") != wantHosts || !reflect.DeepEqual(errs, want) {
			t.Errorf("%v: hosts %v, rejected %q; want %s, %q", tiers, hosts, errs, wantHosts, want)
		}
		if s.Start(0); len(hosts) == 0 && s.Next() != Never {
			t.Error("has something to ask without a tracker")
		}
	}
	check(nil, "")
	check([][]string{{}, {""}, {" http://A/x\n"}, {"http://A/x"}}, "a")
	check([][]string{{"udp://a:1/announce"}, {"http://b/"}}, "b", "udp://a:1/announce: udp trackers are not supported")
	check([][]string{{"wss://a/"}}, "", "wss://a/: wss trackers are not supported")
	check([][]string{{"a.example"}}, "", "a.example: not an http or https URL")
	check([][]string{{"http://"}}, "", "http://: URL has no host")
}

func TestTrackersMost(t *testing.T) {
	check := func(n, wantRejected int) {
		t.Helper()
		var tiers [][]string
		for i := range n {
			tiers = append(tiers, []string{fmt.Sprintf("http://t%d/", i)})
		}
		s := NewSchedule(tiers, EachTracker, fixedRand())
		if len(s.chains) != min(n, TrackersMost) || len(s.Rejected()) != wantRejected {
			t.Errorf("%d trackers: %d used, %d rejected", n, len(s.chains), len(s.Rejected()))
		}
		if wantRejected > 0 && s.Rejected()[0].Err != ErrManyTrackers {
			t.Errorf("rejected %v", s.Rejected()[0])
		}
	}
	check(TrackersMost, 0)
	check(TrackersMost+1, 1)
	check(TrackersMost+50, 1)
}
