package picker

import (
	"slices"
	"time"
)

const (
	// courtesy is how long a piece that failed is left to peers that are not on
	// parole, where one has it: whoever is not choked by us asks within
	// pipeline.MaxCover as long as blocks come.
	courtesy = 3 * time.Second
	// freeRetries is how often a piece may fail before it is waited with: as many
	// liars may have a part in one and cost no time.
	freeRetries = 4
	// retryFirst is the first wait, doubled with each failure, and retryMost the
	// longest: whoever supplies liars without end gets a piece a minute.
	retryFirst = time.Second
	retryMost  = time.Minute
)

// doubt is what is known of a piece that failed.
type doubt struct {
	fails uint8
	after time.Duration // not to be begun before
}

// Doubt says that the bytes of an open piece were wrong; its PieceResult follows.
// From then on, until it is had, the piece is filled by one peer alone, so that
// the next failure has one cause. It is begun before other pieces: at once the
// first few times, and later when it fails again and again.
func (p *Picker) Doubt(piece int, now time.Duration) {
	i := int32(piece)
	d, known := p.doubts[i]
	if !known {
		if p.doubts == nil {
			p.doubts = make(map[int32]doubt)
		}
		p.doubtful = append(p.doubtful, i)
	}
	d.fails = min(d.fails, 100) + 1
	d.after = now
	if n := int(d.fails) - freeRetries; n > 0 {
		d.after += min(retryFirst<<min(n-1, 10), retryMost)
	}
	p.doubts[i] = d
}

// Parole has the pieces that a peer begins filled by it alone, so that it is
// convicted or cleared by them, and leaves pieces that failed to others where
// they want them. Pieces that several peers have begun it goes on with last of
// all.
func (p *Picker) Parole(id PeerID, on bool) {
	if q := p.peer(id); q != nil {
		q.parole = on
	}
}

// Retract takes a block of an open piece back that has been received, to be
// picked again. It does nothing for a piece that is complete: its PieceResult is
// to come.
func (p *Picker) Retract(b Block) {
	slot, at, ok := p.locate(b)
	if !ok {
		return
	}
	if o := &p.open[slot]; o.blocks[at].got && int(o.got) < len(o.blocks) {
		o.blocks[at].got = false
		o.got--
		p.freed(slot, at, 1)
	}
}

// Seized appends the requests that Pick took back since the last call, of sole
// pieces that it gave to a peer which has them sooner, and forgets them. The
// owner cancels them, and discards the rest of a payload under way (see the
// package comment).
func (p *Picker) Seized(out []Withdrawn) []Withdrawn {
	out = append(out, p.seized...)
	p.seized = p.seized[:0]
	return out
}

// trust ends what Doubt began.
func (p *Picker) trust(piece int32) {
	if !p.isDoubted(piece) {
		return
	}
	delete(p.doubts, piece)
	p.doubtful = slices.DeleteFunc(p.doubtful, func(i int32) bool { return i == piece })
}

func (p *Picker) isDoubted(piece int32) bool {
	if len(p.doubts) == 0 {
		return false
	}
	_, ok := p.doubts[piece]
	return ok
}

// doubted finds the piece that failed first among those that wait and that a
// peer may begin.
func (p *Picker) doubted(q *peer, now time.Duration) int32 {
	for _, piece := range p.doubtful {
		if p.where[piece] >= 0 && q.has(piece) && p.mayTry(q, piece, now) {
			return piece
		}
	}
	return none
}

// mayTry tells whether a peer may take up a piece, which may be one that failed.
func (p *Picker) mayTry(q *peer, piece int32, now time.Duration) bool {
	d, ok := p.doubts[piece]
	if !ok {
		return true
	}
	if now < d.after {
		return false
	}
	return !q.parole || now-d.after >= courtesy || !p.clean(piece)
}

// clean tells whether a peer that is not on parole has a piece.
func (p *Picker) clean(piece int32) bool {
	for i := range p.peers {
		if q := &p.peers[i]; q.have != nil && !q.parole && q.has(piece) {
			return true
		}
	}
	return false
}

// openFor begins a piece for a peer, to be filled by one alone if either is in
// doubt.
func (p *Picker) openFor(q *peer, piece int32) int32 {
	slot := p.openPiece(piece)
	if q.parole || p.isDoubted(piece) {
		p.open[slot].sole = true
		p.soles++
	}
	return slot
}

// fills tells whether a peer may fill an open piece: everybody, unless it is a
// sole one that another peer is at. Who has not been asked for any of it for a
// while is choking us, or has no share in a rate.
func (p *Picker) fills(id PeerID, slot int32, now time.Duration) bool {
	o := &p.open[slot]
	idle := !o.held || o.asked == 0 && now-o.last >= stuck
	return !o.sole || o.owner == id || idle && p.mayTry(&p.peers[id], o.piece, now)
}

// claim makes a sole piece a peer's own. What another gave of it is fetched once
// more: otherwise it could spoil the piece and leave the rest, again and again,
// and never be found.
func (p *Picker) claim(id PeerID, slot int32) {
	o := &p.open[slot]
	if !o.sole {
		return
	}
	if o.owner != id {
		for at := range o.blocks {
			if o.blocks[at].got {
				o.blocks[at].got = false
				o.got--
				p.freed(slot, int32(at), 1)
			}
		}
		o.owner = id
	}
	o.held = true
}

// abandon leaves the sole pieces of a peer that is gone to others.
func (p *Picker) abandon(id PeerID) {
	for slot := range p.open {
		if p.soles == 0 {
			return
		}
		if o := &p.open[slot]; o.sole && o.owner == id {
			o.owner, o.held = NoPeer, false
		}
	}
}

// seize takes a sole piece away from its peer for one that has nothing else to
// do and promises all of it much sooner than the other the rest.
func (p *Picker) seize(id PeerID, now time.Duration) int32 {
	q := &p.peers[id]
	for slot := range p.open {
		if p.soles == 0 {
			return none
		}
		o := &p.open[slot]
		if !o.sole || o.asked == 0 || o.owner == id || !q.has(o.piece) ||
			!p.mayTry(q, o.piece, now) || q.forfeits > p.peers[o.owner].forfeits || !p.late(o, q, now) {
			continue
		}
		p.peers[o.owner].forfeits++
		for at := range o.blocks {
			if r := o.blocks[at].requests; r != none {
				p.seized = append(p.seized, Withdrawn{p.requests[r].peer, p.blockAt(int32(slot), int32(at))})
				p.release(r)
			}
		}
		return int32(slot)
	}
	return none
}

// late tells whether the peer at a sole piece is that much behind q.
func (p *Picker) late(o *openPiece, q *peer, now time.Duration) bool {
	w := &p.peers[o.owner]
	wait := max(drain(int32(len(o.blocks))-o.got, w.rate), now-p.requests[w.head].at)
	promise := drain(int32(len(o.blocks)), q.rate)
	return wait > advantage*promise && wait-promise >= stuck
}
