package disk

import "time"

// linger is how long a piece waits for others to be hashed with, at most. Sixteen
// together cost a fifth of the processor that sixteen alone do, and at the rates
// where that matters this is short beside the time a piece takes to arrive.
const linger = 10 * time.Millisecond

// gather tells whether the pieces that wait for a hasher are to be hashed at
// once, or wait a moment for more to be hashed with. They wait only while pieces
// come so fast that two more are expected within linger, so that a slow download
// is not slowed further, and the end of a fast one by half of linger at most.
type gather struct {
	together int           // as many as gain from each other's company, 1 or more
	latest   time.Time     // when the latest piece came
	gap      time.Duration // between that one and the one before
}

// arrived takes note of a piece.
func (g *gather) arrived(now time.Time) { g.gap, g.latest = now.Sub(g.latest), now }

// wait is how long pieces still wait, of which the oldest came at oldest; 0 for
// not at all.
func (g *gather) wait(now, oldest time.Time, waiting int) time.Duration {
	if waiting >= g.together || g.gap > linger/2 {
		return 0
	}
	return max(min(linger-now.Sub(oldest), linger/2-now.Sub(g.latest)), 0)
}
