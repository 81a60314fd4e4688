//go:build invariants

package picker

import "fmt"

// broken ends the program: what the picker keeps account of is not so.
func broken(format string, args ...any) {
	panic("picker: invariant: " + fmt.Sprintf(format, args...))
}

// Verify recounts all that the picker keeps incrementally and panics where a
// count is not that of the structures. Only a build with the tag invariants
// does so; the cost is that of every peer's every piece.
func (p *Picker) Verify() {
	p.verifyPieces()
	p.verifyLadders()
	p.verifyPeers()
	p.verifyOpen()
}

// verifyPieces holds availability against the peers' sets, and the sums against
// the pieces.
func (p *Picker) verifyPieces() {
	missing, left, seeds := 0, int64(0), 0
	for id := range p.peers {
		if q := &p.peers[id]; q.have != nil && q.all {
			seeds++
		}
	}
	for piece := range p.pieces {
		n := 0
		for id := range p.peers {
			if q := &p.peers[id]; q.have != nil && !q.all && q.have.Has(piece) {
				n++
			}
		}
		if n != int(p.avail[piece]) {
			broken("piece %d is had by %d peers that are no seeds, said to be %d", piece, n, p.avail[piece])
		}
		i := int32(piece)
		if p.wanted(i) {
			missing++
			left += p.size(i)
		}
		if p.wanted(i) && p.have.Has(piece) {
			broken("piece %d is had and wanted", piece)
		}
		if p.where[i] >= 0 && (piece < p.first || p.prio[i] == Skip) {
			broken("piece %d of priority %d waits, the first is said to be %d", piece, p.prio[i], p.first)
		}
	}
	if missing != p.missing || left != p.left || p.had != p.have.Count() || seeds != p.seeds {
		broken("%d pieces missing, said to be %d; %d bytes left, said to be %d; %d had, said to be %d; %d seeds, said to be %d",
			missing, p.missing, left, p.left, p.have.Count(), p.had, seeds, p.seeds)
	}
}

// verifyLadders looks whether each waiting piece stands where it is said to, on
// the rung of its availability.
func (p *Picker) verifyLadders() {
	if p.stale {
		return
	}
	listed := 0
	for prio := range p.ladders {
		l := &p.ladders[prio]
		listed += len(l.pieces)
		for a := range l.ends {
			from, to := l.rung(a)
			for i := from; i < to; i++ {
				if piece := l.pieces[i]; p.where[piece] != i || int(p.avail[piece]) != a || int(p.prio[piece]) != prio {
					broken("piece %d of availability %d, said to wait at %d, is at %d of rung %d", piece, p.avail[piece], p.where[piece], i, a)
				}
			}
		}
	}
	for _, at := range p.where {
		if at >= 0 {
			listed--
		}
	}
	if listed != 0 {
		broken("%d more pieces in the ladders than wait", listed)
	}
}

// verifyPeers follows the list of each peer's requests.
func (p *Picker) verifyPeers() {
	for id := range p.peers {
		q := &p.peers[id]
		if q.have == nil {
			if q.out != 0 {
				broken("peer %d is gone with %d requests", id, q.out)
			}
			continue
		}
		useful := int32(0)
		for piece := range p.pieces {
			if q.have.Has(piece) && p.wanted(int32(piece)) {
				useful++
			}
		}
		if q.interest != (useful > 0) || !q.all && q.useful != useful {
			broken("peer %d has %d pieces that are wanted, said to be %d, interesting %t", id, useful, q.useful, q.interest)
		}
		n, prev := int32(0), int32(none)
		for r := q.head; r != none; prev, r = r, p.requests[r].next {
			d := &p.requests[r]
			if int(d.peer) != id || d.prev != prev || p.find(d.peer, d.slot, d.block) != r {
				broken("request %d is not one of peer %d's", r, id)
			}
			if !q.have.Has(int(p.open[d.slot].piece)) {
				broken("piece %d is requested from peer %d, which does not have it", p.open[d.slot].piece, id)
			}
			n++
		}
		if n != q.out || q.tail != prev {
			broken("peer %d has %d requests, said to be %d", id, n, q.out)
		}
	}
}

// verifyOpen recounts the blocks of the open pieces.
func (p *Picker) verifyOpen() {
	count, bytes, requests, soles := 0, int64(0), int32(0), 0
	for slot := range p.open {
		o := &p.open[slot]
		if o.piece == none {
			continue
		}
		count++
		bytes += p.size(o.piece)
		free, asked, got := int32(0), int32(0), int32(0)
		for at := range o.blocks {
			n := p.verifyBlock(int32(slot), int32(at))
			asked += n
			switch {
			case o.blocks[at].got:
				got++
			case n == 0:
				free++
				if int32(at) < o.next {
					broken("block %d of piece %d is free, the first is said to be %d", at, o.piece, o.next)
				}
			}
		}
		requests += asked
		if o.sole {
			soles++
		}
		if p.where[o.piece] != openAt(int32(slot)) || free != o.free || asked != o.asked || got != o.got || (free > 0) != (o.listed != none) {
			broken("piece %d has %d blocks free, %d requested, %d here; said to be %d, %d, %d", o.piece, free, asked, got, o.free, o.asked, o.got)
		}
	}
	for id := range p.peers {
		requests -= p.peers[id].out
	}
	if count != p.openCount || bytes != p.openBytes || count+len(p.spare) != len(p.open) || requests != 0 || soles != p.soles {
		broken("%d pieces of %d bytes are open, said to be %d of %d; %d requests are nobody's; %d sole pieces, said to be %d",
			count, bytes, p.openCount, p.openBytes, requests, soles, p.soles)
	}
}

// verifyBlock counts the requests of a block: none of one that is here, one a
// peer, and only one whose payload has the block's place in the buffer.
func (p *Picker) verifyBlock(slot, at int32) (n int32) {
	b := &p.open[slot].blocks[at]
	writers := 0
	for r := b.requests; r != none; r = p.requests[r].sibling {
		d := &p.requests[r]
		if d.slot != slot || d.block != at || p.find(d.peer, slot, at) != r {
			broken("block %d of piece %d is requested from peer %d twice", at, p.open[slot].piece, d.peer)
		}
		if d.writing {
			writers++
		}
		n++
	}
	if b.got && n > 0 || n > MostRequesters || writers > 1 {
		broken("block %d of piece %d: %d requests, %d of them being written, here %t", at, p.open[slot].piece, n, writers, b.got)
	}
	return n
}

// verifyAgain is asked before a request is recorded: a block that is requested
// already may be requested once more only when no block that anybody has is
// left to be asked for at all, and by no more peers than may. What one peer fills
// alone is not left to others, and never requested twice.
func (p *Picker) verifyAgain(slot, at int32) {
	b := &p.open[slot].blocks[at]
	if b.got {
		broken("block %d of piece %d is requested and here", at, p.open[slot].piece)
	}
	if b.requests == none {
		return
	}
	if p.open[slot].sole || p.requesters(slot, at) >= MostRequesters {
		broken("block %d of piece %d is requested from too many", at, p.open[slot].piece)
	}
	for piece := range p.pieces {
		if p.Availability(piece) == 0 || !p.wanted(int32(piece)) {
			continue
		}
		if p.where[piece] >= 0 {
			broken("block %d of piece %d is requested twice while piece %d waits", at, p.open[slot].piece, piece)
		}
		if o := &p.open[p.slot(int32(piece))]; o.free > 0 && !o.held {
			broken("block %d of piece %d is requested twice while %d blocks of piece %d are free", at, p.open[slot].piece, o.free, piece)
		}
	}
}
