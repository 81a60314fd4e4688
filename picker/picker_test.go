package picker

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestBlocksOfTheLastPiece(t *testing.T) {
	p := New(Config{Pieces: 2, PieceLength: 3 * BlockSize, Length: 4*BlockSize + 1, Rand: rand.New(rand.NewPCG(1, 1))})
	p.SetSequential(true)
	p.AddPeer(0, set("**"))
	want := []Block{{0, 0, BlockSize}, {0, BlockSize, BlockSize}, {0, 2 * BlockSize, BlockSize}, {1, 0, BlockSize}, {1, BlockSize, 1}}
	if got := p.Pick(0, 9, 0, 0, nil); !slices.Equal(got, want) || !slices.Equal(p.OutstandingBlocks(0, nil), want) {
		t.Errorf("picked %v, want %v", got, want)
	}
	if n, bytes := p.OpenPieces(); n != 2 || bytes != 4*BlockSize+1 || p.Left() != 4*BlockSize+1 {
		t.Errorf("%d open pieces of %d bytes, %d left", n, bytes, p.Left())
	}
	p.MarkHave(1)
	if n, bytes := p.OpenPieces(); n != 1 || bytes != 3*BlockSize || p.Left() != 3*BlockSize || p.Outstanding(0) != 3 {
		t.Errorf("after MarkHave %d open pieces of %d bytes, %d left, %d requests", n, bytes, p.Left(), p.Outstanding(0))
	}
}

func TestAvailability(t *testing.T) {
	check := func(want float64, peers ...string) {
		t.Helper()
		p := setup(1, strings.Repeat(".", len(peers[0])), peers...)
		if got := p.Copies(); got != want {
			t.Errorf("%q are %v copies, want %v", peers, got, want)
		}
	}
	check(0, "")
	check(0, "....")
	check(0.25, "...*")
	check(1, "****")
	check(1.5, "****", "..**")
	check(1.75, "****", "..**", ".***")
	check(2, "****", "**..", "..**")

	p := setup(1, "....", "****", "*...", "....")
	if p.Availability(0) != 2 || p.Availability(1) != 1 {
		t.Error("Availability")
	}
	if !p.PeerHave(2, 1) || p.PeerHave(2, 1) || p.PeerHave(2, 4) || p.PeerHave(2, -1) || p.PeerHave(0, 1) || p.PeerHave(9, 1) {
		t.Error("PeerHave is true for a piece that is new, and only then")
	}
	if p.Availability(1) != 2 {
		t.Error("Availability after PeerHave")
	}
}

func TestPanics(t *testing.T) {
	check := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: no panic", what)
			}
		}()
		f()
	}
	p := setup(1, "....", "****")
	p.AddPeer(MaxPeers-1, set("****"))
	check("one peer too many", func() { p.AddPeer(MaxPeers, set("****")) })
	check("an id in use", func() { p.AddPeer(0, set("****")) })
	check("pieces of another torrent", func() { p.AddPeer(1, set("***")) })
	rnd := rand.New(rand.NewPCG(1, 1))
	check("too long", func() { New(Config{Pieces: 2, PieceLength: 4, Length: 9, Rand: rnd}) })
	check("too short", func() { New(Config{Pieces: 2, PieceLength: 4, Length: 4, Rand: rnd}) })
	check("no chance", func() { New(Config{Pieces: 2, PieceLength: 4, Length: 8}) })
}
