package announce

import (
	"maps"
	"slices"
	"time"

	"spate/proto/tracker"
)

// Limits of requests in flight. Each is a goroutine, a descriptor and a few
// tens of kilobytes while it lasts.
const (
	// InFlight is for all trackers together: a thousand torrents that start
	// at once are through in seconds, and dead trackers cannot hold up many
	// descriptors.
	InFlight = 32
	// PerHost is for one tracker: what browsers allow themselves, about.
	PerHost = 4
	// StopInFlight and StopPerHost hold during Shutdown, when StopTimeout is
	// all there is.
	StopInFlight = 128
	StopPerHost  = 32
)

// request is an Ask on its way.
type request struct {
	entry    *entry
	ask      Ask
	host     *host
	flying   bool          // it was taken
	deadline time.Duration // once it was taken
	cancel   func()        // nil before it was started
	over     bool          // ended or given up; what still comes of it is ignored
}

// host is a tracker's host with its share of the requests.
type host struct {
	name     string
	waiting  []*request
	inFlight int
	listed   bool // in requests.ready
}

// requests is the queue of requests and those in flight. Hosts take turns, so
// a slow one holds up nobody else.
type requests struct {
	hosts    map[string]*host // those with requests waiting or in flight
	ready    []*host          // those that may start a request, in turn
	flying   []*request       // in flight, in the order of their start
	waiting  int              // requests in hosts' queues that are not over
	inFlight int              // limit of len(flying)
	perHost  int              // limit of host.inFlight
}

func newRequests() requests {
	return requests{hosts: make(map[string]*host), inFlight: InFlight, perHost: PerHost}
}

// widen raises the limits to those of a shutdown.
func (q *requests) widen() {
	q.inFlight, q.perHost = StopInFlight, StopPerHost
	for _, name := range slices.Sorted(maps.Keys(q.hosts)) {
		q.list(q.hosts[name])
	}
}

// queue adds a request.
func (q *requests) queue(r *request) {
	h := q.hosts[r.ask.Host]
	if h == nil {
		h = &host{name: r.ask.Host}
		q.hosts[h.name] = h
	}
	r.host = h
	r.entry.requests = append(r.entry.requests, r)
	h.waiting = append(h.waiting, r)
	q.waiting++
	q.list(h)
}

// list lets a host take its turn, if it has a request that may start.
func (q *requests) list(h *host) {
	if !h.listed && len(h.waiting) > 0 && h.inFlight < q.perHost {
		h.listed = true
		q.ready = append(q.ready, h)
	}
}

// take returns a request that may start, and counts it as in flight; nil when
// there is none.
func (q *requests) take() *request {
	for len(q.flying) < q.inFlight && len(q.ready) > 0 {
		h := q.ready[0]
		q.ready = q.ready[1:]
		h.listed = false
		r := h.waiting[0]
		h.waiting = h.waiting[1:]
		if r.over {
			q.settle(h)
			continue
		}
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
	r.entry.requests = slices.DeleteFunc(r.entry.requests, func(o *request) bool { return o == r })
	if !r.flying {
		q.waiting--
		return
	}
	if r.cancel != nil {
		r.cancel()
	}
	i := slices.Index(q.flying, r)
	q.flying = slices.Delete(q.flying, i, i+1)
	r.host.inFlight--
	q.settle(r.host)
}

// settle lists a host again or forgets it.
func (q *requests) settle(h *host) {
	q.list(h)
	if h.inFlight == 0 && len(h.waiting) == 0 {
		delete(q.hosts, h.name)
	}
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

// part prepares for a torrent's leave: requests in flight get an earlier
// deadline, those that wait are ended and returned, unless they tell of a
// completed download.
func (q *requests) part(e *entry, deadline time.Duration) (ended []*request) {
	for _, r := range slices.Clone(e.requests) {
		switch {
		case r.flying:
			r.deadline = min(r.deadline, deadline)
		case r.ask.Event != tracker.EventCompleted:
			q.end(r)
			ended = append(ended, r)
		}
	}
	return ended
}

// drop ends all requests of a torrent.
func (q *requests) drop(e *entry) {
	for _, r := range slices.Clone(e.requests) {
		q.end(r)
	}
}

func (q *requests) idle() bool { return q.waiting == 0 && len(q.flying) == 0 }
