package announce

import (
	"math"
	"math/rand/v2"
	"time"

	"spate/proto/tracker"
)

// source is what one torrent knows of one of its trackers.
type source struct {
	retryAt   time.Duration // after a failure: not before this
	trackerID *string       // what it wants sent back, nil when it gave none
	tracker   uint8         // which of Trackers
	failures  uint8         // in a row, up to what fits
	started   bool          // it answered a `started`, so it lists us
	stopped   bool          // `stopped` was sent, whatever came of it
	busy      bool          // an Ask is out
}

// chain is a sequence of tiers of which one tracker at a time is told. Its
// methods are given its sources: those of its tiers, in the order in which
// they are tried.
type chain struct {
	at      time.Duration // when the next announce is due, unless all back off
	leastAt time.Duration // when one out of turn may come, after an answer
	span                  // of the schedule's sources
	busy    uint8         // Asks that are out
	last    uint8         // the tracker that answered last, or nobody
	untold  bool          // `completed` is still to be told
	telling bool          // an Ask that tells it is out
}

// nobody is no tracker: TrackersMost is less.
const nobody = math.MaxUint8

// next is the time at which due has something to ask, Never when that waits
// for a result.
func (c *chain) next(sources []source) time.Duration {
	if c.busy > 0 {
		return Never
	}
	first := Never
	for i := range sources {
		first = min(first, sources[i].retryAt)
	}
	return max(c.at, first)
}

// due returns whom to ask and the event to tell; nil when nothing is due.
func (c *chain) due(sources []source, now time.Duration) (*source, tracker.Event) {
	if c.busy > 0 || now < c.at {
		return nil, tracker.EventNone
	}
	for i := range sources {
		switch s := &sources[i]; {
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
	return nil, tracker.EventNone
}

// dueStop is due while stopping: what is left to tell each tracker that lists
// us, all of them at once, since time is short. A download that completed just
// before is told to the tracker that answered last.
func (c *chain) dueStop(sources []source) (*source, tracker.Event) {
	for i := range sources {
		switch s := &sources[i]; {
		case s.busy || s.stopped || !s.started:
			continue
		case c.untold && !c.telling && s.tracker == c.last:
			return s, tracker.EventCompleted
		default:
			return s, tracker.EventStopped
		}
	}
	return nil, tracker.EventNone
}

// take marks an Ask to s as out.
func (c *chain) take(s *source, e tracker.Event) {
	s.busy = true
	c.busy++
	c.telling = c.telling || e == tracker.EventCompleted
}

// back marks it as back.
func (c *chain) back(s *source, e tracker.Event) {
	s.busy = false
	c.busy--
	c.telling = c.telling && e != tracker.EventCompleted
}

// answered notes a tracker's answer to an announce. After a `started` and after
// failures the next announce comes at a random time within the interval: those
// of torrents that were added together, or that a tracker's return set free
// together, are apart from then on.
func (c *chain) answered(now time.Duration, s *source, e tracker.Event, r tracker.Response, rng *rand.Rand) {
	interval, least := waits(r)
	if e == tracker.EventStarted || s.failures > 0 {
		interval = phase(interval, least, rng)
	}
	c.back(s, e)
	s.failures, s.retryAt = 0, 0
	if id := r.TrackerID; id != "" && (s.trackerID == nil || *s.trackerID != id) {
		s.trackerID = &id
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
	c.leastAt = now + least
	c.at = now + interval
	if c.untold {
		c.at = now
	}
	c.last = s.tracker
}

// failed notes that an announce came to nothing. c.at stays in the past, so
// the next tracker that does not back off is due at once.
func (c *chain) failed(now time.Duration, s *source, e tracker.Event, rng *rand.Rand) {
	c.back(s, e)
	if s.failures < math.MaxUint8 {
		s.failures++
	}
	s.retryAt = now + backoff(int(s.failures), rng)
	if e == tracker.EventStopped {
		s.stopped = true
	}
}
