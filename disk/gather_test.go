package disk

import (
	"testing"
	"time"
)

func TestGather(t *testing.T) {
	const ms = time.Millisecond
	start := time.Unix(1e9, 0)
	// check lets pieces come at the times given, all of which wait, and asks at
	// now.
	check := func(together int, now time.Duration, want time.Duration, pieces ...time.Duration) {
		t.Helper()
		g := gather{together: together}
		for _, at := range pieces {
			g.arrived(start.Add(at))
		}
		if got := g.wait(start.Add(now), start.Add(pieces[0]), len(pieces)); got != want {
			t.Errorf("%d together, at %v, pieces at %v: wait %v, want %v", together, now, pieces, got, want)
		}
	}
	check(16, 0, 0, 0)                         // the first one ever
	check(16, 100*ms, 0, 0, 100*ms)            // a slow download
	check(16, 5*ms+1, 0, 0, 5*ms+1)            // still too slow
	check(16, 5*ms, 5*ms, 0, 5*ms)             // fast enough for two more
	check(16, 1*ms, 5*ms, 0, 1*ms)             // fast
	check(16, 3*ms, 3*ms, 0, 1*ms)             // nothing came for 2 ms
	check(16, 6*ms, 0, 0, 1*ms)                // it has stopped
	check(16, 8*ms, 2*ms, 0, 2*ms, 4*ms, 8*ms) // bounded by the oldest
	check(16, 11*ms, 0, 0, 4*ms, 8*ms, 11*ms)
	check(3, 2*ms, 4*ms, 0, 1*ms)
	check(3, 2*ms, 0, 0, 1*ms, 2*ms) // as many as there may be
	check(2, 1*ms, 0, 0, 1*ms)
	check(1, 0, 0, 0)
}
