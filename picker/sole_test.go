package picker

import (
	"math/rand/v2"
	"testing"
	"time"
)

// fail lets a piece come from peers and be wrong.
func fail(t *testing.T, p *Picker, piece int, now time.Duration, ids ...PeerID) {
	t.Helper()
	arrive(t, p, piece, ids...)
	p.Doubt(piece, now)
	p.PieceResult(piece, false)
}

// TestDoubtedPieceIsForOne: a piece that failed is begun first, and filled by one
// peer alone.
func TestDoubtedPieceIsForOne(t *testing.T) {
	p := setup(1, ".......", "*******", "*******")
	p.SetSequential(true)
	p.Pick(0, 2, fast, 0, nil)
	p.Pick(1, 2, fast, 0, nil)
	p.Pick(0, 4, fast, 0, nil)
	fail(t, p, 0, 0, 0, 1)
	if got := letters(p.Pick(1, 2, fast, 0, nil)); got != "aa" {
		t.Errorf("picked %s after a failed", got)
	}
	if got := letters(p.Pick(0, 6, fast, 0, nil)); got != "cccc"+"dd" {
		t.Errorf("another picked %s", got)
	}
	if got := letters(p.Pick(1, 3, fast, 0, nil)); got != "aad" {
		t.Errorf("then picked %s", got)
	}
	arrive(t, p, 0, 1)
	p.PieceResult(0, true)
	if len(p.doubts)+len(p.doubtful)+p.soles != 0 {
		t.Error("the doubt stays")
	}
}

// TestDoubtedPieceIsLeftToOthers: who is on parole waits a while for those who
// are not.
func TestDoubtedPieceIsLeftToOthers(t *testing.T) {
	check := func(what string, other string, now time.Duration, want string) {
		t.Helper()
		p := setup(1, "*****..", "*******", "*******", other)
		p.SetSequential(true)
		p.Pick(0, 2, fast, 0, nil)
		p.Pick(1, 2, fast, 0, nil)
		fail(t, p, 5, 0, 0, 1)
		p.Parole(0, true)
		p.Parole(1, true)
		if got := letters(p.Pick(0, 4, fast, now, nil)); got != want {
			t.Errorf("%s: picked %s after %v, want %s", what, got, now, want)
		}
	}
	check("another has it", "*******", 0, "gggg")
	check("another has it", "*******", courtesy, "ffff")
	check("another has not", "*****.*", 0, "ffff")
}

// TestParole: what a suspect begins is its own, and what others have begun it
// goes on with last.
func TestParole(t *testing.T) {
	p := setup(1, "*****..", "*******", "*******")
	p.SetSequential(true)
	p.Pick(0, 2, fast, 0, nil)
	p.Pick(1, 1, fast, 0, nil)
	p.Parole(1, true)
	if got := letters(p.Pick(1, 2, fast, 0, nil)); got != "gg" {
		t.Errorf("picked %s on parole", got)
	}
	if got := letters(p.Pick(0, 9, fast, 0, nil)); got != "f" {
		t.Errorf("the other picked %s", got)
	}
	p.Lost(0, Block{5, 3 * BlockSize, BlockSize})
	if got := letters(p.Pick(1, 4, fast, 0, nil)); got != "ggf" {
		t.Errorf("picked %s when nothing else was left", got)
	}
	p.Parole(1, false)
	p.Parole(7, true) // nobody
}

// TestSoleChangesHands: a piece whose peer leaves it is fetched anew by another,
// and gone on with by the same.
func TestSoleChangesHands(t *testing.T) {
	check := func(what, want string, leave func(p *Picker, left []Block), id PeerID, now time.Duration) {
		t.Helper()
		p := setup(1, "******.", "*******", "*******")
		p.Pick(0, 2, fast, 0, nil)
		p.Pick(1, 2, fast, 0, nil)
		fail(t, p, 6, 0, 0, 1)
		all := p.Pick(0, 4, slow, 0, nil)
		p.Received(0, all[0])
		leave(p, all[1:])
		if got := letters(p.Pick(id, 9, slow, now, nil)); got != want {
			t.Errorf("%s: peer %d picked %q, want %q", what, id, got, want)
		}
	}
	nothing := func(*Picker, []Block) {}
	reject := func(p *Picker, left []Block) {
		for _, b := range left {
			p.Lost(0, b)
		}
	}
	check("at it", "", nothing, 1, 0)
	check("rejects", "gggg", reject, 1, 0)
	check("rejects", "ggg", reject, 0, 0)
	check("is gone", "gggg", func(p *Picker, _ []Block) { p.PeerGone(0) }, 1, 0)
	choked := func(p *Picker, left []Block) {
		p.Received(0, left[0])
		for _, b := range left[1:] {
			p.Lost(0, b)
		}
		p.open[p.slot(6)].held = true // the last of them came
	}
	check("has nothing under way for a moment", "", choked, 1, stuck-1)
	check("has nothing under way for long", "gggg", choked, 1, stuck)
}

// TestSeize: a peer that has nothing else to do and is much sooner takes a sole
// piece over, once.
func TestSeize(t *testing.T) {
	check := func(what string, owner, thief float64, now time.Duration, want int) {
		t.Helper()
		p := setup(1, "******.", "*******", "*******")
		p.Pick(0, 4, owner, 0, nil)
		fail(t, p, 6, 0, 0)
		all := p.Pick(0, 4, owner, 0, nil)
		p.Received(0, all[0])
		got := p.Pick(1, 9, thief, now, nil)
		taken := p.Seized(nil)
		if len(got) != want || len(taken) != min(want, 3) || want > 0 && (taken[0] != Withdrawn{0, all[1]} || p.Outstanding(0) != 0) {
			t.Errorf("%s: %d blocks, taken back: %v", what, len(got), taken)
		}
		if len(p.Seized(nil)) != 0 {
			t.Errorf("%s: told twice", what)
		}
		if want > 0 {
			if again := p.Pick(0, 9, fast, now+time.Hour, nil); len(again) != 0 {
				t.Errorf("%s: taken back and forth", what)
			}
		}
	}
	check("as fast", fast, fast, second, 0)
	check("silent for a while", fast, fast, stuck-1, 0)
	check("silent for long", fast, fast, stuck+second, testBlocks)
	check("silent for long, and the other no sooner", fast, 1<<10, stuck+second, 0)
	check("slow", 5<<10, fast, second, testBlocks)
}

// TestRetries: the first failures cost no time, later ones ever more.
func TestRetries(t *testing.T) {
	p := setup(1, "******.", "*******")
	now := time.Duration(0)
	for fails := 1; fails < 20; fails++ {
		p.Pick(0, 4, fast, now, nil)
		fail(t, p, 6, now, 0)
		wait := time.Duration(0)
		if n := fails - freeRetries; n > 0 {
			wait = min(retryFirst<<(n-1), retryMost)
			if got := p.Pick(0, 4, fast, now+wait-1, nil); len(got) != 0 {
				t.Fatalf("picked again before %v after %d failures", wait, fails)
			}
		}
		now += wait
	}
	if got := p.Pick(0, 4, fast, now, nil); len(got) != 4 {
		t.Errorf("picked %d", len(got))
	}
}

// TestRetract: a block that is taken back is picked again; not one of a complete
// piece.
func TestRetract(t *testing.T) {
	p := setup(1, "******.", "*******", "*******")
	all := p.Pick(0, 4, fast, 0, nil)
	p.Retract(all[0]) // has not come
	p.Received(0, all[0])
	p.Received(0, all[1])
	p.Retract(all[1])
	p.Retract(Block{9, 0, BlockSize})
	if got := p.Pick(1, 9, fast, 0, nil); len(got) != 1 || got[0] != all[1] {
		t.Errorf("picked %v, want %v", got, all[1])
	}
	p.Received(1, all[1])
	p.Received(0, all[2])
	if !p.Received(0, all[3]).PieceDone {
		t.Fatal("not complete")
	}
	p.Retract(all[3])
	if got := p.Pick(1, 9, fast, 0, nil); len(got) != 0 {
		t.Errorf("picked %v of a complete piece", got)
	}
}

// TestDoubtedPiecesHaveOneGiver: whatever peers do, all blocks of a piece that
// failed before are of one peer when it is complete, and it ends.
func TestDoubtedPiecesHaveOneGiver(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		p := setup(seed, "......", "******", "******", "******", "******")
		givers := map[Block]PeerID{}
		failed := map[uint32]bool{}
		end := func(piece uint32) {
			of := map[PeerID]bool{}
			for at := range uint32(testBlocks) {
				of[givers[Block{piece, at * BlockSize, BlockSize}]] = true
			}
			if failed[piece] && len(of) != 1 {
				t.Fatalf("seed %d: %d peers gave to piece %d, which had failed", seed, len(of), piece)
			}
			if rnd.IntN(3) > 0 {
				failed[piece] = true
				p.Doubt(int(piece), 0)
				for id := range of {
					p.Parole(id, rnd.IntN(2) == 0)
				}
				p.PieceResult(int(piece), false)
				return
			}
			p.PieceResult(int(piece), true)
		}
		now := time.Duration(0)
		for step := 0; !p.Done(); step++ {
			if step > 100000 {
				t.Fatalf("seed %d: it does not end", seed)
			}
			now += time.Duration(rnd.Int64N(int64(second)))
			id := PeerID(rnd.IntN(4))
			p.Pick(id, 1+rnd.IntN(4), []float64{0, slow, fast}[rnd.IntN(3)], now, nil)
			out := p.OutstandingBlocks(id, nil)
			switch b := rnd.IntN(10); {
			case b == 0:
				p.PeerGone(id)
				p.AddPeer(id, set("******"))
			case len(out) == 0:
			case b < 3:
				p.Lost(id, out[rnd.IntN(len(out))])
			default:
				got := out[rnd.IntN(len(out))]
				givers[got] = id
				if p.Received(id, got).PieceDone {
					end(got.Index)
				}
			}
		}
	}
}
