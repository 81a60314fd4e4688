package choke

import (
	"cmp"
	"slices"
	"time"
)

// takeTurns gives the slots of a seed with more takers than slots: each is
// served for a Turn, and then lets those that have waited longest go first.
func (c *Choker) takeTurns(now time.Duration, peers []Peer, slots int) {
	queue := pick(peers, func(p *Peer) bool { return p.Interested })
	slices.SortStableFunc(queue, func(i, j int) int {
		p, q := &peers[i], &peers[j]
		return cmp.Or(cmp.Compare(p.standing(now), q.standing(now)), cmp.Compare(p.waiting(), q.waiting()))
	})
	for i := range peers {
		if !peers[i].Interested {
			peers[i].set(now, false, false)
		}
	}
	for rank, i := range queue {
		peers[i].set(now, rank < slots, false)
	}
}

// standing ranks a taker: in its turn, waiting, or with its turn over.
func (p *Peer) standing(now time.Duration) int {
	switch served := now - p.At; {
	case !p.Unchoked:
		return 1
	case served >= Turn || served >= IdleAfter && p.Up < IdleRate:
		return 2
	}
	return 0
}

// waiting is since when a taker is served or waits. When more have their turn
// over than there are peers to take their place, the latest stay.
func (p *Peer) waiting() time.Duration {
	switch {
	case p.Unchoked:
		return -p.At
	case p.At == 0:
		return p.Since
	}
	return p.At
}
