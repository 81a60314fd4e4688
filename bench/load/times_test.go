package load

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	check := func(in []time.Duration, q float64, want time.Duration) {
		t.Helper()
		times := newTimes()
		for _, d := range in {
			times.record(d)
		}
		copied := times.clone()
		times.record(time.Second) // is no part of the copy
		got := copied.Quantile(q)
		if slack := want / 50; got < want-slack || got > want+slack || copied.Count() != int64(len(in)) {
			t.Errorf("%v: quantile %v is %v of %d, want %v", in, q, got, copied.Count(), want)
		}
	}
	check(nil, 0.5, 0)
	check([]time.Duration{time.Millisecond}, 0.999, time.Millisecond)
	check([]time.Duration{1e6, 2e6, 3e6, 4e6}, 0.5, 2*time.Millisecond)
	check([]time.Duration{1e6, 2e6, 3e6, 4e6}, 1, 4*time.Millisecond)
	check([]time.Duration{-time.Second, time.Hour}, 0.1, 0)
	check([]time.Duration{-time.Second, time.Hour}, 1, maxTime)
	if (Times{}).Quantile(0.5) != 0 || (Times{}).Count() != 0 {
		t.Error("the zero value is not empty")
	}
}

func TestBacklog(t *testing.T) {
	check := func(since, now Snapshot, want float64) {
		t.Helper()
		if got := now.Backlog(&since); got != want {
			t.Errorf("%d of %d: %v, want %v", now.Waiting, now.Due, got, want)
		}
	}
	check(Snapshot{}, Snapshot{}, 0)
	check(Snapshot{}, Snapshot{Waiting: 5, Due: 10}, 0.5)
	check(Snapshot{Waiting: 5, Due: 10}, Snapshot{Waiting: 5, Due: 10}, 0)
	check(Snapshot{Waiting: 5, Due: 10}, Snapshot{Waiting: 6, Due: 20}, 0.1)
	check(Snapshot{}, Snapshot{Waiting: 50, Due: 10}, 1)
}

// Reset forgets the times of requests, and nothing else.
func TestForget(t *testing.T) {
	s := newSnapshot()
	s.FirstByte.record(1)
	s.LastByte.record(1)
	s.Unchoke.record(1)
	s.Rejects = 3
	kept := s.clone()
	s.forget()
	if s.FirstByte.Count() != 0 || s.LastByte.Count() != 0 || s.Unchoke.Count() != 1 || s.Rejects != 3 {
		t.Errorf("left %+v", s)
	}
	if kept.FirstByte.Count() != 1 {
		t.Error("the copy forgot as well")
	}
}
