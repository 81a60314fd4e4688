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

// TestAbsurdIntervals: whatever a tracker says, it is asked again within hours and
// not before seconds; or its answer is refused, and it backs off.
func TestAbsurdIntervals(t *testing.T) {
	check := func(interval, least string, refused bool) {
		t.Helper()
		r, err := tracker.ParseResponse([]byte("d8:interval" + interval + "12:min interval" + least + "5:peers0:e"))
		if (err != nil) != refused {
			t.Fatalf("interval %s, min interval %s: %v", interval, least, err)
		}
		if refused {
			return
		}
		wait, soonest := waits(r)
		if wait < IntervalLeast || wait > IntervalMost || soonest < IntervalLeast || soonest > wait {
			t.Errorf("interval %s, min interval %s: asks after %v, out of turn after %v", interval, least, wait, soonest)
		}
	}
	absurd := []string{
		"i0e", "i1e", "i-1e", "i-9223372036854775808e", "i9223372036854775807e", "i604801e", "0:", "1:0", "2:-1", "3:one",
		"19:9223372036854775808", "20:99999999999999999999", "le", "de", "li1ee", "5:1e300", "3:0x9",
	}
	for _, interval := range absurd {
		for _, least := range absurd {
			check(interval, least, false)
		}
		check(interval, "i9223372036854775808e", true)
	}
	check("i99999999999999999999999e", "i0e", true)
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
