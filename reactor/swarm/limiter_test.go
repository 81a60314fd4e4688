package swarm

import (
	"math"
	"testing"
	"time"
)

// drive takes blocks on the loops named whenever the limiter allows some, turn by
// turn, and returns the bytes taken by each.
func drive(l *Limiter, block int, from, span time.Duration, loops ...int) []int64 {
	taken := make([]int64, len(l.lines))
	for now := from; now < from+span; now += 10 * time.Millisecond {
		for _, i := range loops {
			for l.Left(i, now, true) > 0 {
				l.Take(i, block)
				taken[i] += int64(block)
			}
		}
	}
	return taken
}

func sum(all []int64) (n int64) {
	for _, v := range all {
		n += v
	}
	return n
}

func TestLimiterHoldsItsRate(t *testing.T) {
	check := func(rate int64, block int, span time.Duration, loops ...int) {
		t.Helper()
		l := NewLimiter(rate, 4)
		for _, i := range loops {
			l.Demand(i, int64(1+i))
		}
		drive(l, block, 0, time.Second, loops...) // what was saved up is used
		got := sum(drive(l, block, time.Second, span, loops...))
		want := int64(float64(rate) * span.Seconds())
		if slack := int64(block*len(loops)) + want/200; got < want-slack || got > want+slack {
			t.Errorf("rate %d, blocks of %d on loops %v: %d bytes in %v, want %d", rate, block, loops, got, span, want)
		}
	}
	check(1<<20, 16<<10, 10*time.Second, 0)
	check(10<<10, 16<<10, 60*time.Second, 0) // slower than a block a turn
	check(10<<10, 16<<10, 60*time.Second, 0, 1, 2, 3)
	check(1<<30, 16<<10, 2*time.Second, 0)
	check(1<<30, 16<<10, 2*time.Second, 0, 1, 2, 3)
	check(100<<10, 128<<10, 60*time.Second, 1, 3)
	check(1, 1, time.Hour, 2)
}

func TestLimiterFollowsDemand(t *testing.T) {
	l := NewLimiter(1<<20, 3)
	l.Demand(0, 1)
	l.Demand(2, 3)
	taken := drive(l, 1<<10, 0, 20*time.Second, 0, 2)
	if ratio := float64(taken[2]) / float64(taken[0]); ratio < 2.9 || ratio > 3.1 {
		t.Errorf("loops with demand 1 and 3 took %d and %d bytes", taken[0], taken[2])
	}
}

// TestLimiterWastesNothing: what a loop wants and does not use, the others get.
func TestLimiterWastesNothing(t *testing.T) {
	const rate, span = 1 << 20, 20 * time.Second
	l := NewLimiter(rate, 3)
	for i := range 3 {
		l.Demand(i, 1)
	}
	taken := make([]int64, 3)
	for now := time.Duration(0); now < span; now += 10 * time.Millisecond {
		if l.Left(0, now, false) > 0 && now%(100*time.Millisecond) == 0 {
			l.Take(0, 1<<10)
			taken[0] += 1 << 10
		}
		for i := 1; i < 3; i++ {
			for l.Left(i, now, true) > 0 {
				l.Take(i, 1<<10)
				taken[i] += 1 << 10
			}
		}
	}
	want := rate * span.Seconds()
	if got := float64(sum(taken)); math.Abs(got/want-1) > 0.02 {
		t.Errorf("%v: %.0f bytes in all, want %.0f", taken, got, want)
	}
	if ratio := float64(taken[1]) / float64(taken[2]); ratio < 0.8 || ratio > 1.25 {
		t.Errorf("two loops that are alike took %d and %d bytes", taken[1], taken[2])
	}
}

func TestLimiterSavesUpNoMoreThanItsBurst(t *testing.T) {
	check := func(waiting bool, most time.Duration) {
		t.Helper()
		l := NewLimiter(1<<20, 1)
		l.Take(0, 1000)
		l.Left(0, time.Hour, waiting)
		l.Take(0, int(l.Left(0, time.Hour, waiting)))
		want := int64(float64(1<<20) * most.Seconds())
		if got := l.Left(0, 2*time.Hour, waiting); got < want-1 || got > want+1 {
			t.Errorf("%d bytes at once after an hour, want %d", got, want)
		}
	}
	check(false, burst)
	check(true, lateness)
}

func TestLimiterGivesBack(t *testing.T) {
	l := NewLimiter(1<<20, 1)
	l.Take(0, int(l.Left(0, time.Hour, false)))
	if n := l.Left(0, time.Hour, false); n != 0 {
		t.Errorf("%d bytes after all were taken", n)
	}
	if l.Give(0, 5<<10); l.Left(0, time.Hour, false) != 5<<10 {
		t.Error("what was given back is not there")
	}
}

func TestLimiterWithoutLimit(t *testing.T) {
	for _, l := range []*Limiter{nil, NewLimiter(0, 1)} {
		l.Take(0, 1<<40)
		l.Demand(0, 1)
		if l.Limited() || l.Left(0, 0, true) <= 0 {
			t.Error("a rate of 0 limits")
		}
	}
}
