package swarm

import (
	"testing"
	"time"
)

// turn is one turn of n blocks, which cost so much each by the way it takes.
func (w *ways) turnOf(n int, now *time.Duration, each [routes]time.Duration) route {
	w.decide(n)
	by := w.turn.route
	tier := TierFile
	if by == byCopy {
		tier = TierCopy
	}
	for range n {
		w.turn.count(block, tier)
	}
	*now += time.Duration(n) * each[by]
	w.end()
	return by
}

// TestWays: nearly all turns take the way that costs least, as long as it does,
// for short and long turns each, and the others are tried alike.
func TestWays(t *testing.T) {
	var now time.Duration
	w := ways{time: func() time.Duration { return now }}
	const all = 20_000
	check := func(what string, n int, best route, each ...time.Duration) {
		t.Helper()
		var took [routes]int
		for range all {
			took[w.turnOf(n, &now, [routes]time.Duration(each))]++
		}
		for i, turns := range took {
			least, most := all/exploreEvery/2-5, all/exploreEvery+3*learnTurns
			if route(i) == best {
				least, most = all-3*most, all
			}
			if turns < least || turns > most {
				t.Errorf("%s: %v turns by frames, copies and sendfile, want nearly all by %d", what, took, best)
				return
			}
		}
	}
	// By frames, by copies, by sendfile.
	check("references cost half", 64, byFrames, 2000, 4000, 3000)
	check("one block costs less to copy", 1, byCopy, 1500, 1000, 1600)
	check("long turns are what they were", 64, byFrames, 2000, 4000, 3000)
	for range 200 * exploreEvery { // it is noticed by and by
		w.turnOf(64, &now, [routes]time.Duration{4000, 3000, 2000})
	}
	check("sendfile costs least now", 64, bySendfile, 4000, 3000, 2000)
	w.decide(64)
	now += time.Hour // nobody was served meanwhile
	w.turn.count(block, TierFile)
	w.end()
	check("after a pause", 64, bySendfile, 4000, 3000, 2000)
}

// TestWaysThatAreUnfit: a way that is not possible is tried now and then, and what
// is done instead is not taken for it.
func TestWaysThatAreUnfit(t *testing.T) {
	var now time.Duration
	w := ways{time: func() time.Duration { return now }}
	var took [routes]int
	for range 10_000 {
		w.decide(64)
		by := w.turn.route
		took[by]++
		if tier := TierFile; by != byFrames {
			if by == byCopy {
				tier = TierCopy
			}
			w.turn.count(64*block, tier)
			now += time.Duration(by) // the sendfile costs more
		} else {
			w.turn.unfit()
			w.turn.count(64*block, TierFile)
		}
		w.end()
	}
	if took[byFrames] > 50 || took[byFrames] < learnTurns || took[byCopy] < 9_000 {
		t.Errorf("%v turns by frames, copies and sendfile", took)
	}
}

// TestWaysOfMixedTurns: a turn that went otherwise for the most part tells
// nothing.
func TestWaysOfMixedTurns(t *testing.T) {
	w := ways{time: func() time.Duration { return 0 }}
	for _, tiers := range [][]Tier{{}, {TierWire}, {TierWire, TierWire, TierFile}, {TierCopy, TierFile}} {
		w.decide(1)
		for _, by := range tiers {
			w.turn.count(block, by)
		}
		if w.end(); w.kinds[0].costs != [routes]cost{} || w.turn.decided {
			t.Errorf("%v: %+v", tiers, w)
		}
	}
}

// TestWaysWithoutClock: where time is virtual all is copied.
func TestWaysWithoutClock(t *testing.T) {
	var w ways
	for range 3 * exploreEvery {
		if w.decide(64); w.turn.route != byCopy || w.turn.ranking != nil {
			t.Fatalf("%+v", w.turn)
		}
		w.end()
	}
}
