package swarm

import (
	"math"
	"sync/atomic"
	"time"
)

// Limiter holds a rate, in bytes, over all loops. Each loop has a token bucket
// of its own, which it alone touches, so that taking needs neither a lock nor an
// atomic operation; it fills by the loop's share of the rate, which is its share
// of the demand. What a loop cannot use is spare, for those that need more.
//
// A Limiter of rate 0 limits nothing and only knows where the demand is. A nil
// one limits nothing either.
type Limiter struct {
	rate  int64        // bytes/s
	spare atomic.Int64 // bytes that loops had beyond their burst
	lines []line       // by loop
}

// line is one loop's part of a Limiter. Its demand is read by all loops, the
// rest is the loop's own.
type line struct {
	demand atomic.Int64 // in any unit that is the same on all loops
	level  int64        // bytes that may be taken; below zero after a large block
	last   time.Duration
	rest   float64  // of a byte
	_      [96]byte // no two loops share a cache line, nor a pair of them
}

const (
	// burst is how much of a rate is kept while nobody wants it: twice the
	// time between two ticks, so that an active loop loses nothing.
	burst = 100 * time.Millisecond
	// lateness is how much is kept while somebody waits: a loop or a machine
	// that was held up makes up for that much, so that a busy machine keeps
	// the rate, and for no more, so that nobody sees a burst of seconds.
	lateness = 500 * time.Millisecond
	// grain is the least time between two refills of a bucket: many blocks
	// leave together, and the demand of other loops is looked at rarely.
	grain = 4 * time.Millisecond
)

// NewLimiter limits to rate bytes per second over a number of loops; 0 limits
// nothing.
func NewLimiter(rate int64, loops int) *Limiter {
	return &Limiter{rate: rate, lines: make([]line, loops)}
}

// Limited tells whether there is a limit at all.
func (l *Limiter) Limited() bool { return l != nil && l.rate > 0 }

// Left is how many bytes may be taken on a loop now. A block may be taken while
// it is above zero, so that one larger than the burst still goes: the next ones
// wait for longer. waiting says that somebody has been waiting for it.
func (l *Limiter) Left(loop int, now time.Duration, waiting bool) int64 {
	if !l.Limited() {
		return math.MaxInt64
	}
	if now-l.lines[loop].last >= grain {
		l.refill(loop, now, waiting)
	}
	return l.lines[loop].level
}

// Take takes n bytes on a loop.
func (l *Limiter) Take(loop, n int) {
	if l.Limited() {
		l.lines[loop].level -= int64(n)
	}
}

// Give returns n bytes that were taken and not used.
func (l *Limiter) Give(loop, n int) { l.Take(loop, -n) }

// Demand says how much a loop wants some of it, compared with the others.
func (l *Limiter) Demand(loop int, demand int64) {
	if l != nil {
		l.lines[loop].demand.Store(demand)
	}
}

// Share is a loop's part of the demand, or of the loops while there is none.
// contested tells whether other loops have a part in it.
func (l *Limiter) Share(loop int) (share float64, contested bool) {
	if l == nil {
		return 1, false
	}
	var total int64
	for i := range l.lines {
		total += l.lines[i].demand.Load()
	}
	if total == 0 {
		return 1 / float64(len(l.lines)), false
	}
	own := l.lines[loop].demand.Load()
	return min(1, float64(own)/float64(total)), own < total
}

// refill adds what the time since the last call allows.
func (l *Limiter) refill(loop int, now time.Duration, waiting bool) {
	b := &l.lines[loop]
	kept := burst
	if waiting {
		kept = lateness
	}
	share, contested := l.Share(loop)
	add := float64(l.rate)*share*min(now-b.last, lateness).Seconds() + b.rest
	b.last = now
	whole := math.Floor(add)
	b.rest = add - whole
	b.level += int64(whole)
	if waiting {
		b.level += l.claim(share)
	}
	if most := int64(math.Ceil(float64(l.rate) * share * kept.Seconds())); b.level > most {
		if contested {
			l.spill(b.level - most)
		}
		b.level = most
	}
}

// spill lets other loops have n bytes.
func (l *Limiter) spill(n int64) {
	most := int64(float64(l.rate) * burst.Seconds())
	if spare := l.spare.Add(n); spare > most {
		l.spare.Add(most - spare)
	}
}

// claim takes a share of what is spare.
func (l *Limiter) claim(share float64) int64 {
	n := int64(math.Ceil(float64(l.spare.Load()) * share))
	if n <= 0 {
		return 0
	}
	if l.spare.Add(-n) < 0 {
		l.spare.Add(n) // another loop was faster
		return 0
	}
	return n
}
