package picker

import "time"

// patience is the least wait for which a block is taken back from a slow peer:
// below it the cancel would mostly meet the block on its way.
const patience = 250 * time.Millisecond

// committed is how many of a peer's oldest requests are never taken back: their
// blocks lie in its socket by then, out of reach of a cancel. 128 KiB is what
// clients let a socket hold (TCP_NOTSENT_LOWAT). In simulated swarms taking them
// back as well made a fifth of all payload arrive twice.
const committed = 8

// Withdrawn is a request that was taken back.
type Withdrawn struct {
	Peer  PeerID // to be told by a cancel
	Block Block
}

// Reroute is for a peer that has just announced a piece. When the piece is open
// here, its blocks that are requested from much slower peers are taken back and
// appended to out, to be picked for the faster peer, as far as the slower one
// can still be kept from sending them. So a slow seed, asked by many for the same
// rare piece, sends less of it more than once.
func (p *Picker) Reroute(id PeerID, piece int, now time.Duration, out []Withdrawn) []Withdrawn {
	q := p.peer(id)
	if q == nil || q.rate <= 0 || p.policy.NoReroute || !p.Opened(piece) || p.open[p.slot(int32(piece))].sole {
		return out
	}
	slot := p.slot(int32(piece))
	asked := q.out + 1 // with those taken back so far
	for at := range p.open[slot].blocks {
		for r := p.open[slot].blocks[at].requests; r != none; {
			victim, next := p.requests[r].peer, p.requests[r].sibling
			wait := p.wait(int(victim), now)
			if victim != id && !p.requests[r].writing && !p.sent(r) && wait > patience && wait > advantage*drain(asked, q.rate) {
				out = append(out, Withdrawn{victim, p.blockAt(slot, int32(at))})
				p.release(r)
				asked++
			}
			r = next
		}
	}
	return out
}

// sent tells whether a request is among the oldest of its peer.
func (p *Picker) sent(r int32) bool {
	for range committed {
		if r = p.requests[r].prev; r == none {
			return true
		}
	}
	return false
}
