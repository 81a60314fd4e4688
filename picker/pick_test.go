package picker

import (
	"slices"
	"strings"
	"testing"
)

func TestPickOrder(t *testing.T) {
	check := func(what, ours string, n int, want string, peers ...string) {
		t.Helper()
		for seed := range uint64(30) {
			p := setup(seed, ours, peers...)
			if got := letters(p.Pick(0, n, 0, 0, nil)); got != want {
				t.Errorf("%s: picked %q, want %q (seed %d)", what, got, want, seed)
			}
		}
	}
	check("the rarest first", "****....", 16, "hhhhggggffffeeee", "********", "*******.", "******..", "*****...")
	check("no more than asked for", "****....", 6, "hhhhgg", "********", "*******.", "******..", "*****...")
	check("no more than there is", "****....", 99, "hhhhggggffffeeee", "********", "*******.", "******..", "*****...")
	check("only what the peer has", "****....", 99, "gggg", "..*...*.", "*****...")
	check("priority before rarity", "****4765", 16, "ffffgggghhhheeee", "********", "*******.", "******..", "*****...")
	check("nothing that is skipped", "****0400", 16, "ffff", "********")
	check("nothing that is had", "*****..*", 16, "ggggffff", "********", "******.*")
	check("nothing from a peer without anything", "****....", 16, "", "........")
	check("nothing without pieces", "", 16, "", "")
}

func TestSequential(t *testing.T) {
	check := func(ours, want string, peers ...string) {
		t.Helper()
		p := setup(1, ours, peers...)
		p.SetSequential(true)
		if got := letters(p.Pick(0, 8, 0, 0, nil)); got != want {
			t.Errorf("%s, %q: picked %q, want %q", ours, peers, got, want)
		}
	}
	check("........", "aaaabbbb", "********", "****....")
	check("*.*.....", "bbbbdddd", "********")
	check("........", "ccccffff", "..*..*.*")
	check("44447644", "eeeeffff", "********")
	check("44447644", "aaaabbbb", "****....", "********")

	p := setup(1, "........", "********")
	p.SetSequential(true)
	p.Pick(0, 12, 0, 0, nil)
	arrive(t, p, 0, 0)
	p.PieceResult(0, false)
	if got := letters(p.Pick(0, 8, 0, 0, nil)); got != "aaaadddd" {
		t.Errorf("after the first piece failed: %q", got)
	}

	p = setup(1, "........", "********", "********")
	p.SetSequential(true)
	p.Pick(0, 7, 0, 0, nil)
	p.Lost(0, Block{0, 0, BlockSize})
	p.Lost(0, Block{0, BlockSize, BlockSize})
	if got := letters(p.Pick(1, 4, 0, 0, nil)); got != "aabc" {
		t.Errorf("of the open pieces first %q, want the first", got)
	}
}

// TestRandomFirst holds that the first pieces are any, and the later ones the
// rarest.
func TestRandomFirst(t *testing.T) {
	check := func(ours string, want ...byte) {
		t.Helper()
		seen := map[byte]bool{}
		for seed := range uint64(200) {
			p := setup(seed, ours, "********", ".***.***", "..**..**", "...*...*")
			seen[letters(p.Pick(0, 1, 0, 0, nil))[0]] = true
		}
		for c := byte('a'); c < 'i'; c++ {
			if seen[c] != slices.Contains(want, c) {
				t.Errorf("%s: piece %c picked first: %t", ours, c, seen[c])
			}
		}
	}
	check("........", 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
	check(".***....", 'a', 'e', 'f', 'g', 'h')
	check(".****...", 'a')
}

// TestTiesAreUniform holds that pieces of the same availability are chosen
// with the same frequency, so that leechers with the same view differ.
func TestTiesAreUniform(t *testing.T) {
	const runs = 8000
	var count [8]int
	for seed := range uint64(runs) {
		p := setup(seed, "****........", "************", "****....****")
		p.AddPeer(7, set("********...."))
		p.PeerHave(7, 8)
		p.PeerHave(7, 9)
		p.PeerGone(7)
		p.PeerHave(1, 4)
		p.PeerGone(1)
		count[p.Pick(0, 1, 0, 0, nil)[0].Index-4]++
	}
	// Each count is binomial: mean 1000, deviation 30. Five of those are allowed.
	for i, n := range count {
		if n < 850 || n > 1150 {
			t.Errorf("piece %c was first %d times of %d", 'e'+i, n, runs)
		}
	}
}

func TestPartialPieces(t *testing.T) {
	p := setup(1, "****....", "********", "********", "********")
	one := letters(p.Pick(0, 3, slow, 0, nil))
	if two := letters(p.Pick(1, 1, fast, 0, nil)); two == one[:1] {
		t.Errorf("a fast peer joined the piece of a slow one")
	}
	if two := letters(p.Pick(2, 1, 2*slow, 0, nil)); two != one[:1] {
		t.Errorf("a peer of a like rate opened piece %s while %s was open", two, one)
	}
	for _, b := range p.OutstandingBlocks(0, nil) {
		p.Lost(0, b)
	}
	p.PeerGone(2)
	if got := letters(p.Pick(1, 9, fast, second, nil)); got[:3] == one || !strings.Contains(got, one[:1]) {
		t.Errorf("the fast peer picked %s after its own piece, want the one that was left, %s", got, one)
	}

	p = setup(1, "****....", "********", "********", "********")
	p.Pick(0, 4+3, fast, 0, nil) // a piece and three quarters
	p.PeerGone(0)                // both are free
	p.Pick(1, 1, fast, 0, nil)   // one is begun
	near := p.Pick(1, 1, fast, 0, nil)[0].Index
	if got := p.Pick(2, 2, fast, 0, nil); got[0].Index != near || got[1].Index != near {
		t.Errorf("picked %s, want the piece nearest completion, %c", letters(got), 'a'+near)
	}

	p = setup(1, "*****...", "********", "********")
	p.Pick(0, 9, fast, 0, nil) // one block in the third piece
	if got := p.Pick(1, 9, slow, 0, nil); len(got) != 3 || got[0].Index != got[2].Index {
		t.Errorf("with nothing else to do a slow peer picked %s, want the rest of a fast one's piece", letters(got))
	}
}

// TestFastestLeaves holds that a piece is as fast as those who are filling it.
func TestFastestLeaves(t *testing.T) {
	p := setup(1, "****....", "********", "********", "********")
	of0 := p.Pick(0, 1, fast, 0, nil)
	p.Received(0, of0[0])
	p.SetOpenBudget(0)
	p.Pick(1, 1, slow, 0, nil) // for want of anything else
	p.SetOpenBudget(DefaultOpenBudget)
	if got := p.Pick(2, 1, slow, 0, nil); got[0].Index != of0[0].Index {
		t.Errorf("picked %s, want the piece that the fast peer left, %s", letters(got), letters(of0))
	}
}
