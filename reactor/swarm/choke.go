package swarm

import "time"

// welcome considers a peer that has become interested: where there are slots,
// it is unchoked at once and need not wait for the next round.
func (t *Torrent) welcome(p *Peer) {
	if p.amChoking {
		p.sendUnchoke()
	}
}

// farewell frees the slot of a peer that is not interested any more.
func (t *Torrent) farewell(p *Peer) {
}

func (t *Torrent) chokeRound(now time.Duration) {}
