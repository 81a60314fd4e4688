package histogram

import (
	"math/bits"
	"sync/atomic"
	"time"
)

const (
	// Bounds is the number of buckets that have an upper bound; what is longer
	// than the last of them has one more.
	Bounds = 28
	// least is the upper bound of the first bucket.
	least = time.Microsecond
)

// Bound is the upper bound, inclusive, of bucket i, 0 to Bounds-1: 1 µs to
// 134 s.
func Bound(i int) time.Duration { return least << i }

// bucket is where a duration is counted.
func bucket(d time.Duration) int {
	if d <= least {
		return 0
	}
	units := uint64((d + least - 1) / least)
	return min(bits.Len64(units-1), Bounds)
}

// Histogram counts durations. The zero value is empty; it must not be copied.
type Histogram struct {
	counts [Bounds + 1]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
	_      [64]byte     // the next loop's histogram is on another cache line
}

// Observe counts one duration; below 0 is 0. Safe for any goroutine, and free of
// contention where there is only one.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(d)].Add(1)
	h.sum.Add(int64(d))
}

// Snapshot is what was counted up to about now: each count is right, but the sum
// may be ahead of them by what is being observed. Safe for any goroutine.
func (h *Histogram) Snapshot() Snapshot {
	var s Snapshot
	for i := range h.counts {
		s.Counts[i] = h.counts[i].Load()
	}
	s.Sum = time.Duration(h.sum.Load())
	return s
}

// Snapshot is a Histogram at one time, or the sum of several.
type Snapshot struct {
	// Counts are by bucket; the last is of what exceeds every bound.
	Counts [Bounds + 1]uint64
	// Sum is that of the durations.
	Sum time.Duration
}

// Add adds what another one counted.
func (s *Snapshot) Add(o *Snapshot) {
	for i, n := range o.Counts {
		s.Counts[i] += n
	}
	s.Sum += o.Sum
}

// Count is the number of durations.
func (s Snapshot) Count() uint64 {
	var n uint64
	for _, c := range s.Counts {
		n += c
	}
	return n
}
