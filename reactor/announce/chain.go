package announce

import (
	"math/rand/v2"
	"time"

	"spate/proto/tracker"
)

// chain is a sequence of tiers of which one tracker at a time is told.
type chain struct {
	tiers  [][]*source
	at     time.Duration // when the next announce is due, unless all back off
	busy   int           // Asks that are out
	last   *source       // the one that answered last
	untold bool          // `completed` is still to be told
}

// next is the time at which due has something to ask, Never when that waits
// for a result.
func (c *chain) next() time.Duration {
	if c.busy > 0 {
		return Never
	}
	first := Never
	for _, tier := range c.tiers {
		for _, s := range tier {
			first = min(first, s.retryAt)
		}
	}
	return max(c.at, first)
}

// due returns whom to ask and the event to tell; nil when nothing is due.
func (c *chain) due(now time.Duration) (*source, tracker.Event) {
	if c.busy > 0 || now < c.at {
		return nil, tracker.EventNone
	}
	for _, tier := range c.tiers {
		for _, s := range tier {
			switch {
			case now < s.retryAt:
				continue
			case !s.started:
				return s, tracker.EventStarted
			case c.untold:
				return s, tracker.EventCompleted
			default:
				return s, tracker.EventNone
			}
		}
	}
	return nil, tracker.EventNone
}

// dueStop is due while stopping: what is left to tell each tracker that lists
// us, all of them at once, since time is short. A download that completed just
// before is told to the tracker that answered last.
func (c *chain) dueStop() (*source, tracker.Event) {
	for _, tier := range c.tiers {
		for _, s := range tier {
			switch {
			case s.busy || s.stopped || !s.started:
				continue
			case c.untold && s == c.last:
				return s, tracker.EventCompleted
			default:
				return s, tracker.EventStopped
			}
		}
	}
	return nil, tracker.EventNone
}

// take marks an Ask to s as out.
func (c *chain) take(s *source) {
	s.busy = true
	c.busy++
}

// answered notes a tracker's answer to an announce.
func (c *chain) answered(now time.Duration, s *source, e tracker.Event, r tracker.Response) {
	s.busy, s.failures, s.retryAt = false, 0, 0
	c.busy--
	if r.TrackerID != "" {
		s.trackerID = r.TrackerID
	}
	switch e {
	case tracker.EventStarted:
		s.started = true
	case tracker.EventCompleted:
		c.untold = false
	case tracker.EventStopped:
		s.stopped = true
		return
	}
	interval, least := waits(r)
	s.leastAt = now + least
	c.at = now + interval
	if c.untold {
		c.at = now
	}
	c.last = s
	c.promote(s)
}

// failed notes that an announce came to nothing. c.at stays in the past, so
// the next tracker that does not back off is due at once.
func (c *chain) failed(now time.Duration, s *source, e tracker.Event, rng *rand.Rand) {
	s.busy = false
	c.busy--
	s.failures++
	s.retryAt = now + backoff(s.failures, rng)
	if e == tracker.EventStopped {
		s.stopped = true
	}
}

// promote moves s to the front of its tier (BEP 12).
func (c *chain) promote(s *source) {
	for _, tier := range c.tiers {
		for i := range tier {
			if tier[i] == s {
				copy(tier[1:i+1], tier[:i])
				tier[0] = s
				return
			}
		}
	}
}
