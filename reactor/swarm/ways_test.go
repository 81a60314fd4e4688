package swarm

import (
	"testing"
	"time"
)

// TestWays: nearly all turns take the way that costs less, as long as it does,
// for short and long turns each.
func TestWays(t *testing.T) {
	var now time.Duration
	w := ways{clock: func() time.Duration { return now }}
	// turn is one turn of n blocks, which cost so much each.
	turn := func(n int, copied, referred time.Duration) (refers bool) {
		w.decide(n)
		refers = w.turn.refer
		tier, each := TierCopy, copied
		if refers {
			tier, each = TierFile, referred
		}
		for range n {
			w.turn.count(block, tier)
		}
		now += time.Duration(n) * each
		w.end()
		return refers
	}
	check := func(what string, n int, copied, referred time.Duration, least, most int) {
		t.Helper()
		refers := 0
		for range 10_000 {
			if turn(n, copied, referred) {
				refers++
			}
		}
		if refers < least || refers > most {
			t.Errorf("%s: %d of 10,000 turns refer, want %d to %d", what, refers, least, most)
		}
	}
	check("references cost half", 64, 4000, 2000, 9900, 9999)
	check("one block costs less to copy", 1, 1000, 1500, 1, 100)
	check("long turns are what they were", 64, 4000, 2000, 9900, 9999)
	for range 100 * exploreEvery { // it is noticed by and by
		turn(64, 2000, 4000)
	}
	check("copies cost half now", 64, 2000, 4000, 1, 100)
	w.decide(64)
	now += time.Hour // nobody was served meanwhile
	w.turn.count(block, TierCopy)
	w.end()
	check("after a pause", 64, 2000, 4000, 1, 200)
}

// TestWaysOfMixedTurns: a turn that went otherwise for the most part tells
// nothing.
func TestWaysOfMixedTurns(t *testing.T) {
	w := ways{clock: func() time.Duration { return 0 }}
	for _, tiers := range [][]Tier{{}, {TierWire}, {TierWire, TierWire, TierCopy}, {TierFile, TierCopy}} {
		w.decide(1)
		for _, by := range tiers {
			w.turn.count(block, by)
		}
		if w.end(); w.kinds[0].copied.turns > 0 || w.turn.decided {
			t.Errorf("%v: %+v", tiers, w)
		}
	}
}

// TestWaysWithoutClock: where time is virtual all is copied.
func TestWaysWithoutClock(t *testing.T) {
	var w ways
	for range 3 * exploreEvery {
		if w.decide(64); w.turn.refer || w.turn.ranking != nil {
			t.Fatalf("%+v", w.turn)
		}
		w.end()
	}
}
