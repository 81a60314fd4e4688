package swarm

import (
	"testing"
	"time"
)

// drive takes blocks on the loops named until the limiter refuses, tick by
// tick, and returns the bytes taken by each.
func drive(l *Limiter, block int, span time.Duration, loops ...int) []int64 {
	taken := make([]int64, len(l.buckets))
	for now := time.Duration(0); now <= span; now += 50 * time.Millisecond {
		l.Refill(now)
		for _, i := range loops {
			for l.Take(i, block) {
				taken[i] += int64(block)
			}
		}
	}
	return taken
}

func TestLimiterHoldsItsRate(t *testing.T) {
	check := func(rate int64, block int, span time.Duration) {
		t.Helper()
		taken := drive(NewLimiter(rate, 1), block, span, 0)[0]
		want := int64(float64(rate) * span.Seconds())
		slack := int64(block) + rate/20
		if taken < want-slack || taken > want+slack {
			t.Errorf("rate %d, blocks of %d: %d bytes in %v, want %d", rate, block, taken, span, want)
		}
	}
	check(1<<20, 16<<10, 10*time.Second)
	check(10<<10, 16<<10, 60*time.Second) // slower than a block a tick
	check(1<<30, 16<<10, 2*time.Second)
}

func TestLimiterFollowsDemand(t *testing.T) {
	l := NewLimiter(1<<20, 3)
	l.Demand(0, 1)
	l.Demand(2, 3)
	taken := drive(l, 1<<10, 20*time.Second, 0, 2)
	if ratio := float64(taken[2]) / float64(taken[0]); ratio < 2.7 || ratio > 3.3 {
		t.Errorf("loops with demand 1 and 3 took %d and %d bytes", taken[0], taken[2])
	}
	if sum := taken[0] + taken[2]; sum < 19<<20 || sum > 21<<20 {
		t.Errorf("together %d bytes in 20 s at 1 MiB/s", sum)
	}
}

func TestLimiterSavesUpNoMoreThanItsBurst(t *testing.T) {
	l := NewLimiter(1<<20, 1)
	l.Refill(time.Hour)
	taken := 0
	for l.Take(0, 1<<10) {
		taken += 1 << 10
	}
	if most := 1<<20*int(burst/time.Millisecond)/1000 + 1<<10; taken > most {
		t.Errorf("took %d bytes at once after an hour, want at most %d", taken, most)
	}
	l.Give(0, 5<<10)
	if !l.Take(0, 1) {
		t.Error("nothing to take after giving back")
	}
}

func TestLimiterWithoutLimit(t *testing.T) {
	l := NewLimiter(0, 1)
	if l.Limited() || !l.Take(0, 1<<40) {
		t.Error("a rate of 0 limits")
	}
}
