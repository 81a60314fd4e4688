package announce

import (
	"strings"
	"testing"
	"time"

	"spate/proto/tracker"
)

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
		f.s.Result(f.now, a, f.resp, err, f.rng)
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
	check(tracker.Response{Interval: 900 * sec, MinInterval: 900 * sec}, 3000*sec, 900*sec)
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
		var r tracker.Request
		url := f.s.Fill(a, &r)
		if !ok || r.NumWant != want || r.Event != event || url != urlA {
			t.Errorf("%s: numwant %d, event %q; want %d, %q", url, r.NumWant, r.Event, want, event)
		}
		f.resp.TrackerID += "x"
		f.s.Result(f.now, a, f.resp, nil, f.rng)
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
	var r tracker.Request
	if f.s.Fill(a, &r); r.TrackerID != "xxxxx" {
		t.Errorf("tracker id %q", r.TrackerID)
	}
	f.s.Result(f.now, a, tracker.Response{}, nil, f.rng)
	f.s.Stop()
	a, _ = f.s.Due(0)
	if f.s.Fill(a, &r); r.NumWant != 0 || r.Event != tracker.EventStopped || r.TrackerID != "xxxxx" {
		t.Errorf("stopped asks %+v", r)
	}
}
