package loop

import (
	"sync"
	"sync/atomic"
	"time"
)

// MaxPause is how much a pause of the whole process counts for at the most: one
// that was stopped by a signal, or whose machine slept, finds in its sockets what
// peers sent meanwhile and judges nobody by minutes in which it did not look. It
// is above IdleTickInterval, so that no running loop ever pauses for as long, and
// below every time-out.
const MaxPause = 2 * time.Second

// paceGrain is how far apart the readings are that a Pace takes note of. In
// between, loops only read what they share.
const paceGrain = 10 * time.Millisecond

// Pace makes the time of loops out of readings of a monotonic clock, which runs
// on while the process does not. All loops of a network share one. The zero value
// is ready for a clock that begins at 0.
type Pace struct {
	seen atomic.Int64 // the last reading that was noted
	lost atomic.Int64 // what pauses took beyond MaxPause
	mu   sync.Mutex   // of who notes
}

// Now is the loops' time at a reading. Safe from any goroutine. A reading that was
// taken before a pause and is looked at behind it gives a time too early: who
// wants one that never goes back keeps the latest.
func (p *Pace) Now(reading time.Duration) time.Duration {
	if reading-time.Duration(p.seen.Load()) > paceGrain {
		p.note(reading)
	}
	return reading - time.Duration(p.lost.Load())
}

// note takes a pause off the time before anybody sees that the pause is noted.
func (p *Pace) note(reading time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pause := reading - time.Duration(p.seen.Load())
	if pause > MaxPause {
		p.lost.Add(int64(pause - MaxPause))
	}
	if pause > 0 {
		p.seen.Store(int64(reading))
	}
}
