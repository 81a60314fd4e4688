package swarm

import (
	"math"
	"time"
)

// What lies in a file that is in memory leaves in one of three ways: copied behind
// its header, up to batchBlocks by two calls (see stage); by references to a mapping
// of the file, as many by two calls as well (see pushFrames); or with a header and a
// sendfile(2) for each block. Which of them costs least is a matter of the
// processor, the kernel, what its caches hold and what is asked for: one machine
// copies for less than it looks pages up, on another references take a quarter of
// what copies do. So each loop measures all three, for turns with little to send and
// with much, and tries the dearer ones now and then, as all of that may change.

const (
	// longTurn is how many requests have to wait for a turn to count as long.
	longTurn = firstRun
	// learnTurns is how many turns of a way are measured before it is judged.
	learnTurns = 16
	// Of so many turns one takes a way that is not the best, and one of so many
	// others is measured.
	exploreEvery = 1024
	measureEvery = 16
	// worseWindow is over how many of the last turns a cost is the mean, about, as
	// long as they cost more, and betterWindow when they cost less: what disturbs a
	// turn, interrupts or pages that are seen for the first time, makes it dearer
	// only. mostCost is how many times the mean one counts at the most.
	worseWindow, betterWindow = 16, 4
	mostCost                  = 2
)

// route is a way.
type route uint8

const (
	byFrames route = iota // where that is not possible, by sendfile
	byCopy                // where that is not possible, by frames
	bySendfile
	routes
)

// ways are what a loop knows of the three.
type ways struct {
	time  func() time.Duration // that the loop has taken; nil measures nothing: all is copied
	kinds [2]ranking           // of short and long turns
	turn  way                  // of the peer that is being served
}

// ranking is what each way costs.
type ranking struct {
	turns uint32
	costs [routes]cost
}

// cost is what a way took for how many bytes, as sums that fade.
type cost struct {
	turns       int
	took, bytes float64 // in nanoseconds
}

// way is how the blocks of a turn leave their files. The zero value is not
// decided.
type way struct {
	decided bool
	route   route
	ranking *ranking // nil for a turn that is not measured
	began   time.Duration
	bytes   int64 // that went this way
	other   int64 // and others since
}

// decide chooses the way of this turn, in which so many requests wait.
func (w *ways) decide(waiting int) {
	w.turn.decided = true
	if w.time == nil {
		w.turn.route = byCopy
		return
	}
	r := &w.kinds[0]
	if waiting >= longTurn {
		r = &w.kinds[1]
	}
	var measured bool
	if w.turn.route, measured = r.next(); measured {
		w.turn.ranking, w.turn.began = r, w.time()
	}
}

// next is the way of the next turn, and whether it is to be measured.
func (r *ranking) next() (way route, measured bool) {
	r.turns++
	best, least := byFrames, byFrames // by cost, and by what is known of it
	for i := byFrames + 1; i < routes; i++ {
		if r.costs[i].each() < r.costs[best].each() {
			best = i
		}
		if r.costs[i].turns < r.costs[least].turns {
			least = i
		}
	}
	if r.costs[least].turns < learnTurns {
		return least, true
	}
	if r.turns%exploreEvery == 0 {
		other := 1 + route(r.turns/exploreEvery)%(routes-1)
		return (best + other) % routes, true
	}
	return best, r.turns%measureEvery == 0
}

// count notes payload bytes that were sent in this turn.
func (t *way) count(n int64, by Tier) {
	switch {
	case t.ranking == nil:
	case by == TierCopy && t.route == byCopy, by == TierFile && t.route != byCopy:
		t.bytes += n
	default:
		t.other += n
	}
}

// unfit says that what was chosen is not possible, and that something else is done.
func (t *way) unfit() {
	if t.ranking != nil && t.route == byFrames {
		t.ranking.costs[byFrames].turns++
	}
	t.ranking = nil
}

// end takes note of what the turn took, if nearly all of it went the same way.
func (w *ways) end() {
	t := w.turn
	w.turn = way{}
	if t.ranking == nil || t.bytes == 0 || t.other > t.bytes/8 {
		return
	}
	if took := w.time() - t.began; took > 0 { // it is the same thread still
		t.ranking.costs[t.route].add(float64(took), float64(t.bytes))
	}
}

// add is for one more turn.
func (c *cost) add(took, bytes float64) {
	c.turns++
	keep := 1 - 1.0/worseWindow
	if mean := c.each() * bytes; took < mean {
		keep = 1 - 1.0/betterWindow
	} else {
		took = min(took, mostCost*mean)
	}
	c.took = c.took*keep + took
	c.bytes = c.bytes*keep + bytes
}

// each is the cost of a byte, without end where none went this way.
func (c *cost) each() float64 {
	if c.bytes == 0 {
		return math.Inf(1)
	}
	return c.took / c.bytes
}
