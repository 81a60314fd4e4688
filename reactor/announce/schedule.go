package announce

import (
	"math/rand/v2"
	"time"

	"spate/proto/tracker"
)

// Mode says which of a torrent's trackers are told; see the package comment.
type Mode uint8

// Modes, by the number of trackers that know us at a time.
const (
	EachTier     Mode = iota // one tracker of every tier
	FirstWorking             // one tracker in all: BEP 12
	EachTracker              // every tracker
)

// NumWantMost bounds the peers asked for, and is asked for until Want says
// otherwise. Most trackers give 50 to 200 at most, and 200 compact IPv4 peers
// fit into one packet.
const NumWantMost = 200

// Ask is one announce that is due. It is handed back with its Result.
type Ask struct {
	URL       string // the tracker's announce URL
	Host      string // host and port of URL, lower case
	Event     tracker.Event
	NumWant   int    // 0 to NumWantMost
	TrackerID string // "" when the tracker gave none

	chain  *chain
	source *source
}

// phase is where a Schedule stands in its life.
type phase uint8

const (
	idle phase = iota
	running
	stopping
)

// Schedule says when to announce one torrent to which tracker, and what. It is
// used once: from Start to Stop. See the package comment for its states.
type Schedule struct {
	chains    []*chain
	rejected  []Rejected
	rng       *rand.Rand
	numWant   int
	phase     phase
	completed bool
	partial   bool
}

// NewSchedule returns the schedule of a torrent with the given tiers of
// announce URLs (BEP 12), of which nothing is kept. rng shuffles them and
// spreads retries; it may be shared by all schedules of a goroutine.
func NewSchedule(tiers [][]string, mode Mode, rng *rand.Rand) *Schedule {
	s := &Schedule{rng: rng, numWant: NumWantMost}
	sources, rejected := newTiers(tiers, rng)
	s.rejected = rejected
	switch {
	case len(sources) == 0:
	case mode == FirstWorking:
		s.chains = []*chain{{tiers: sources}}
	default:
		for _, tier := range sources {
			if mode == EachTier {
				s.chains = append(s.chains, &chain{tiers: [][]*source{tier}})
				continue
			}
			for _, one := range tier {
				s.chains = append(s.chains, &chain{tiers: [][]*source{{one}}})
			}
		}
	}
	return s
}

// Rejected returns the trackers that are never asked, and why. The slice is
// the Schedule's.
func (s *Schedule) Rejected() []Rejected { return s.rejected }

// Start makes the first announces due.
func (s *Schedule) Start(now time.Duration) {
	if s.phase != idle {
		return
	}
	s.phase = running
	for _, c := range s.chains {
		c.at = now
	}
}

// Completed says that the download became complete. It is told once, with the
// next announce that is due at once, or behind the one in flight. A torrent
// that was complete from the start must not say so (BEP 3).
func (s *Schedule) Completed(now time.Duration) {
	if s.phase != running || s.completed {
		return
	}
	s.completed = true
	for _, c := range s.chains {
		c.untold = true
		c.at = min(c.at, now)
	}
}

// Reannounce asks for an announce out of turn, for the sake of its peers. It
// comes when the tracker that answered last allows it.
func (s *Schedule) Reannounce(now time.Duration) {
	for _, c := range s.chains {
		if s.phase == running && c.busy == 0 && c.last != nil {
			c.at = min(c.at, max(now, c.last.leastAt))
		}
	}
}

// Want sets how many peers to ask for from the next announce on; 0 when no
// more are of use. The rest above NumWantMost is cut off.
func (s *Schedule) Want(peers int) { s.numWant = min(max(peers, 0), NumWantMost) }

// SetPartial says whether the torrent is a partial seed: incomplete, and
// downloading nothing more. Regular announces then say `paused` (BEP 21).
func (s *Schedule) SetPartial(on bool) { s.partial = on }

// Stop ends the schedule: what is left is to tell the trackers that list us.
func (s *Schedule) Stop() { s.phase = stopping }

// Done tells whether Stop was called and nothing is due or in flight.
func (s *Schedule) Done() bool {
	if s.phase != stopping {
		return false
	}
	for _, c := range s.chains {
		if source, _ := c.dueStop(); source != nil || c.busy > 0 {
			return false
		}
	}
	return true
}

// Next returns the time at which Due has something to ask; a time that has
// passed means at once, Never that it waits for a call of another method.
func (s *Schedule) Next() time.Duration {
	next := Never
	for _, c := range s.chains {
		switch s.phase {
		case running:
			next = min(next, c.next())
		case stopping:
			if source, _ := c.dueStop(); source != nil {
				return 0
			}
		}
	}
	return next
}

// Due returns an announce that is due, and counts it as in flight until it is
// handed to Result. It is called until it returns false.
func (s *Schedule) Due(now time.Duration) (Ask, bool) {
	for _, c := range s.chains {
		var to *source
		var event tracker.Event
		switch s.phase {
		case running:
			to, event = c.due(now)
		case stopping:
			to, event = c.dueStop()
		}
		if to == nil {
			continue
		}
		c.take(to)
		a := Ask{URL: to.url, Host: to.host, Event: event, NumWant: s.numWant, TrackerID: to.trackerID, chain: c, source: to}
		if event == tracker.EventNone && s.partial {
			a.Event = tracker.EventPaused
		}
		if s.phase == stopping {
			a.NumWant = 0 // nobody is left to use them
		}
		return a, true
	}
	return Ask{}, false
}

// Result ends an announce: err says that it came to nothing, also by a
// tracker's refusal; otherwise resp is the answer.
func (s *Schedule) Result(now time.Duration, a Ask, resp tracker.Response, err error) {
	if err == nil {
		a.chain.answered(now, a.source, a.Event, resp)
		return
	}
	a.chain.failed(now, a.source, a.Event, s.rng)
	if s.phase == stopping && a.Event == tracker.EventCompleted {
		a.chain.untold = false // no time for a second attempt
	}
}
