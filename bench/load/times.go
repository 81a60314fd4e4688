package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// maxTime is the longest time that is told from longer ones, and timeDigits how
// many digits of a time are kept: 1 % is finer than any two measurements agree,
// and a histogram stays within the cache of a core.
const (
	maxTime    = time.Minute
	timeDigits = 2
)

// Times is how long something took, many times: a histogram from 1 us to a
// minute, of two digits. The zero value is empty. A copy shares its counts.
type Times struct{ h *hdrhistogram.Histogram }

func newTimes() Times {
	return Times{hdrhistogram.New(1, maxTime.Microseconds(), timeDigits)}
}

// record adds one time.
func (t Times) record(d time.Duration) {
	_ = t.h.RecordValue(min(max(d, 0), maxTime).Microseconds()) // fails out of range only
}

// add adds all of o.
func (t *Times) add(o Times) {
	if t.h == nil {
		*t = newTimes()
	}
	t.h.Merge(o.h)
}

// clone is a copy of the counts.
func (t Times) clone() (c Times) {
	c.add(t)
	return c
}

// Count is how many times were recorded.
func (t Times) Count() int64 {
	if t.h == nil {
		return 0
	}
	return t.h.TotalCount()
}

// Quantile is the time that a share q, 0 to 1, of all did not exceed; 0 when
// there are none.
func (t Times) Quantile(q float64) time.Duration {
	if t.Count() == 0 {
		return 0
	}
	return time.Duration(t.h.ValueAtQuantile(100*q)) * time.Microsecond
}
