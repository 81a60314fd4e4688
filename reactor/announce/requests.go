package announce

import (
	"slices"
	"time"
)

// Limits of requests in flight, of all trackers together. Each is a goroutine,
// a descriptor and a few tens of kilobytes while it lasts.
const (
	// InFlight leaves room for live trackers beside some fifteen dead ones
	// that time out.
	InFlight = 64
	// StopInFlight holds during Shutdown, when StopTimeout is all there is.
	StopInFlight = 256
)

// request is an Ask on its way.
type request struct {
	entry    *entry
	host     *host
	next     *request // of the same entry
	deadline time.Duration
	cancel   func() // nil before it was started
	ask      Ask
	flying   bool // it was taken
	over     bool // ended or given up; what still comes of it is ignored
}

// requests is those that wait, in the queues of their hosts, and those in
// flight. Hosts take turns, so a slow one holds up nobody else.
type requests struct {
	ready    []*host    // those that may start a request, in turn
	flying   []*request // in flight, in the order of their start
	waiting  int        // requests in hosts' queues that are not over
	inFlight int        // limit of len(flying)
	perHost  int        // limit of host.window
	backlog  int        // host.window grows beyond it
}

func newRequests() requests {
	return requests{inFlight: InFlight, perHost: PerHostMost, backlog: Backlog}
}

// widen raises the limits to those of a shutdown.
func (q *requests) widen() {
	q.inFlight, q.perHost, q.backlog = StopInFlight, StopPerHost, 0
}

// queue adds a request, before those that may wait when it is eager.
func (q *requests) queue(r *request, eager bool) {
	r.entry.link(r)
	if eager {
		r.host.eager.push(r)
	} else {
		r.host.patient.push(r)
	}
	r.host.waiting++
	q.waiting++
	q.list(r.host)
}

// list lets a host take its turn, if it has a request that may start.
func (q *requests) list(h *host) {
	if !h.listed && h.waiting > 0 && h.inFlight < h.limit() {
		h.listed = true
		q.ready = append(q.ready, h)
	}
}

// take returns a request that may start, and counts it as in flight; nil when
// there is none.
func (q *requests) take() *request {
	for len(q.flying) < q.inFlight && len(q.ready) > 0 {
		h := q.ready[0]
		q.ready = slices.Delete(q.ready, 0, 1)
		h.listed = false
		if h.inFlight >= h.limit() {
			continue // it failed since it was listed
		}
		r := h.pop()
		for r != nil && r.over {
			r = h.pop()
		}
		if r == nil {
			continue
		}
		h.waiting--
		q.waiting--
		h.inFlight++
		r.flying = true
		q.flying = append(q.flying, r)
		q.list(h)
		return r
	}
	return nil
}

// end ends a request, taken or not. One that waits is left in its host's queue
// and skipped when its turn comes.
func (q *requests) end(r *request) {
	r.over = true
	r.entry.unlink(r)
	if !r.flying {
		r.host.waiting--
		q.waiting--
		return
	}
	if r.cancel != nil {
		r.cancel()
	}
	i := slices.Index(q.flying, r)
	q.flying = slices.Delete(q.flying, i, i+1)
	r.host.inFlight--
	q.list(r.host)
}

// answered notes that a host works, and gives it more of the requests when it
// has many to answer.
func (q *requests) answered(h *host) {
	h.failures = 0
	if h.waiting > q.backlog {
		h.window = min(h.window+1, q.perHost)
	}
	q.list(h)
}

// expired returns a request whose deadline has passed, or nil.
func (q *requests) expired(now time.Duration) *request {
	for _, r := range q.flying {
		if r.deadline <= now {
			return r
		}
	}
	return nil
}

// deadline returns the first deadline of those in flight, or Never.
func (q *requests) deadline() time.Duration {
	first := Never
	for _, r := range q.flying {
		first = min(first, r.deadline)
	}
	return first
}

// drop ends all requests of a torrent.
func (q *requests) drop(e *entry) {
	for e.requests != nil {
		q.end(e.requests)
	}
}

func (q *requests) idle() bool { return q.waiting == 0 && len(q.flying) == 0 }
