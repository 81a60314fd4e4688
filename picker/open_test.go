package picker

import (
	"testing"
)

func TestOpenBudget(t *testing.T) {
	const piece = testBlocks * BlockSize
	check := func(budget int64, want int) {
		t.Helper()
		p := setup(1, "****....", "********")
		p.SetOpenBudget(budget)
		if got := p.Pick(0, 99, 0, 0, nil); len(got) != want*testBlocks {
			t.Errorf("budget %d: %s, want %d pieces", budget, letters(got), want)
		}
	}
	check(0, 0)
	check(1, 1)
	check(piece, 1)
	check(2*piece-1, 1)
	check(2*piece, 2)
	check(4*piece, 4)
	check(DefaultOpenBudget, 4)

	p := setup(1, "****....", "********")
	p.Pick(0, 1, 0, 0, nil)
	p.SetOpenBudget(0)
	got := p.Pick(0, 99, 0, 0, nil)
	if len(got) != 3 {
		t.Errorf("with a budget of 0 picked %s, want the rest of one piece", letters(got))
	}
	arrive(t, p, int(got[0].Index), 0)
	p.SetOpenBudget(1)
	if got := p.Pick(0, 99, 0, 0, nil); len(got) != 0 {
		t.Errorf("opened %s while a complete piece was not written", letters(got))
	}
	p.PieceResult(int(got[0].Index), true)
	if got := p.Pick(0, 99, 0, 0, nil); len(got) != 4 {
		t.Errorf("picked %s after the piece was written", letters(got))
	}
}
