package picker

// Place says where the payload of a block goes.
type Place uint8

// Places of Wants.
const (
	// Discard: nobody asked this peer for it, or it is here. Drop the payload.
	Discard Place = iota
	// Direct: into the piece buffer. Until its Received, Lost or PeerGone no
	// other peer gets the block's place in the buffer.
	Direct
	// Aside: another peer is writing this block there. Take the payload into
	// memory of its own and copy it once Received accepts it, or discard it
	// and call Lost.
	Aside
)

// Wants is asked when the header of a piece message from a peer has come: is
// the block requested from this peer and still missing, and where does its
// payload go?
func (p *Picker) Wants(id PeerID, b Block) Place {
	slot, at, ok := p.locate(b)
	if !ok {
		return Discard
	}
	mine := p.find(id, slot, at)
	if mine == none {
		return Discard
	}
	for r := p.open[slot].blocks[at].requests; r != none; r = p.requests[r].sibling {
		if r != mine && p.requests[r].writing {
			return Aside
		}
	}
	p.requests[mine].writing = true
	return Direct
}

// Result is the outcome of Received.
type Result struct {
	// Accept is false for a block that nobody asked this peer for, or that is
	// here: the payload is surplus.
	Accept bool
	// PieceDone says that this was the piece's last block. The piece is to be
	// hashed and written, and PieceResult called.
	PieceDone bool
	// Cancels are the other peers of whom the block was requested; those
	// requests are over. When one is in the middle of this block's payload,
	// the rest of it must not touch the piece buffer. A view, valid until the
	// next call.
	Cancels []PeerID
}

// Received is called when the payload of a block from a peer is complete.
func (p *Picker) Received(id PeerID, b Block) Result {
	slot, at, ok := p.locate(b)
	if !ok || p.find(id, slot, at) == none {
		return Result{}
	}
	p.others = p.others[:0]
	o := &p.open[slot]
	d := &o.blocks[at]
	for d.requests != none {
		if other := p.requests[d.requests].peer; other != id {
			p.others = append(p.others, other)
		}
		p.drop(d.requests)
	}
	d.got = true
	o.got++
	return Result{Accept: true, PieceDone: int(o.got) == len(o.blocks), Cancels: p.others}
}

// Lost says that a peer will not deliver a block: rejected, timed out, choked
// without the fast extension (BEP 3, 6). It is picked again.
func (p *Picker) Lost(id PeerID, b Block) {
	slot, at, ok := p.locate(b)
	if !ok {
		return
	}
	if r := p.find(id, slot, at); r != none {
		p.release(r)
	}
}
