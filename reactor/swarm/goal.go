package swarm

import "sync/atomic"

// Goal is how many bytes of a torrent are still to be sent until it has given
// enough. It is shared by the loops, so that a torrent that ends at a ratio
// ends within a block of it, however fast it is served. A nil Goal has no end.
type Goal struct{ left atomic.Int64 }

// NewGoal is reached after n bytes.
func NewGoal(n int64) *Goal {
	g := &Goal{}
	g.left.Store(n)
	return g
}

// Take counts n bytes that are about to be sent.
func (g *Goal) Take(n int) {
	if g != nil {
		g.left.Add(-int64(n))
	}
}

// Give returns n bytes that were taken and will not be sent.
func (g *Goal) Give(n int) { g.Take(-n) }

// Reached tells whether as much as was to be sent has been, or is on its way.
func (g *Goal) Reached() bool { return g != nil && g.left.Load() <= 0 }
