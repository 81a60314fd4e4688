package picker

// Order is which new piece a peer opens, within a priority.
type Order uint8

// The orders.
const (
	// RarestFirst opens the piece that fewest peers have (BEP 3), after
	// RandomFirst at random.
	RarestFirst Order = iota
	// AtRandom draws among the pieces that the peer has.
	AtRandom
	// InOrder goes by the index, as SetSequential does.
	InOrder
)

// Policy departs from what the package comment says Pick prefers. The zero
// value does not; others are for simulations, which find out what a rule is
// worth by leaving it out.
type Policy struct {
	// Order is how new pieces are chosen.
	Order Order
	// NoEndgame asks nobody for a block that is requested already.
	NoEndgame bool
	// NoReroute leaves a block to the peer that it was requested from, whoever
	// else turns out to have it: Reroute does nothing.
	NoReroute bool
}

// randomTries is how many waiting pieces are drawn for a peer before the first
// one in reach is taken: enough for one that has a few percent of them.
const randomTries = 32

// drawn finds a waiting piece that a peer has at random; none leaves it to a
// search.
func (p *Picker) drawn(q *peer, pieces []int32) int32 {
	if len(pieces) == 0 {
		return none
	}
	for range randomTries {
		if piece := pieces[p.rand.IntN(len(pieces))]; q.has(piece) && !p.isDoubted(piece) {
			return piece
		}
	}
	return none
}
