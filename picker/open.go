package picker

import "time"

// DefaultOpenBudget is the bytes of open pieces before SetOpenBudget is first
// called: 64 MiB.
const DefaultOpenBudget = 64 << 20

// none is the absent slot, block or request.
const none = -1

// openPiece is a piece that has been begun: from its first request until
// PieceResult.
type openPiece struct {
	piece   int32 // none in a spare slot
	serial  uint32
	blocks  []block
	free    int32   // blocks that are neither here nor requested
	next    int32   // no block before this one is free
	asked   int32   // requests outstanding
	got     int32   // blocks here
	fastest float64 // highest rate among those asked since asked was last 0
	listed  int32   // index in Picker.fillable, none

	sole  bool          // one peer fills it alone
	held  bool          // and is at it
	owner PeerID        // whose blocks are here, of a sole one; NoPeer
	last  time.Duration // latest request
}

// block is one block of an open piece: free without requests, requested with,
// and here once got.
type block struct {
	requests int32 // first of its requests, linked by sibling; none
	got      bool
}

// request is one block asked from one peer.
type request struct {
	peer       PeerID
	slot       int32
	block      int32
	prev, next int32 // in the peer's list
	sibling    int32 // another peer's request for the same block
	writing    bool  // this peer's payload goes to the piece buffer
	at         time.Duration
}

// SetOpenBudget bounds the bytes of open pieces, each counted from its first
// request until its PieceResult. One piece may be open whatever its size,
// except under a budget of 0, which opens none: then only open ones are
// filled.
func (p *Picker) SetOpenBudget(bytes int64) { p.budget = bytes }

// OpenPieces is the number of open pieces and the bytes of their buffers.
func (p *Picker) OpenPieces() (count int, bytes int64) { return p.openCount, p.openBytes }

// Opened tells whether a piece is open and so needs its buffer.
func (p *Picker) Opened(piece int) bool {
	return uint(piece) < uint(p.pieces) && p.opened(int32(piece))
}

func (p *Picker) opened(piece int32) bool { return p.where[piece] < unlisted }

// slot is where an open piece lives: the inverse of openAt.
func (p *Picker) slot(piece int32) int32 { return openAt(p.where[piece]) }

// mayOpen tells whether the budget allows one more piece of this size.
func (p *Picker) mayOpen(size int64) bool {
	return p.budget > 0 && (p.openCount == 0 || p.openBytes+size <= p.budget)
}

// openPiece begins a waiting piece and returns its slot.
func (p *Picker) openPiece(piece int32) int32 {
	p.unlist(piece)
	var slot int32
	if n := len(p.spare); n > 0 {
		slot, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		slot = int32(len(p.open))
		p.open = append(p.open, openPiece{listed: none})
	}
	p.where[piece] = openAt(slot)
	p.openCount++
	p.openBytes += p.size(piece)

	o := &p.open[slot]
	n := int((p.size(piece) + BlockSize - 1) / BlockSize)
	if cap(o.blocks) < n {
		o.blocks = make([]block, n)
	}
	*o = openPiece{piece: piece, serial: o.serial + 1, blocks: o.blocks[:n], listed: none, owner: NoPeer}
	for i := range o.blocks {
		o.blocks[i] = block{requests: none}
	}
	p.freed(slot, 0, int32(n))
	return slot
}

// closePiece forgets an open piece, its blocks and its requests.
func (p *Picker) closePiece(piece int32) {
	slot := p.slot(piece)
	o := &p.open[slot]
	for i := range o.blocks {
		for o.blocks[i].requests != none {
			p.drop(o.blocks[i].requests)
		}
	}
	if o.listed != none {
		p.unfill(slot)
	}
	if o.sole {
		p.soles--
	}
	o.piece, o.blocks, o.sole = none, o.blocks[:0], false
	p.spare = append(p.spare, slot)
	p.openCount--
	p.openBytes -= p.size(piece)
	p.where[piece] = unlisted
}

// freed adds n free blocks, the first of which is given.
func (p *Picker) freed(slot, first, n int32) {
	o := &p.open[slot]
	o.next = min(o.next, first)
	o.free += n
	if o.listed == none {
		o.listed = int32(len(p.fillable))
		p.fillable = append(p.fillable, slot)
	}
}

// unfill takes a slot out of fillable.
func (p *Picker) unfill(slot int32) {
	at, end := p.open[slot].listed, int32(len(p.fillable)-1)
	p.fillable[at] = p.fillable[end]
	p.open[p.fillable[at]].listed = at
	p.open[slot].listed = none
	p.fillable = p.fillable[:end]
}

// blockAt names a block of an open piece.
func (p *Picker) blockAt(slot, block int32) Block {
	piece := p.open[slot].piece
	begin := int64(block) * BlockSize
	return Block{uint32(piece), uint32(begin), uint32(min(BlockSize, p.size(piece)-begin))}
}

// locate finds the open piece and block that b names exactly.
func (p *Picker) locate(b Block) (slot, block int32, ok bool) {
	if int64(b.Index) >= int64(p.pieces) || !p.opened(int32(b.Index)) || b.Begin%BlockSize != 0 {
		return 0, 0, false
	}
	slot, at := p.slot(int32(b.Index)), b.Begin/BlockSize
	if int64(at) >= int64(len(p.open[slot].blocks)) || p.blockAt(slot, int32(at)) != b {
		return 0, 0, false
	}
	return slot, int32(at), true
}

// ask records a request and returns the block.
func (p *Picker) ask(id PeerID, slot, at int32, now time.Duration) Block {
	p.verifyAgain(slot, at)
	r := p.idle
	if r == none {
		r = int32(len(p.requests))
		p.requests = append(p.requests, request{})
	} else {
		p.idle = p.requests[r].next
	}
	q, o := &p.peers[id], &p.open[slot]
	b := &o.blocks[at]
	p.requests[r] = request{peer: id, slot: slot, block: at, prev: q.tail, next: none, sibling: b.requests, at: now}
	b.requests = r
	if q.tail == none {
		q.head = r
	} else {
		p.requests[q.tail].next = r
	}
	q.tail = r
	q.out++
	if o.asked == 0 {
		o.fastest = 0
	}
	o.asked++
	o.last = now
	o.fastest = max(o.fastest, q.rate)
	return p.blockAt(slot, at)
}

// drop ends a request, whatever becomes of its block.
func (p *Picker) drop(r int32) {
	d := p.requests[r]
	q, o := &p.peers[d.peer], &p.open[d.slot]
	if d.prev == none {
		q.head = d.next
	} else {
		p.requests[d.prev].next = d.next
	}
	if d.next == none {
		q.tail = d.prev
	} else {
		p.requests[d.next].prev = d.prev
	}
	q.out--
	o.asked--
	link := &o.blocks[d.block].requests
	for *link != r {
		link = &p.requests[*link].sibling
	}
	*link = d.sibling
	p.requests[r].next = p.idle
	p.idle = r
}

// release ends a request and frees the block when nobody else was asked.
func (p *Picker) release(r int32) {
	slot, at := p.requests[r].slot, p.requests[r].block
	p.drop(r)
	o := &p.open[slot]
	if o.blocks[at].requests == none {
		p.freed(slot, at, 1)
	}
	if o.sole && o.asked == 0 {
		o.held = false
	}
}

// find gives the request of a peer for a block, none where there is none.
func (p *Picker) find(id PeerID, slot, at int32) int32 {
	r := p.open[slot].blocks[at].requests
	for r != none && p.requests[r].peer != id {
		r = p.requests[r].sibling
	}
	return r
}
