package announce

import (
	"math"
	"math/rand/v2"
	"time"

	"spate/proto/tracker"
)

// Never is a time that does not come.
const Never = time.Duration(math.MaxInt64)

// Times between announces.
const (
	// IntervalLeast is the least time between announces, whatever a tracker
	// says: small enough for a lab where a swarm is to form in seconds, large
	// enough that a tracker that says 0 is not flooded.
	IntervalLeast = 5 * time.Second
	// IntervalMost is the most: a tracker may ask for hours when it is
	// overloaded, but a broken one must not lose us for days.
	IntervalMost = 4 * time.Hour
	// IntervalDefault is used when a tracker states no interval: the one that
	// most trackers state.
	IntervalDefault = 30 * time.Minute
	// OutOfTurnDefault is the least time before an announce out of turn when
	// a tracker states no minimum.
	OutOfTurnDefault = time.Minute
	// BackoffFirst is the wait after one failure, doubled with each further
	// one up to BackoffMost.
	BackoffFirst = 15 * time.Second
	// BackoffMost is the longest wait after failures: what a working tracker
	// would have us wait, so a dead one costs no more than that.
	BackoffMost = 30 * time.Minute
)

// waits returns the time until the next announce in turn, and the least time
// until one out of turn.
func waits(r tracker.Response) (interval, least time.Duration) {
	interval, least = r.Interval, r.MinInterval
	if interval == 0 {
		interval = IntervalDefault
	}
	interval = min(max(interval, least, IntervalLeast), IntervalMost)
	if least == 0 {
		least = OutOfTurnDefault
	}
	return interval, min(max(least, IntervalLeast), interval)
}

// phase returns a random wait of no less than a tracker allows out of turn and
// no more than its interval. It comes early rather than late, since trackers
// forget who is late; where both are the same there is no room.
func phase(interval, least time.Duration, rng *rand.Rand) time.Duration {
	return least + time.Duration(rng.Int64N(int64(interval-least)+1))
}

// backoff returns the wait after the given number of failures in a row. The
// jitter of up to a quarter keeps the torrents of one dead tracker from
// coming back together.
func backoff(failures int, rng *rand.Rand) time.Duration {
	d := BackoffFirst
	for i := 1; i < failures && d < BackoffMost; i++ {
		d *= 2
	}
	d = min(d, BackoffMost)
	return d - time.Duration(rng.Int64N(int64(d/4)))
}
