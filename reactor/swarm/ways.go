package swarm

import "time"

// What lies in a file that is in memory leaves in one of two ways: copied behind
// its header, up to batchBlocks by two calls (see stage), or by reference, with a
// header and a sendfile(2) for each block. Which of them costs less is a matter of
// the processor, the kernel and what its caches hold: one machine copies for less,
// on another references take half of what copies do. So each loop measures both,
// for turns with little to send and with much, and tries the dearer one now and
// then, as all of that may change.

const (
	// longTurn is how many requests have to wait for a turn to count as long.
	longTurn = firstRun
	// learnTurns is how many turns of a way are measured before it is judged.
	learnTurns = 16
	// Of so many turns one takes the way that is not the best, and one of so many
	// others is measured.
	exploreEvery = 512
	measureEvery = 16
	// costWindow is over how many of the last turns a cost is the mean, about, and
	// mostCost how many times the mean one counts at the most: the time is that of
	// the clock, also when the loop's thread had no processor meanwhile.
	costWindow = 32
	mostCost   = 3
)

// ways are what a loop knows of the two ways.
type ways struct {
	clock func() time.Duration // nil measures nothing: all is copied
	kinds [2]ranking           // of short and long turns
	turn  way                  // of the peer that is being served
}

// ranking is the cost of both ways.
type ranking struct {
	turns            uint32
	copied, referred cost
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
	refer   bool
	ranking *ranking // nil for a turn that is not measured
	began   time.Duration
	bytes   int64 // that went this way
	other   int64 // and others since
}

// decide chooses the way of this turn, in which so many requests wait.
func (w *ways) decide(waiting int) {
	w.turn.decided = true
	if w.clock == nil {
		return
	}
	r := &w.kinds[0]
	if waiting >= longTurn {
		r = &w.kinds[1]
	}
	var measured bool
	if w.turn.refer, measured = r.next(); measured {
		w.turn.ranking, w.turn.began = r, w.clock()
	}
}

// next is whether the next turn is to refer, and to be measured.
func (r *ranking) next() (refer, measured bool) {
	r.turns++
	if r.copied.turns < learnTurns || r.referred.turns < learnTurns {
		return r.copied.turns > r.referred.turns, true
	}
	best := r.referred.took*r.copied.bytes < r.copied.took*r.referred.bytes
	if r.turns%exploreEvery == 0 {
		return !best, true
	}
	return best, r.turns%measureEvery == 0
}

// count notes payload bytes that were sent in this turn.
func (t *way) count(n int64, by Tier) {
	switch {
	case t.ranking == nil:
	case by == TierFile && t.refer, by == TierCopy && !t.refer:
		t.bytes += n
	default:
		t.other += n
	}
}

// end takes note of what the turn took, if nearly all of it went the same way.
func (w *ways) end() {
	t := w.turn
	w.turn = way{}
	if t.ranking == nil || t.bytes == 0 || t.other > t.bytes/8 {
		return
	}
	c := &t.ranking.copied
	if t.refer {
		c = &t.ranking.referred
	}
	c.add(float64(w.clock()-t.began), float64(t.bytes))
}

// add is for one more turn.
func (c *cost) add(took, bytes float64) {
	if c.turns++; c.turns > learnTurns {
		took = min(took, mostCost*c.took/c.bytes*bytes)
	}
	const keep = 1 - 1.0/costWindow
	c.took = c.took*keep + took
	c.bytes = c.bytes*keep + bytes
}
