package announce

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"spate/proto/tracker"
)

// Tick does what is due and returns when it wants to be called again at the
// latest: a later time, or Never.
func (a *Announcer) Tick(now time.Duration) (next time.Duration) {
	for more := true; more; more = a.due(now) {
		a.report()
		a.deliver(now)
		for r := a.requests.expired(now); r != nil; r = a.requests.expired(now) {
			a.finish(now, r, tracker.Response{}, ErrTimeout)
		}
		a.collect(now)
		a.launch(now)
	}
	return min(a.requests.deadline(), a.wakes.first())
}

// due tells whether a turn of Tick left something for another: a Transport may
// answer at once, and callbacks may change anything.
func (a *Announcer) due(now time.Duration) bool {
	return len(a.results)+len(a.notices) > 0 || a.wakes.first() <= now
}

// report calls OnError with the trackers that Add found unusable.
func (a *Announcer) report() {
	notices := a.notices
	a.notices = nil
	for _, n := range notices {
		a.onError(n.id, n.URL, n.Err)
	}
}

// deliver handles what the Transport brought.
func (a *Announcer) deliver(now time.Duration) {
	results := a.results
	a.results = nil
	for _, r := range results {
		if !r.request.over {
			a.finish(now, r.request, r.resp, r.err)
		}
	}
}

// collect queues the requests of every torrent whose time has come.
func (a *Announcer) collect(now time.Duration) {
	for a.wakes.first() <= now {
		e := a.wakes[0]
		if e.parting && now >= e.partBy {
			a.drop(e)
			continue
		}
		for ask, ok := e.schedule.Due(now); ok; ask, ok = e.schedule.Due(now) {
			a.requests.queue(&request{entry: e, ask: ask})
		}
		a.rewake(e)
	}
}

// launch starts queued requests as far as the limits allow.
func (a *Announcer) launch(now time.Duration) {
	for r := a.requests.take(); r != nil; r = a.requests.take() {
		r.deadline = now + RequestTimeout
		if e := r.entry; e.parting {
			r.deadline = e.partBy
			if r.ask.Event != tracker.EventStopped {
				r.deadline -= StopTimeout / 2
			}
		}
		if r.deadline <= now {
			a.finish(now, r, tracker.Response{}, errStopped)
			continue
		}
		a.start(r)
	}
}

// start hands a request to the Transport.
func (a *Announcer) start(r *request) {
	e := r.entry
	a.setTotals(e)
	req := e.request
	req.Event, req.NumWant, req.TrackerID = r.ask.Event, r.ask.NumWant, r.ask.TrackerID
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	a.cfg.Transport.Announce(ctx, r.ask.URL, req, func(resp tracker.Response, err error) {
		a.cfg.Post(func() { a.results = append(a.results, result{r, resp, err}) })
	})
}

// setTotals takes a torrent's counts. After Remove they stay as they were.
func (a *Announcer) setTotals(e *entry) {
	if !e.parting {
		e.request.Uploaded, e.request.Downloaded, e.request.Left = a.cfg.Totals(e.id)
	}
}

// finish ends a request that was taken, and tells of it.
func (a *Announcer) finish(now time.Duration, r *request, resp tracker.Response, err error) {
	a.requests.end(r)
	e := r.entry
	e.schedule.Result(now, r.ask, resp, err)
	a.rewake(e)
	switch {
	case errors.Is(err, errStopped):
	case err != nil:
		a.onError(e.id, r.ask.URL, err)
	default:
		a.answered(e.id, r.ask, resp)
	}
}

func (a *Announcer) answered(id ID, ask Ask, resp tracker.Response) {
	if resp.ExternalIP.IsValid() {
		a.external = resp.ExternalIP
	}
	if resp.Warning != "" && a.cfg.OnWarning != nil {
		a.cfg.OnWarning(id, ask.URL, resp.Warning)
	}
	if ask.Event != tracker.EventStopped && a.cfg.OnPeers != nil {
		a.cfg.OnPeers(id, ask.URL, resp)
	}
}

func (a *Announcer) onError(id ID, url string, err error) {
	if a.cfg.OnError != nil {
		a.cfg.OnError(id, url, err)
	}
}

// rewake puts a torrent where its next time belongs, or forgets it when it has
// been taken leave of.
func (a *Announcer) rewake(e *entry) {
	if e.gone {
		return
	}
	e.wake = e.schedule.Next()
	if e.parting {
		if e.schedule.Done() {
			a.forget(e)
			return
		}
		e.wake = min(e.wake, e.partBy)
	}
	heap.Fix(&a.wakes, e.index)
}

// drop gives up a torrent whose time to take leave has run out.
func (a *Announcer) drop(e *entry) {
	a.requests.drop(e)
	a.forget(e)
}

func (a *Announcer) forget(e *entry) {
	e.gone = true
	a.parting--
	heap.Remove(&a.wakes, e.index)
}
