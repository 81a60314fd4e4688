package picker

import "time"

// alike is the greatest ratio of two peers' rates at which they work on the
// same piece by choice: a slower one would hold the faster one's piece up.
const alike = 4

// slowest is the rate in bytes/s that is assumed of a peer not measured yet: a
// block a second. Peers slower than that are alike.
const slowest = BlockSize

// Pick chooses up to n blocks to request from a peer, appends them to out and
// counts them as requested. rate is the peer's measured bytes/s, 0 when not
// known; now is the time since the engine started.
func (p *Picker) Pick(id PeerID, n int, rate float64, now time.Duration, out []Block) []Block {
	q := p.peer(id)
	if q == nil {
		return out
	}
	q.rate = rate
	if !q.interest {
		return out
	}
	end := len(out) + n
	for len(out) < end {
		slot := p.choose(id, now)
		if slot == none {
			slot = p.seize(id, now)
		}
		if slot == none {
			return p.steal(id, end-len(out), now, out)
		}
		p.claim(id, slot)
		q.current, q.serial = slot, p.open[slot].serial
		out = p.take(id, slot, end-len(out), now, out)
	}
	return out
}

// choose finds the piece that a peer is to fill: the one it is at, one that
// was left or is being filled by peers like it, a new one, any. It returns
// none when no block is free that this peer has.
func (p *Picker) choose(id PeerID, now time.Duration) int32 {
	q := &p.peers[id]
	if c := q.current; c != none && p.open[c].serial == q.serial && p.open[c].free > 0 &&
		(p.open[c].sole || !q.parole) && p.fills(id, c, now) {
		return c
	}
	like, any := p.partial(id, now)
	if like != none {
		return like
	}
	if piece := p.waiting(q, now); piece != none {
		return p.openFor(q, piece)
	}
	return any
}

// partial finds the best open piece with free blocks among those that peers
// like q, or nobody, are filling, and the best of the others.
func (p *Picker) partial(id PeerID, now time.Duration) (like, any int32) {
	q := &p.peers[id]
	like, any = none, none
	for _, slot := range p.fillable {
		o := &p.open[slot]
		if !q.has(o.piece) || !p.fills(id, slot, now) {
			continue
		}
		best := &like
		if o.asked > 0 && !similar(q.rate, o.fastest) || q.parole && !o.sole {
			best = &any
		}
		if *best == none || p.before(o, &p.open[*best]) {
			*best = slot
		}
	}
	return like, any
}

// before orders open pieces: in sequential mode by index, otherwise the one
// nearest completion first.
func (p *Picker) before(a, b *openPiece) bool {
	if p.sequential {
		return a.piece < b.piece
	}
	return a.free < b.free
}

// similar tells whether two rates are within a factor of alike.
func similar(a, b float64) bool {
	a, b = max(a, slowest), max(b, slowest)
	return a <= b*alike && b <= a*alike
}

func (q *peer) has(piece int32) bool { return q.all || q.have.Has(int(piece)) }

// waiting finds the piece that a peer is to open, none when it has no waiting
// piece or the budget is used up.
func (p *Picker) waiting(q *peer, now time.Duration) int32 {
	if q.barren == p.listings || !p.mayOpen(p.pieceLength) {
		return none
	}
	piece := p.doubted(q, now)
	if piece != none {
		return piece
	}
	p.settle()
	if p.sequential {
		piece = p.inOrder(q)
	} else {
		for level := MaxPriority; level > Skip && piece == none; level-- {
			piece = p.rarest(q, p.ladders[level].pieces)
		}
	}
	if piece == none && len(p.doubts) == 0 {
		q.barren = p.listings
	}
	return piece
}

// rarest finds a piece that a peer has among those of one ladder.
func (p *Picker) rarest(q *peer, pieces []int32) int32 {
	if p.policy.Order == AtRandom {
		if piece := p.drawn(q, pieces); piece != none {
			return piece
		}
	}
	start := 0
	if (p.had < RandomFirst || p.policy.Order == AtRandom) && len(pieces) > 0 {
		start = p.rand.IntN(len(pieces))
	}
	for _, part := range [2][]int32{pieces[start:], pieces[:start]} {
		for _, piece := range part {
			if q.has(piece) && !p.isDoubted(piece) {
				return piece
			}
		}
	}
	return none
}

// inOrder finds the waiting piece of the highest priority, and of those the
// first, that a peer has.
func (p *Picker) inOrder(q *peer) int32 {
	highest := MaxPriority
	for highest > Skip && len(p.ladders[highest].pieces) == 0 {
		highest--
	}
	for p.first < p.pieces && p.where[p.first] < 0 {
		p.first++
	}
	best, level := int32(none), Skip
	for i := p.first; i < p.pieces && level < highest; i++ {
		if p.where[i] >= 0 && p.prio[i] > level && q.has(int32(i)) && !p.isDoubted(int32(i)) {
			best, level = int32(i), p.prio[i]
		}
	}
	return best
}

// take requests up to n free blocks of an open piece, in order.
func (p *Picker) take(id PeerID, slot int32, n int, now time.Duration, out []Block) []Block {
	o := &p.open[slot]
	for ; n > 0 && o.free > 0; o.next++ {
		if b := &o.blocks[o.next]; b.got || b.requests != none {
			continue
		}
		out = append(out, p.ask(id, slot, o.next, now))
		o.free--
		n--
	}
	if o.free == 0 {
		p.unfill(slot)
	}
	return out
}
