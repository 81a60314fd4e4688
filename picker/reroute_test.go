package picker

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spate/proto/bitfield"
)

// TestReroute: a piece asked of a slow seed is taken back when a fast peer
// announces it, but for the oldest requests and the block whose payload is on
// its way.
func TestReroute(t *testing.T) {
	const slow, fast, blocks = 1, 2, committed + 4
	begin := func() (*Picker, []Block) {
		p := New(Config{Pieces: 2, PieceLength: blocks * BlockSize, Length: 2 * blocks * BlockSize, Rand: rand.New(rand.NewPCG(1, 1))})
		all := bitfield.New(2)
		all.SetAll()
		p.AddPeer(slow, all)
		p.AddPeer(fast, bitfield.New(2))
		return p, p.Pick(slow, blocks, 20_000, 0, nil)
	}
	check := func(what string, rate float64, now time.Duration, want int) {
		t.Helper()
		p, asked := begin()
		p.Pick(fast, 0, rate, now, nil)
		p.PeerHave(fast, int(asked[0].Index))
		if p.Wants(slow, asked[committed]) != Direct {
			t.Fatal("not wanted")
		}
		got := p.Reroute(fast, int(asked[0].Index), now, nil)
		if len(got) != want {
			t.Errorf("%s: %d requests taken back, want %d", what, len(got), want)
		}
		for _, w := range got {
			if w.Peer != slow || slices.Index(asked, w.Block) <= committed {
				t.Errorf("%s: took back %v", what, w)
			}
		}
		if out := p.Outstanding(slow); out != blocks-want {
			t.Errorf("%s: %d are left with the slow peer", what, out)
		}
		if again := p.Pick(fast, 8, rate, now, nil); len(again) != want {
			t.Errorf("%s: %d picked for the fast peer, want %d", what, len(again), want)
		}
	}
	check("a fast peer", 10e6, time.Second, 3)
	check("a peer half as fast", 10_000, time.Second, 2)
	check("a peer no faster", 2_000, time.Second, 0)

	p, asked := begin()
	if got := p.Reroute(fast, int(asked[0].Index), 0, nil); len(got) != 0 {
		t.Errorf("a peer of unknown rate took back %v", got)
	}
	if got := p.Reroute(fast, 1-int(asked[0].Index), 0, nil); len(got) != 0 {
		t.Errorf("a piece that is not open gave %v", got)
	}
}
