package announce

import "time"

// entry is one torrent of an Announcer. There may be a hundred thousand, most
// of which wait for their next announce: what only some need at a time hangs
// off a pointer, and TestMemoryOfATorrent holds the sum.
type entry struct {
	id       ID
	schedule Schedule
	infoHash [20]byte
	index    int32 // in the wakeHeap; outside when it was taken leave of
	self     *self
	list     *interning
	wake     time.Duration // when it wants something
	requests *request      // those that wait or are in flight, a list by request.next
	leave    *leave        // nil until Remove
}

// outside is the index of an entry that is in no wakeHeap.
const outside = -1

// self is what we say of ourselves, the same for most torrents.
type self struct {
	peerID [20]byte
	port   uint16
	key    uint32
}

// leave is what a torrent needs that is being taken leave of.
type leave struct {
	by                         time.Duration // the end of its time
	uploaded, downloaded, left int64         // the last totals
}

// quiet tells whether a torrent wants no peers, and may wait.
func (e *entry) quiet() bool { return e.schedule.numWant == 0 }

// recent is when a tracker answered last, as far as the order of farewells
// needs it: trackers mostly agree on how long after it they may be asked again.
func (e *entry) recent() time.Duration {
	var last time.Duration
	for i := range e.schedule.chains {
		last = max(last, e.schedule.chains[i].leastAt)
	}
	return last
}

// link adds a request to the torrent's list.
func (e *entry) link(r *request) {
	r.next = e.requests
	e.requests = r
}

// unlink takes a request out of the torrent's list.
func (e *entry) unlink(r *request) {
	for at := &e.requests; *at != nil; at = &(*at).next {
		if *at == r {
			*at = r.next
			r.next = nil
			return
		}
	}
}

// wakeHeap is torrents by wake, those of the same time by ID, so that their
// order does not hang on how the heap came about.
type wakeHeap []*entry

// first is the wake of the first torrent, Never when there is none.
func (h wakeHeap) first() time.Duration {
	if len(h) == 0 {
		return Never
	}
	return h[0].wake
}

func (h wakeHeap) Len() int { return len(h) }

func (h wakeHeap) Less(i, j int) bool {
	if h[i].wake != h[j].wake {
		return h[i].wake < h[j].wake
	}
	return h[i].id < h[j].id
}

func (h wakeHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = int32(i), int32(j)
}

// Push appends x; for package heap only.
func (h *wakeHeap) Push(x any) {
	e := x.(*entry)
	e.index = int32(len(*h))
	*h = append(*h, e)
}

// Pop removes the last torrent; for package heap only.
func (h *wakeHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	e.index = outside
	return e
}
