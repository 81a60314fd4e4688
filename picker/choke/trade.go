package choke

import (
	"cmp"
	"slices"
	"time"
)

// trade gives the slots of a leecher with more takers than slots: to those
// that send us most, and the rest, of which there are so many at least, by lot.
func (c *Choker) trade(now time.Duration, peers []Peer, slots, optimistic int) {
	earners := pick(peers, func(p *Peer) bool { return p.Interested && !p.Snubbed && p.Down > 0 })
	slices.SortStableFunc(earners, func(i, j int) int { return cmp.Compare(peers[j].Down, peers[i].Down) })
	c.award(now, peers, earners, slots, optimistic)
}

// favor gives the slots of a seed with more takers than slots: to those that
// take most, and the rest by lot.
func (c *Choker) favor(now time.Duration, peers []Peer, slots, optimistic int) {
	earners := pick(peers, func(p *Peer) bool { return p.Interested && p.Up > 0 })
	slices.SortStableFunc(earners, func(i, j int) int { return cmp.Compare(peers[j].Up, peers[i].Up) })
	c.award(now, peers, earners, slots, optimistic)
}

// award unchokes the first of those that have earned it, and draws lots for
// what is left.
func (c *Choker) award(now time.Duration, peers []Peer, earners []int, slots, optimistic int) {
	earners = earners[:min(len(earners), slots-optimistic)]
	earned := make([]bool, len(peers))
	for _, i := range earners {
		earned[i] = true
	}

	var lucky, waiting []int // interested and without merit: with a slot by lot, and without
	for i := range peers {
		switch p := &peers[i]; {
		case earned[i] || !p.Interested:
			p.set(now, earned[i], false)
		case p.Unchoked && p.Optimistic:
			lucky = append(lucky, i)
		default:
			waiting = append(waiting, i)
		}
	}
	slots -= len(earners)
	c.draw(now, peers, waiting, slots)
	if now >= c.rotate {
		c.rotate = now + OptimisticInterval
		lucky = append(waiting, lucky...)
	} else {
		lucky = append(lucky, waiting...)
	}
	for rank, i := range lucky {
		peers[i].set(now, rank < slots, true)
	}
}

// draw brings n peers drawn by lot, new ones with more weight, to the front.
func (c *Choker) draw(now time.Duration, peers []Peer, from []int, n int) {
	weight := func(i int) int {
		if now-peers[i].Since < NewFor {
			return NewWeight
		}
		return 1
	}
	total := 0
	for _, i := range from {
		total += weight(i)
	}
	for at := range min(n, len(from)) {
		ticket := c.rand.IntN(total)
		next := at
		for ; ticket >= weight(from[next]); next++ {
			ticket -= weight(from[next])
		}
		from[at], from[next] = from[next], from[at]
		total -= weight(from[at])
	}
}

// pick lists the indices of the peers that a condition holds for.
func pick(peers []Peer, is func(*Peer) bool) (out []int) {
	for i := range peers {
		if is(&peers[i]) {
			out = append(out, i)
		}
	}
	return out
}
