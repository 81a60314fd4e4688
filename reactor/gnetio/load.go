package gnetio

import (
	"sync/atomic"
	"time"

	"spate/reactor/histogram"
	"spate/reactor/loop"
)

// LoopStats is how busy a loop is.
type LoopStats struct {
	// Lag is how long what is posted waits for the loop: of Ticks, of which
	// there are twenty a second while anything happens. A Tick that waits for
	// longer than their interval stands for those that were left out meanwhile.
	Lag histogram.Snapshot
	// Turns counts calls into the loop: of a connection with something to read,
	// opened or closed, or of a batch of what was posted.
	Turns int64
	// Busy is the time spent in them. What gnet takes to wait, to read first
	// bytes and to close comes on top.
	Busy time.Duration
}

// loadCounts measures a loop. Turns are counted for the loop alone and told with
// each Tick, so that none of them costs more than a look at the clock.
type loadCounts struct {
	turns int64
	busy  time.Duration

	lag       histogram.Histogram
	toldTurns atomic.Int64
	toldBusy  atomic.Int64 // nanoseconds
	_         [64]byte     // the next loop is on another cache line
}

// turn counts a call that took d; on the loop.
func (c *loadCounts) turn(d time.Duration) {
	c.turns++
	c.busy += d
}

// maxMissed bounds the Ticks that one which waited may stand for: a minute's.
const maxMissed = int(time.Minute / loop.TickInterval)

// tick counts a Tick that waited for lag; on the loop.
func (c *loadCounts) tick(lag time.Duration) {
	c.lag.Observe(lag)
	for n := 0; n < maxMissed && lag > loop.TickInterval; n++ {
		lag -= loop.TickInterval
		c.lag.Observe(lag)
	}
	c.toldTurns.Store(c.turns)
	c.toldBusy.Store(int64(c.busy))
}

// stats is what was told; from any goroutine.
func (c *loadCounts) stats() LoopStats {
	return LoopStats{
		Lag:   c.lag.Snapshot(),
		Turns: c.toldTurns.Load(),
		Busy:  time.Duration(c.toldBusy.Load()),
	}
}
