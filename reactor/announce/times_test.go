package announce

import (
	"testing"
	"time"

	"spate/proto/tracker"
)

func TestWaits(t *testing.T) {
	check := func(interval, least, wantInterval, wantLeast time.Duration) {
		t.Helper()
		gotInterval, gotLeast := waits(tracker.Response{Interval: interval, MinInterval: least})
		if gotInterval != wantInterval || gotLeast != wantLeast {
			t.Errorf("waits(%v, %v) = %v, %v; want %v, %v", interval, least, gotInterval, gotLeast, wantInterval, wantLeast)
		}
	}
	check(0, 0, IntervalDefault, OutOfTurnDefault)
	check(time.Hour, 0, time.Hour, OutOfTurnDefault)
	check(time.Hour, time.Minute/2, time.Hour, time.Minute/2)
	check(20*sec, 0, 20*sec, 20*sec)
	check(sec, 0, IntervalLeast, IntervalLeast)
	check(sec, sec, IntervalLeast, IntervalLeast)
	check(time.Minute, time.Hour, time.Hour, time.Hour) // the stricter one counts
	check(0, time.Hour, time.Hour, time.Hour)
	check(IntervalMost+1, 0, IntervalMost, OutOfTurnDefault)
	check(tracker.MaxInterval, tracker.MaxInterval, IntervalMost, IntervalMost)
}

func TestBackoff(t *testing.T) {
	rng := fixedRand()
	check := func(failures int, most time.Duration) {
		t.Helper()
		seen := map[time.Duration]bool{}
		for range 100 {
			d := backoff(failures, rng)
			if d > most || d <= most*3/4 {
				t.Fatalf("backoff(%d) = %v; want at most %v, less a quarter", failures, d, most)
			}
			seen[d] = true
		}
		if len(seen) < 90 {
			t.Errorf("backoff(%d) hardly varies", failures)
		}
	}
	check(1, 15*sec)
	check(2, 30*sec)
	check(3, time.Minute)
	check(7, 16*time.Minute)
	check(8, BackoffMost)
	check(9, BackoffMost)
	check(1<<40, BackoffMost)
}
