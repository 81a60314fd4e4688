package picker

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spate/proto/bitfield"
)

func TestExpectedNamesBlocksOfThisPeerAlone(t *testing.T) {
	p := New(Config{Pieces: 2, PieceLength: 4 * BlockSize, Length: 8 * BlockSize, Rand: rand.New(rand.NewPCG(1, 1))})
	all := bitfield.New(2)
	all.SetAll()
	p.AddPeer(1, all)
	p.AddPeer(2, all)
	first := p.Pick(1, 3, 0, 0, nil)
	if got := p.Expected(1, 9, nil); !slices.Equal(got, first) {
		t.Fatalf("expected %v, want %v", got, first)
	}
	if got := p.Expected(1, 2, nil); len(got) != 2 {
		t.Errorf("%d blocks, want the 2 asked for", len(got))
	}
	// Once its payload has begun a block is not expected any more.
	if p.Wants(1, first[0]) != Direct {
		t.Fatal("not wanted")
	}
	if got := p.Expected(1, 9, nil); !slices.Equal(got, first[1:]) {
		t.Errorf("expected %v, want %v", got, first[1:])
	}
	// In endgame a block that another peer was asked for too ends the list.
	p.Pick(1, 9, 1, 0, nil)
	stolen := p.Pick(2, 9, 1e9, time.Hour, nil)
	if len(stolen) == 0 {
		t.Fatal("no endgame")
	}
	for _, b := range p.Expected(1, 9, nil) {
		if slices.Contains(stolen, b) {
			t.Errorf("expected %v, which peer 2 was asked for too", b)
		}
	}
	if got := p.Expected(7, 9, nil); len(got) != 0 {
		t.Errorf("expected %v of a peer that is not there", got)
	}
}
