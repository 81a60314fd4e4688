package picker

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestOrders holds each order to the first piece that it opens.
func TestOrders(t *testing.T) {
	check := func(order Order, ours, want string, peers ...string) {
		t.Helper()
		first := map[string]int{}
		for seed := range uint64(200) {
			p := New(Config{
				Pieces: len(ours), PieceLength: BlockSize, Length: int64(len(ours)) * BlockSize,
				Rand: rand.New(rand.NewPCG(seed, 1)), Policy: Policy{Order: order},
			})
			for i, c := range ours {
				if c == '*' {
					p.MarkHave(i)
				}
			}
			for id, have := range peers {
				p.AddPeer(PeerID(id), set(have))
			}
			first[letters(p.Pick(0, 1, 0, 0, nil))]++
		}
		for letter := range first {
			if !strings.Contains(want, letter) {
				t.Errorf("order %d: picked %q, want one of %q", order, letter, want)
			}
		}
		if len(first) != len(want) {
			t.Errorf("order %d: picked %v, want each of %q", order, first, want)
		}
	}
	check(RarestFirst, "****....", "h", "********", "*******.", "******..", "*****...")
	check(AtRandom, "****....", "efgh", "********", "*******.", "******..", "*****...")
	check(AtRandom, "****....", "eg", "*****.*.", "********")
	check(AtRandom, strings.Repeat(".", 26), "z", strings.Repeat(".", 25)+"*")
	check(InOrder, "****....", "e", "********", "*******.", "******..", "*****...")
}

// TestInOrderStays holds that a policy outlives SetSequential(false).
func TestInOrderStays(t *testing.T) {
	p := New(Config{Pieces: 8, PieceLength: BlockSize, Length: 8 * BlockSize, Rand: rand.New(rand.NewPCG(1, 1)), Policy: Policy{Order: InOrder}})
	p.SetSequential(false)
	p.AddPeer(0, set("********"))
	p.AddPeer(1, set("****...."))
	if got := letters(p.Pick(0, 3, 0, 0, nil)); got != "abc" {
		t.Errorf("picked %q", got)
	}
}

// TestWithoutRules holds that endgame and re-routing can be left out.
func TestWithoutRules(t *testing.T) {
	check := func(policy Policy, steals, withdraws bool) {
		t.Helper()
		const blocks = committed + 1
		p := New(Config{Pieces: 1, PieceLength: blocks * BlockSize, Length: blocks * BlockSize, Rand: rand.New(rand.NewPCG(1, 1)), Policy: policy})
		p.AddPeer(0, set("*"))
		p.AddPeer(1, set("*"))
		p.AddPeer(2, set("."))
		if n := len(p.Pick(0, blocks, slow, 0, nil)); n != blocks {
			t.Fatalf("%d blocks", n)
		}
		const later = 10 * time.Second
		if got := len(p.Pick(1, 4, fast, later, nil)) > 0; got != steals {
			t.Errorf("%+v: blocks asked for twice: %v", policy, got)
		}
		p.Pick(2, 1, fast, later, nil)
		p.PeerHave(2, 0)
		if got := len(p.Reroute(2, 0, later, nil)) > 0; got != withdraws {
			t.Errorf("%+v: blocks withdrawn: %v", policy, got)
		}
	}
	check(Policy{}, true, true)
	check(Policy{NoEndgame: true}, false, true)
	check(Policy{NoReroute: true}, true, false)
}
