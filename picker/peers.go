package picker

import "spate/proto/bitfield"

// bulk is the number of pieces from which a peer's coming or going is not
// worth moving each piece in the ladders: they are rebuilt once when next
// needed, so that a thousand peers that join at once cost one rebuild.
const bulk = 64

// peer is what the picker knows of one peer; have is nil where there is none.
type peer struct {
	have     *bitfield.Bits
	all      bool  // had everything when it was added: counted in seeds
	interest bool  // what Interesting answers
	flipped  bool  // is listed in Picker.flipped
	useful   int32 // wanted pieces it has and we do not; unused when all

	rate       float64 // bytes/s as of its latest Pick, 0 unknown
	head, tail int32   // its requests, in the order they were made
	out        int32   // their number

	barren  uint32 // no waiting piece that it has as of these listings
	current int32  // the slot it picked from last
	serial  uint32 // and that piece's serial, to tell a reused slot
	round   uint32 // the round of stealing in which it was tried as a victim

	parole   bool   // fills pieces alone
	forfeits uint32 // sole pieces that were taken from it
}

// peer finds a peer that was added, or nil.
func (p *Picker) peer(id PeerID) *peer {
	if int64(id) >= int64(len(p.peers)) || p.peers[id].have == nil {
		return nil
	}
	return &p.peers[id]
}

// AddPeer makes a peer known by the pieces it has. The picker keeps have and
// changes it in PeerHave; everybody else only reads it until PeerGone. A peer
// that has everything may share its set with others. AddPeer panics when id is
// in use or not below MaxPeers, or when have is not of this torrent's length.
func (p *Picker) AddPeer(id PeerID, have *bitfield.Bits) {
	if id >= MaxPeers || p.peer(id) != nil || have.Len() != p.pieces {
		panic("picker: AddPeer of an impossible peer")
	}
	for int(id) >= len(p.peers) {
		p.peers = append(p.peers, peer{})
	}
	q := &p.peers[id]
	*q = peer{have: have, all: have.All(), head: none, tail: none, current: none}
	if q.all {
		p.seeds++
	} else {
		p.stale = p.stale || have.Count() >= bulk
		for i := have.Next(0); i >= 0; i = have.Next(i + 1) {
			p.spread(int32(i))
			if p.wanted(int32(i)) {
				q.useful++
			}
		}
	}
	p.review(id)
}

// PeerHave says that a peer has one more piece, and sets it in the peer's set.
// It returns false, and does nothing, when that was known or cannot be.
func (p *Picker) PeerHave(id PeerID, piece int) bool {
	q := p.peer(id)
	if q == nil || !q.have.Set(piece) {
		return false
	}
	p.spread(int32(piece))
	if p.wanted(int32(piece)) {
		q.barren = 0
		q.useful++
		p.review(id)
	}
	return true
}

// PeerGone forgets a peer: what it had and what was requested from it. Blocks
// that it gave stay, without its name.
func (p *Picker) PeerGone(id PeerID) {
	q := p.peer(id)
	if q == nil {
		return
	}
	for q.head != none {
		p.release(q.head)
	}
	p.abandon(id)
	if q.all {
		p.seeds--
	} else {
		p.stale = p.stale || q.have.Count() >= bulk
		for i := q.have.Next(0); i >= 0; i = q.have.Next(i + 1) {
			p.thin(int32(i))
		}
	}
	if q.flipped {
		for i, other := range p.flipped {
			if other == id {
				p.flipped = append(p.flipped[:i], p.flipped[i+1:]...)
				break
			}
		}
	}
	*q = peer{}
}

// spread counts one more peer that has a piece.
func (p *Picker) spread(piece int32) {
	a := p.avail[piece]
	p.avail[piece]++
	if p.where[piece] >= 0 && !p.stale {
		p.ladders[p.prio[piece]].raise(p.where, piece, int(a), p.rand)
	}
}

// thin counts one less.
func (p *Picker) thin(piece int32) {
	a := p.avail[piece]
	p.avail[piece]--
	if p.where[piece] >= 0 && !p.stale {
		p.ladders[p.prio[piece]].lower(p.where, piece, int(a), p.rand)
	}
}

// Interesting tells whether a peer has a wanted piece that is not had.
func (p *Picker) Interesting(id PeerID) bool {
	q := p.peer(id)
	return q != nil && q.interest
}

// InterestChanges appends the peers whose Interesting changed since the last
// call, each once, and forgets them. A peer that changed twice is among them
// too. Peers begin as not interesting.
func (p *Picker) InterestChanges(out []PeerID) []PeerID {
	for _, id := range p.flipped {
		p.peers[id].flipped = false
	}
	out = append(out, p.flipped...)
	p.flipped = p.flipped[:0]
	return out
}

// review finds out whether a peer is interesting after a change.
func (p *Picker) review(id PeerID) {
	q := &p.peers[id]
	now := q.useful > 0
	if q.all {
		now = p.missing > 0
	}
	if now == q.interest {
		return
	}
	q.interest = now
	if !q.flipped {
		q.flipped = true
		p.flipped = append(p.flipped, id)
	}
}

// Outstanding is the number of blocks requested from a peer.
func (p *Picker) Outstanding(id PeerID) int {
	if q := p.peer(id); q != nil {
		return int(q.out)
	}
	return 0
}

// OutstandingBlocks appends the blocks requested from a peer, in the order
// they were picked.
func (p *Picker) OutstandingBlocks(id PeerID, out []Block) []Block {
	if q := p.peer(id); q != nil {
		for r := q.head; r != none; r = p.requests[r].next {
			out = append(out, p.blockAt(p.requests[r].slot, p.requests[r].block))
		}
	}
	return out
}
