package netlab

import (
	"math/rand/v2"
	"time"
)

// wire is one direction of a line in virtual time: it says of each packet
// whether it arrives, and when.
type wire struct {
	direction
	chance *rand.Rand
	free   time.Duration // when the line has sent all that it was given
}

// pass takes a packet of so many bytes at a time that never goes back. due
// never goes back either: packets stay in order.
func (w *wire) pass(now time.Duration, bytes int) (due time.Duration, ok bool) {
	if w.loss > 0 && w.chance.Float64() < w.loss {
		return 0, false
	}
	begin := max(now, w.free)
	if begin-now > w.room {
		return 0, false
	}
	w.free = begin
	if w.rate > 0 {
		w.free += time.Duration(float64(bytes) * 8 / float64(w.rate) * float64(time.Second))
	}
	return w.free + w.delay, true
}
