package announce

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"spate/proto/tracker"
)

// Times of a farewell. People wait for it at the end of a process.
const (
	// StopTimeout bounds the farewell of one torrent, and of all of them by
	// Shutdown.
	StopTimeout = 5 * time.Second
	// stoppedShare of it is left for `stopped` by announces that were in
	// flight and by `completed`.
	stoppedShare = StopTimeout / 2
	// startedShare is left for it by a `started` in flight. Before that is
	// answered there is nobody to take leave of, so it is waited for longer.
	startedShare = StopTimeout / 5
)

// Remove takes leave of a torrent: its trackers are told within StopTimeout or
// not at all. The ID means nothing from here on, except in callbacks.
func (a *Announcer) Remove(now time.Duration, id ID) {
	e := a.entries[id]
	if e == nil {
		return
	}
	delete(a.entries, id)
	e.schedule.Stop()
	a.parting++
	e.leave = &leave{by: now + StopTimeout}
	a.cutShort(now, e)
	if e.schedule.Done() {
		a.forget(e)
		return
	}
	e.leave.uploaded, e.leave.downloaded, e.leave.left = a.cfg.Totals(id)
	a.enqueue(now, e)
}

// cutShort ends the requests of a torrent that wait, unless they tell of a
// completed download, and gives those in flight an earlier deadline.
func (a *Announcer) cutShort(now time.Duration, e *entry) {
	for r := e.requests; r != nil; {
		next := r.next
		switch {
		case r.flying:
			r.deadline = min(r.deadline, e.leave.deadline(r))
		case r.ask.Event != tracker.EventCompleted:
			a.requests.end(r)
			e.schedule.Result(now, r.ask, tracker.Response{}, errStopped, a.cfg.Rand)
		}
		r = next
	}
}

// deadline returns the end of a request's share of the farewell.
func (l *leave) deadline(r *request) time.Duration {
	switch r.ask.Event {
	case tracker.EventStopped:
		return l.by
	case tracker.EventStarted:
		return l.by - startedShare
	default:
		return l.by - stoppedShare
	}
}

// Shutdown removes all torrents, with more requests in flight at a time than
// else, since all are to be done within StopTimeout. Torrents that want peers
// come first, then those that a tracker answered last: it would go on listing
// them for longest. Nothing may be added afterwards.
func (a *Announcer) Shutdown(now time.Duration) {
	a.closing = true
	a.requests.widen()
	type parting struct {
		quiet  bool
		recent time.Duration
		id     ID
	}
	order := make([]parting, 0, len(a.entries))
	for id, e := range a.entries {
		order = append(order, parting{e.quiet(), e.recent(), id})
	}
	slices.SortFunc(order, func(x, y parting) int {
		if x.quiet != y.quiet {
			if y.quiet {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y.recent, x.recent), cmp.Compare(x.id, y.id))
	})
	for _, p := range order {
		a.Remove(now, p.id)
	}
}

// drop gives up a torrent whose time to take leave has run out.
func (a *Announcer) drop(e *entry) {
	a.counters.dropped.Add(1)
	a.requests.drop(e)
	a.forget(e)
}

// forget lets go of a torrent that was taken leave of.
func (a *Announcer) forget(e *entry) {
	a.parting--
	heap.Remove(&a.wakes, int(e.index))
	a.trackers.release(e.list)
}
