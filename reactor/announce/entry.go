package announce

import (
	"time"

	"spate/proto/tracker"
)

// entry is one torrent of an Announcer.
type entry struct {
	id       ID
	request  tracker.Request // what is the same in all its announces, and the last totals
	schedule *Schedule
	wake     time.Duration // when it wants something
	index    int           // in the wakeHeap
	parting  bool          // Remove was called
	partBy   time.Duration // when parting: the end of its time
	gone     bool          // no longer in the wakeHeap
	requests []*request    // that wait or are in flight, at most one a chain, or one a tracker when parting
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
	h[i].index, h[j].index = i, j
}

// Push appends x; for package heap only.
func (h *wakeHeap) Push(x any) {
	e := x.(*entry)
	e.index = len(*h)
	*h = append(*h, e)
}

// Pop removes the last torrent; for package heap only.
func (h *wakeHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
