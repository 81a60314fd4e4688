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
	Event   tracker.Event // what it tells; EventNone stands for EventPaused too
	tracker uint8         // which of Trackers
	chain   uint8         // which of the Schedule's
}

// stage is where a Schedule stands in its life.
type stage uint8

const (
	idle stage = iota
	running
	stopping
)

// Schedule says when to announce one torrent to which tracker, and what. It is
// used once: from Start to Stop. See the package comment for its states.
type Schedule struct {
	trackers  *Trackers
	chains    []chain
	sources   []source // of all trackers, those of a tier where Trackers has them, in the order of their use
	numWant   uint8
	stage     stage
	completed bool
	partial   bool
}

// NewSchedule returns the schedule of a torrent with the given trackers. rng
// shuffles them within their tiers.
func NewSchedule(trackers *Trackers, mode Mode, rng *rand.Rand) Schedule {
	s := Schedule{trackers: trackers, numWant: NumWantMost}
	all := len(trackers.list)
	if all == 0 {
		return s
	}
	s.sources = make([]source, all)
	for i := range s.sources {
		s.sources[i].tracker = uint8(i)
	}
	for _, t := range trackers.tiers {
		tier := s.sources[t.first:t.end]
		rng.Shuffle(len(tier), func(i, j int) { tier[i], tier[j] = tier[j], tier[i] })
	}
	switch mode {
	case FirstWorking:
		s.chains = []chain{{span: span{0, uint8(all)}}}
	case EachTier:
		s.chains = make([]chain, len(trackers.tiers))
		for i, t := range trackers.tiers {
			s.chains[i].span = t
		}
	case EachTracker:
		s.chains = make([]chain, all)
		for i := range s.chains {
			s.chains[i].span = span{uint8(i), uint8(i + 1)}
		}
	}
	for i := range s.chains {
		s.chains[i].last = nobody
	}
	return s
}

// of returns the sources of a chain.
func (s *Schedule) of(c *chain) []source { return s.sources[c.first:c.end] }

// source returns what is known of a tracker.
func (s *Schedule) source(tracker uint8) *source {
	tier := s.trackers.tiers[s.trackers.list[tracker].tier]
	for i := tier.first; i < tier.end; i++ {
		if s.sources[i].tracker == tracker {
			return &s.sources[i]
		}
	}
	return nil
}

// promote moves a tracker to the front of its tier (BEP 12), as far as that
// belongs to the chain.
func (s *Schedule) promote(c *chain, tracker uint8) {
	tier := s.trackers.tiers[s.trackers.list[tracker].tier]
	list := s.sources[max(tier.first, c.first):min(tier.end, c.end)]
	for i := range list {
		if one := list[i]; one.tracker == tracker {
			copy(list[1:i+1], list[:i])
			list[0] = one
			return
		}
	}
}

// Start makes the first announces due.
func (s *Schedule) Start(now time.Duration) {
	if s.stage != idle {
		return
	}
	s.stage = running
	for i := range s.chains {
		s.chains[i].at = now
	}
}

// Completed says that the download became complete. It is told once, with the
// next announce that is due at once, or behind the one in flight. A torrent
// that was complete from the start must not say so (BEP 3).
func (s *Schedule) Completed(now time.Duration) {
	if s.stage != running || s.completed {
		return
	}
	s.completed = true
	for i := range s.chains {
		c := &s.chains[i]
		c.untold = true
		c.at = min(c.at, now)
	}
}

// Reannounce asks for an announce out of turn, for the sake of its peers. It
// comes when the tracker that answered last allows it.
func (s *Schedule) Reannounce(now time.Duration) {
	for i := range s.chains {
		if c := &s.chains[i]; s.stage == running && c.busy == 0 && c.last != nobody {
			c.at = min(c.at, max(now, c.leastAt))
		}
	}
}

// Want sets how many peers to ask for from the next announce on; 0 when no
// more are of use. The rest above NumWantMost is cut off.
func (s *Schedule) Want(peers int) { s.numWant = uint8(min(max(peers, 0), NumWantMost)) }

// SetPartial says whether the torrent is a partial seed: incomplete, and
// downloading nothing more. Regular announces then say `paused` (BEP 21).
func (s *Schedule) SetPartial(on bool) { s.partial = on }

// Stop ends the schedule: what is left is to tell the trackers that list us.
func (s *Schedule) Stop() { s.stage = stopping }

// Done tells whether Stop was called and nothing is due or in flight.
func (s *Schedule) Done() bool {
	if s.stage != stopping {
		return false
	}
	for i := range s.chains {
		c := &s.chains[i]
		if source, _ := c.dueStop(s.of(c)); source != nil || c.busy > 0 {
			return false
		}
	}
	return true
}

// Next returns the time at which Due has something to ask; a time that has
// passed means at once, Never that it waits for a call of another method.
func (s *Schedule) Next() time.Duration {
	next := Never
	for i := range s.chains {
		c := &s.chains[i]
		switch s.stage {
		case running:
			next = min(next, c.next(s.of(c)))
		case stopping:
			if source, _ := c.dueStop(s.of(c)); source != nil {
				return 0
			}
		}
	}
	return next
}

// Due returns an announce that is due, and counts it as in flight until it is
// handed to Result. It is called until it returns false.
func (s *Schedule) Due(now time.Duration) (Ask, bool) {
	for i := range s.chains {
		c := &s.chains[i]
		var to *source
		var event tracker.Event
		switch s.stage {
		case running:
			to, event = c.due(s.of(c), now)
		case stopping:
			to, event = c.dueStop(s.of(c))
		}
		if to != nil {
			c.take(to, event)
			return Ask{Event: event, tracker: to.tracker, chain: uint8(i)}, true
		}
	}
	return Ask{}, false
}

// Fill sets what r has of the schedule, as it stands: event, numwant and
// tracker id. It returns the tracker's announce URL.
func (s *Schedule) Fill(a Ask, r *tracker.Request) (url string) {
	r.Event, r.NumWant, r.TrackerID = a.Event, int(s.numWant), ""
	if a.Event == tracker.EventNone && s.partial {
		r.Event = tracker.EventPaused
	}
	if s.stage == stopping {
		r.NumWant = 0 // nobody is left to use them
	}
	if id := s.source(a.tracker).trackerID; id != nil {
		r.TrackerID = *id
	}
	return s.URL(a)
}

// URL returns the announce URL of the tracker that is asked.
func (s *Schedule) URL(a Ask) string { return s.trackers.list[a.tracker].url }

// queue is where the request of an Ask waits.
func (s *Schedule) queue(a Ask) *host { return s.trackers.list[a.tracker].queue }

// Result ends an announce: err says that it came to nothing, also by a
// tracker's refusal; otherwise resp is the answer. rng spreads what follows.
func (s *Schedule) Result(now time.Duration, a Ask, resp tracker.Response, err error, rng *rand.Rand) {
	c := &s.chains[a.chain]
	if err == nil {
		c.answered(now, s.source(a.tracker), a.Event, resp, rng)
		if a.Event != tracker.EventStopped {
			s.promote(c, a.tracker)
		}
		return
	}
	c.failed(now, s.source(a.tracker), a.Event, rng)
	if s.stage == stopping && a.Event == tracker.EventCompleted {
		c.untold = false // no time for a second attempt
	}
}
