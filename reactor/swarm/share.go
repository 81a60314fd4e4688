package swarm

import (
	"math"
	"time"

	"spate/reactor/loop"
)

// share is a torrent's part of the rate over all torrents on a loop. Turns alone
// do not divide it well: within a tick many small sockets take more than one
// large one can hold, and a torrent that is on several loops has less due on
// each. So each torrent has a bucket that fills by its weight; what those use
// that want little goes to those that want more.
type share struct {
	weight float64       // of the torrent on this loop: 1, or a part where it has peers elsewhere
	fair   float64       // bytes/s; 0 for no bound
	level  int64         // bytes that may be taken
	last   time.Duration // when level was last filled
	used   int64         // bytes since the last tick
	use    float64       // bytes/s over the last ticks
}

const (
	// useSmoothing is the weight of the last tick in share.use: a block a tenth
	// of a second is a steady use.
	useSmoothing = 0.2
	// useMargin is how much of the use of a torrent that wants little is kept
	// for it, so that it may want more.
	useMargin = 1.25
	// leftoverTime is the time in which what was left of the rate is given to
	// those that want more.
	leftoverTime = 250 * time.Millisecond
)

// left is how many bytes the torrent may take.
func (s *share) left(now time.Duration) int64 {
	if s.fair == 0 {
		return math.MaxInt64
	}
	if now-s.last >= grain {
		s.level += int64(s.fair * min(now-s.last, burst).Seconds())
		s.level = min(s.level, int64(s.fair*burst.Seconds())+1)
		s.last = now
	}
	return s.level
}

func (s *share) take(n int) {
	s.used += int64(n)
	if s.fair > 0 {
		s.level -= int64(n)
	}
}

// bound lets the torrent take so many bytes/s from now on.
func (s *share) bound(now time.Duration, fair float64) {
	if s.left(now); s.fair == 0 {
		s.level, s.last = 0, now
	}
	s.fair = fair
}

// divide gives each torrent that wants some its part of a rate in bytes/s, of
// which so much was left over. Once a tick.
func (d *dealer) divide(now time.Duration, way direction, rate float64, leftover int64) {
	total, wanting, reserved := 0.0, 0.0, 0.0
	for _, t := range d.active {
		s := &t.flows[way].share
		s.use += useSmoothing * (float64(s.used)/loop.TickInterval.Seconds() - s.use)
		s.used = 0
		total += s.weight
	}
	if len(d.active) < 2 || total == 0 || rate == 0 {
		for _, t := range d.active {
			t.flows[way].share.fair = 0
		}
		return
	}
	even := rate / total
	for _, t := range d.active {
		f := &t.flows[way]
		if s := &f.share; f.waiting.Len() > 0 || s.use*useMargin > even*s.weight {
			wanting += s.weight
		} else {
			reserved += s.use * useMargin
		}
	}
	fair := even
	if wanting > 0 {
		fair = max(even, (rate+max(0, float64(leftover))/leftoverTime.Seconds()-reserved)/wanting)
	}
	for _, t := range d.active {
		s := &t.flows[way].share
		s.bound(now, fair*s.weight)
	}
}
