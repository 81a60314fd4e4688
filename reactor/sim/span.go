package sim

import (
	"math/bits"
	"math/rand/v2"
	"time"
)

// Span is a range of sizes in bytes from which one is drawn: first an octave,
// then a size within it, so that a span from 1 to 65,536 gives single bytes as
// readily as large segments. It is computed in integers, because a replay on
// another machine must draw the same.
type Span struct {
	// Min and Max are the smallest and the largest size; Min of 1 or more,
	// and no more than Max.
	Min, Max int
}

// draw picks a size.
func (s Span) draw(r *rand.Rand) int {
	if s.Min >= s.Max {
		return s.Max
	}
	x := r.Uint64()
	lo := bits.Len(uint(s.Min))
	octaves := bits.Len(uint(s.Max)) - lo + 1
	k := lo + scale(uint32(x), octaves)
	from := max(s.Min, 1<<(k-1))
	to := min(s.Max, 1<<k-1)
	return from + scale(uint32(x>>32), to-from+1)
}

// scale maps x evenly to 0 up to n-1.
func scale(x uint32, n int) int { return int(uint64(x) * uint64(n) >> 32) }

// oneIn is true once in n on average; never for an n of 0 or less.
func oneIn(r *rand.Rand, n int) bool { return n > 0 && scale(r.Uint32(), n) == 0 }

// upTo draws a duration from 0 to d.
func upTo(r *rand.Rand, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(r.Int64N(int64(d) + 1))
}
