package gnetio

import (
	"testing"
	"time"

	"spate/reactor/loop"
)

// TestLagCountsWhatWasLeftOut: a loop that stands still for ten Ticks has ten of
// them wait.
func TestLagCountsWhatWasLeftOut(t *testing.T) {
	check := func(lag time.Duration, count uint64, sum time.Duration) {
		t.Helper()
		var c loadCounts
		c.tick(lag)
		if s := c.stats(); s.Lag.Count() != count || s.Lag.Sum != sum {
			t.Errorf("a lag of %v counts %d times, %v in all; want %d and %v", lag, s.Lag.Count(), s.Lag.Sum, count, sum)
		}
	}
	check(0, 1, 0)
	check(loop.TickInterval, 1, loop.TickInterval)
	check(2*loop.TickInterval, 2, 3*loop.TickInterval)
	check(10*loop.TickInterval, 10, 55*loop.TickInterval)
	var c loadCounts
	c.tick(time.Hour)
	if n := c.stats().Lag.Count(); n != uint64(maxMissed)+1 {
		t.Errorf("an hour counts %d times", n)
	}
}

func TestTurnsAreToldWithTicks(t *testing.T) {
	var c loadCounts
	c.turn(time.Second)
	c.turn(time.Millisecond)
	if s := c.stats(); s.Turns != 0 || s.Busy != 0 {
		t.Errorf("told before the tick: %+v", s)
	}
	c.tick(0)
	if s := c.stats(); s.Turns != 2 || s.Busy != time.Second+time.Millisecond {
		t.Errorf("%d turns of %v", s.Turns, s.Busy)
	}
}

func TestCountingTurnsAllocatesNothing(t *testing.T) {
	var c loadCounts
	if n := testing.AllocsPerRun(100, func() { c.turn(1); c.tick(1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestLoopStats: the load of a running loop is told.
func TestLoopStats(t *testing.T) {
	n := newTestNetwork(t, Config{})
	ticks := make(chan int, 100)
	start(t, n, 2, script{tick: func() {
		select {
		case ticks <- 0:
		default:
		}
	}})
	for range 100 { // ticks, a second apart at the most
		told := 0
		for _, s := range n.LoopStats() {
			if s.Turns > 0 && s.Busy > 0 && s.Lag.Count() > 0 {
				told++
			}
		}
		if told == 2 {
			return
		}
		get(t, "a tick", ticks)
	}
	t.Fatalf("never: the load of both loops is told: %+v", n.LoopStats())
}
