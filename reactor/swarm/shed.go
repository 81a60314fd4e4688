package swarm

import (
	"cmp"
	"slices"
	"time"
)

const (
	// shedAfter is how long a connection must have done nothing before it gives
	// way to others: longer than a handshake and a first request take on most
	// lines.
	shedAfter = 5 * time.Second
	// maxShed is how many are given up at a Tick: 1,280 a second, more than come.
	maxShed = 64
)

// Shed notes that n connections are to be given up at the next Tick (see
// loop.Shedder), where they are all looked at once.
func (h *Host) Shed(n int) { h.shedding = min(h.shedding+n, maxShed) }

// shed closes as many idle connections as are wanted. Who never moved a block
// goes first, then who has moved none for the longest: a flood of connections
// that do nothing takes the places of one another.
func (h *Host) shed(now time.Duration) {
	want := h.shedding
	if want == 0 {
		return
	}
	h.shedding = 0
	all := h.idlers[:0]
	for _, p := range h.strangers {
		if p.idle(now) {
			all = append(all, p)
		}
	}
	for _, t := range h.torrents {
		for _, p := range t.active {
			if p.idle(now) {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Peer) int {
		if a.served != b.served {
			if b.served {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.lastBlock, b.lastBlock)
	})
	for _, p := range all[:min(want, len(all))] {
		p.Close(ErrShed)
	}
	clear(all)
	h.idlers = all[:0]
}

// idle tells whether the connection has done nothing for a while that was not
// for us to do.
func (p *Peer) idle(now time.Duration) bool {
	if p.closing || now-p.lastBlock < shedAfter {
		return false
	}
	return p.blocked || !p.up.ready() && p.up.state == uploadIdle
}

// moved notes that a part of a block went either way.
func (p *Peer) moved(now time.Duration) { p.lastBlock, p.served = now, true }
