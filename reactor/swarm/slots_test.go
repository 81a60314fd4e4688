package swarm

import (
	"testing"
	"time"

	"spate/picker/choke"
)

// TestSlotsGoRound: a seed with few slots and a thousand peers serves as many as
// it has slots, and each of them a turn before any has its third.
func TestSlotsGoRound(t *testing.T) {
	const peers, slots = 1000, 50
	r := newRig(t, testPiece, 0, testPiece)
	r.host.Slots = slots
	all := append(crowd(t, r, peers-1), r.p)
	served := make([]time.Duration, peers)
	rounds := 2 * peers / slots * int(choke.Turn/choke.Interval)
	for range rounds {
		r.loop.now += choke.Interval
		r.t.chokeRound(r.loop.now)
		r.loop.run()
		n := 0
		for i, p := range all {
			if !p.amChoking {
				n++
				served[i] += choke.Interval
				p.up.round = 10 << 20
			}
		}
		if n != slots {
			t.Fatalf("%d peers are served", n)
		}
	}
	for i, d := range served {
		if d < choke.Turn || d > 3*choke.Turn {
			t.Errorf("peer %d was served for %v in two rounds of all", i, d)
		}
	}
}
