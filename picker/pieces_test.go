package picker

import "testing"

func TestResults(t *testing.T) {
	p := setup(1, "*..*****", "********", "********")
	p.SetSequential(true)
	p.Pick(0, 2, fast, 0, nil)
	p.Pick(1, 2, fast, 0, nil)
	if !p.Opened(1) || p.Opened(2) || p.Opened(-1) || p.Opened(8) {
		t.Error("Opened")
	}
	arrive(t, p, 1, 0, 1)
	p.PeerGone(1)
	p.PieceResult(1, false)
	if p.Opened(1) || p.Have().Has(1) || p.Left() != 2*testBlocks*BlockSize {
		t.Error("a failed piece is not missing again")
	}
	if got := letters(p.Pick(0, 4, 0, 0, nil)); got != "bbbb" {
		t.Errorf("picked %s after b failed", got)
	}
	arrive(t, p, 1, 0)
	p.PieceResult(1, true)
	p.PieceResult(1, false) // not open: nothing happens
	p.SetPriority(2, Skip)
	if !p.Have().Has(1) || !p.Done() || p.Left() != 0 {
		t.Error("not done with all wanted pieces had")
	}
	p.SetPriority(2, 9)
	if p.Priority(2) != MaxPriority || p.Done() {
		t.Errorf("priority %d", p.Priority(2))
	}
	p.Pick(0, 1, 0, 0, nil)
	p.SetPriority(2, Skip)
	if p.Done() || !p.Interesting(0) {
		t.Error("a piece that is begun is finished, though it is skipped")
	}
	p.PieceResult(2, false)
	if !p.Done() || p.Interesting(0) || p.Left() != 0 {
		t.Error("a skipped piece that failed is wanted")
	}
}
