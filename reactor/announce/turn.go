package announce

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"spate/proto/tracker"
)

// Tick does what is due and returns when it wants to be called again at the
// latest: a later time, Never, or now when there is more to do than a turn of
// the caller's loop should take.
func (a *Announcer) Tick(now time.Duration) (next time.Duration) {
	collects, refusals := turnMost, turnMost
	for more := true; more; more = a.due(now) {
		a.report()
		a.deliver(now)
		for r := a.requests.expired(now); r != nil; r = a.requests.expired(now) {
			a.finish(now, r, tracker.Response{}, ErrTimeout)
		}
		collected := a.collect(now, &collects)
		if !a.launch(now, &refusals) || !collected {
			a.gauge()
			return now
		}
	}
	a.gauge()
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
		for _, r := range n.rejected {
			a.onError(n.id, r.URL, r.Err)
		}
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

// collect queues the requests of every torrent whose time has come, and tells
// whether the budget was enough.
func (a *Announcer) collect(now time.Duration, budget *int) bool {
	for a.wakes.first() <= now {
		e := a.wakes[0]
		if e.leave != nil && now >= e.leave.by {
			a.drop(e)
			continue
		}
		if *budget--; *budget < 0 {
			return false
		}
		a.enqueue(now, e)
	}
	return true
}

// enqueue queues what a torrent has to ask. Farewells and those that want peers
// come first, except that all is farewell during Shutdown, which has an order
// of its own.
func (a *Announcer) enqueue(now time.Duration, e *entry) {
	for ask, ok := e.schedule.Due(now); ok; ask, ok = e.schedule.Due(now) {
		urgent := ask.Event == tracker.EventCompleted || ask.Event == tracker.EventStopped && !a.closing
		r := &request{entry: e, host: e.schedule.queue(ask), ask: ask}
		a.requests.queue(r, urgent || !e.quiet())
	}
	a.rewake(e)
}

// launch starts queued requests as far as the limits allow, and tells whether
// the budget was enough.
func (a *Announcer) launch(now time.Duration, budget *int) bool {
	for *budget >= 0 {
		r := a.requests.take()
		if r == nil {
			return true
		}
		e := r.entry
		r.deadline = now + RequestTimeout
		if e.leave != nil {
			r.deadline = e.leave.deadline(r)
		}
		switch {
		case r.host.down() && now < r.host.restsTo:
			*budget--
			a.finish(now, r, tracker.Response{}, ErrHostDown)
		case r.deadline <= now:
			a.finish(now, r, tracker.Response{}, errStopped)
		default:
			a.start(r)
		}
	}
	return false
}

// start hands a request to the Transport.
func (a *Announcer) start(r *request) {
	e := r.entry
	req := tracker.Request{InfoHash: e.infoHash, PeerID: e.self.peerID, Port: e.self.port, Key: e.self.key}
	if l := e.leave; l != nil {
		req.Uploaded, req.Downloaded, req.Left = l.uploaded, l.downloaded, l.left
	} else {
		req.Uploaded, req.Downloaded, req.Left = a.cfg.Totals(e.id)
	}
	url := e.schedule.Fill(r.ask, &req)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	a.counters.sent[req.Event].Add(1)
	a.cfg.Transport.Announce(ctx, url, req, func(resp tracker.Response, err error) {
		a.cfg.Post(func() { a.results = append(a.results, result{r, resp, err}) })
	})
}

// finish ends a request that was taken, and tells of it.
func (a *Announcer) finish(now time.Duration, r *request, resp tracker.Response, err error) {
	a.account(now, r, err)
	a.requests.end(r)
	e := r.entry
	e.schedule.Result(now, r.ask, resp, err, a.cfg.Rand)
	a.rewake(e)
	switch url := e.schedule.URL(r.ask); {
	case errors.Is(err, errStopped):
	case err != nil:
		a.onError(e.id, url, err)
	default:
		a.answered(e.id, url, r.ask, resp)
	}
}

func (a *Announcer) answered(id ID, url string, ask Ask, resp tracker.Response) {
	if resp.ExternalIP.IsValid() {
		a.external = resp.ExternalIP
	}
	if resp.Warning != "" && a.cfg.OnWarning != nil {
		a.cfg.OnWarning(id, url, resp.Warning)
	}
	if ask.Event != tracker.EventStopped && a.cfg.OnPeers != nil {
		a.cfg.OnPeers(id, url, resp)
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
	if e.index == outside {
		return
	}
	e.wake = e.schedule.Next()
	if e.leave != nil {
		if e.schedule.Done() {
			a.forget(e)
			return
		}
		e.wake = min(e.wake, e.leave.by)
	}
	heap.Fix(&a.wakes, int(e.index))
}
