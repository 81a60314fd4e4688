package announce

import (
	"errors"
	"sync/atomic"
	"time"

	"spate/proto/tracker"
	"spate/reactor/webget"
)

// Stats is figures of an Announcer. Those that follow Torrents count from its
// start, those up to InFlight are of the moment.
type Stats struct {
	Torrents int64 // announced, and those taken leave of that are not yet through
	Waiting  int64 // announces in the queues of their hosts
	InFlight int64 // announces sent and not answered

	Started, Completed, Stopped, Regular int64 // announces sent, by event

	Answered int64 // announces that succeeded
	Refused  int64 // that the tracker refused, in words or by HTTP status
	TimedOut int64 // that were not answered in time
	Failed   int64 // that came to nothing in another way
	Skipped  int64 // that were not sent, since their host was down
	Dropped  int64 // torrents whose farewell was not through within StopTimeout
}

// counters is Stats, written by the Announcer's goroutine and read by any.
type counters struct {
	torrents, waiting, inFlight                           atomic.Int64
	sent                                                  [tracker.EventPaused + 1]atomic.Int64
	answered, refused, timedOut, failed, skipped, dropped atomic.Int64
}

// Stats returns the current figures. Any goroutine may call it.
func (a *Announcer) Stats() Stats {
	c := &a.counters
	return Stats{
		Torrents:  c.torrents.Load(),
		Waiting:   c.waiting.Load(),
		InFlight:  c.inFlight.Load(),
		Started:   c.sent[tracker.EventStarted].Load(),
		Completed: c.sent[tracker.EventCompleted].Load(),
		Stopped:   c.sent[tracker.EventStopped].Load(),
		Regular:   c.sent[tracker.EventNone].Load() + c.sent[tracker.EventPaused].Load(),
		Answered:  c.answered.Load(),
		Refused:   c.refused.Load(),
		TimedOut:  c.timedOut.Load(),
		Failed:    c.failed.Load(),
		Skipped:   c.skipped.Load(),
		Dropped:   c.dropped.Load(),
	}
}

// gauge brings the figures of the moment up to date.
func (a *Announcer) gauge() {
	a.counters.torrents.Store(int64(len(a.wakes)))
	a.counters.waiting.Store(int64(a.requests.waiting))
	a.counters.inFlight.Store(int64(len(a.requests.flying)))
}

// account counts how an announce that was taken ended, and notes whether its
// host works.
func (a *Announcer) account(now time.Duration, r *request, err error) {
	var refusal *tracker.Failure
	var status *StatusError
	var useless *AnswerError
	var address *webget.AddressError
	switch c := &a.counters; {
	case err == nil:
		c.answered.Add(1)
		a.requests.answered(r.host)
	case errors.As(err, &refusal), errors.As(err, &status):
		c.refused.Add(1)
		a.requests.answered(r.host)
	case errors.As(err, &useless):
		c.failed.Add(1)
		a.requests.answered(r.host)
	case errors.As(err, &address): // says nothing of other paths of the host
		c.failed.Add(1)
	case errors.Is(err, errStopped):
	case errors.Is(err, ErrHostDown):
		c.skipped.Add(1)
	case errors.Is(err, ErrTimeout):
		c.timedOut.Add(1)
		if r.entry.leave == nil { // else it had less time than a host may take
			r.host.failed(now)
		}
	default:
		c.failed.Add(1)
		r.host.failed(now)
	}
}
