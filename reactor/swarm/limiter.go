package swarm

import (
	"sync/atomic"
	"time"
)

// Limiter holds a rate, in bytes, over all loops: one token bucket a loop, so
// that taking needs no lock, and a refill by one loop that divides the rate by
// what each loop has waiting. A rate of 0 limits nothing.
type Limiter struct {
	rate    int64         // bytes/s
	last    time.Duration // refilling loop only
	buckets []bucket      // by loop
}

type bucket struct {
	level  atomic.Int64 // bytes
	demand atomic.Int64 // peers that want some
	_      [48]byte     // a cache line each
}

// burst is how much of a rate may be used at once.
const burst = 200 * time.Millisecond

// NewLimiter limits to rate bytes per second over a number of loops; 0 limits
// nothing.
func NewLimiter(rate int64, loops int) *Limiter {
	return &Limiter{rate: rate, buckets: make([]bucket, loops)}
}

// Limited tells whether there is a limit at all.
func (l *Limiter) Limited() bool { return l.rate > 0 }

// Left tells whether Take would allow anything on a loop.
func (l *Limiter) Left(loop int) bool { return l.rate == 0 || l.buckets[loop].level.Load() > 0 }

// Take takes n bytes on a loop and tells whether that was allowed: it is while
// the level is above zero, so that a block larger than the burst still goes.
func (l *Limiter) Take(loop, n int) bool {
	if !l.Left(loop) {
		return false
	}
	if l.rate > 0 {
		l.buckets[loop].level.Add(-int64(n))
	}
	return true
}

// Give returns n bytes that were taken and not used.
func (l *Limiter) Give(loop, n int) {
	if l.rate > 0 {
		l.buckets[loop].level.Add(int64(n))
	}
}

// Demand says how many peers of a loop want some of it.
func (l *Limiter) Demand(loop, peers int) { l.buckets[loop].demand.Store(int64(peers)) }

// Refill adds what the time since the last call allows, in proportion to the
// demand, or alike where there is none. One loop calls it.
func (l *Limiter) Refill(now time.Duration) {
	if l.rate == 0 {
		return
	}
	add := float64(l.rate) * (now - l.last).Seconds()
	l.last = now
	var total int64
	for i := range l.buckets {
		total += l.buckets[i].demand.Load()
	}
	for i := range l.buckets {
		b := &l.buckets[i]
		share := 1 / float64(len(l.buckets))
		if total > 0 {
			share = float64(b.demand.Load()) / float64(total)
		}
		level := b.level.Add(int64(add * share))
		if most := int64(float64(l.rate) * burst.Seconds() * share); level > most && add*share > 0 {
			b.level.Add(most - level)
		}
	}
}
