package announce

import "time"

// Limits of one tracker's host.
const (
	// PerHost is the requests to one host at a time: what browsers allow
	// themselves, about. A host that never answered gets no more.
	PerHost = 4
	// PerHostMost is reached by one more with each answer while more than
	// Backlog requests wait: a hundred thousand torrents of an interval of
	// half an hour are 56 announces a second, which four at a time do not
	// carry over a tenth of a second.
	PerHostMost = 16
	// Backlog is the number of waiting requests that PerHost gets through in
	// seconds.
	Backlog = 100
	// StopPerHost stands for PerHostMost during Shutdown, and Backlog for 0.
	StopPerHost = 64

	// HostFailures in a row say that a host is down: what waits for it fails
	// at once, so that torrents go on to their next tracker, rather than time
	// out four by four. After HostRest one request at a time tries again.
	HostFailures = PerHost
	// HostRest is short beside a torrent's own BackoffMost.
	HostRest = time.Minute

	// eagerRun is how many requests of torrents that want peers go before one
	// that may wait: a host that is busy with them forgets nobody.
	eagerRun = 7
)

// queue is requests in the order of their coming. Those that are over stay
// until their turn.
type queue struct {
	list []*request
	next int // of list
}

func (q *queue) empty() bool { return q.next == len(q.list) }

// push adds a request. Room in front is used again once it is half of all, so
// that a queue which is never empty does not grow for ever.
func (q *queue) push(r *request) {
	if len(q.list) == cap(q.list) && q.next > len(q.list)/2 {
		n := copy(q.list, q.list[q.next:])
		clear(q.list[n:])
		q.list, q.next = q.list[:n], 0
	}
	q.list = append(q.list, r)
}

func (q *queue) pop() *request {
	r := q.list[q.next]
	q.list[q.next] = nil
	q.next++
	if q.empty() {
		*q = queue{}
	}
	return r
}

// host is a tracker's host with its requests. It lives as long as a torrent
// names it.
type host struct {
	name     string
	users    int   // Trackers that name it
	eager    queue // requests that come first
	patient  queue // those that may wait
	run      int   // eager ones since the last patient one
	waiting  int   // in both queues, and not over
	inFlight int
	window   int // limit of inFlight
	failures int // in a row
	restsTo  time.Duration
	listed   bool // in requests.ready
}

// down tells whether the host is taken for dead.
func (h *host) down() bool { return h.failures >= HostFailures }

// limit is how many requests may be in flight.
func (h *host) limit() int {
	if h.down() {
		return 1
	}
	return h.window
}

// pop returns the next request, which may be over; nil when there is none.
func (h *host) pop() *request {
	switch {
	case !h.eager.empty() && (h.run < eagerRun || h.patient.empty()):
		h.run++
		return h.eager.pop()
	case !h.patient.empty():
		h.run = 0
		return h.patient.pop()
	}
	return nil
}

// failed notes that a request came to nothing.
func (h *host) failed(now time.Duration) {
	h.window = PerHost
	h.failures++
	if h.down() {
		h.restsTo = now + HostRest
	}
}
