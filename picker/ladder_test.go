package picker

import (
	"math/rand/v2"
	"testing"
)

// checkLadder recounts a ladder against the availability of its pieces.
func checkLadder(t *testing.T, l *ladder, where []int32, avail func(piece int32) int) {
	t.Helper()
	if n := len(l.ends); n > 0 && int(l.ends[n-1]) != len(l.pieces) {
		t.Fatalf("the last rung ends at %d of %d pieces", l.ends[n-1], len(l.pieces))
	}
	for a := range l.ends {
		from, to := l.rung(a)
		if from > to {
			t.Fatalf("rung %d is %d to %d", a, from, to)
		}
		for i := from; i < to; i++ {
			if piece := l.pieces[i]; avail(piece) != a || where[piece] != i {
				t.Fatalf("piece %d of availability %d, said to be at %d, is at %d in rung %d", piece, avail(piece), where[piece], i, a)
			}
		}
	}
}

func TestLadderKeepsOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const pieces = 40
	var l ladder
	where, avail, in := make([]int32, pieces), make([]int, pieces), make([]bool, pieces)
	for range 20000 {
		piece := rnd.Int32N(pieces)
		a := avail[piece]
		switch op := rnd.IntN(4); {
		case op == 0 && in[piece]:
			l.remove(where, piece, a)
			in[piece] = false
		case op == 1 && !in[piece]:
			avail[piece] = rnd.IntN(6)
			l.insert(where, piece, avail[piece], rnd)
			in[piece] = true
		case op == 2 && in[piece]:
			avail[piece]++
			l.raise(where, piece, a, rnd)
		case op == 3 && in[piece] && a > 0:
			avail[piece]--
			l.lower(where, piece, a, rnd)
		}
		checkLadder(t, &l, where, func(i int32) int { return avail[i] })
		n := 0
		for _, is := range in {
			if is {
				n++
			}
		}
		if n != len(l.pieces) {
			t.Fatalf("%d pieces, want %d", len(l.pieces), n)
		}
	}
}

// TestLadderTiesAreUniform moves pieces about in every way and counts how often
// each of the pieces of equal availability comes first.
func TestLadderTiesAreUniform(t *testing.T) {
	const pieces, runs = 8, 16000
	var moved, rebuilt [pieces]int
	for seed := range uint64(runs) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		var l ladder
		where := make([]int32, pieces)
		for i := range int32(pieces) {
			l.insert(where, i, 1, rnd)
		}
		for i := range int32(pieces) { // the even ones go up and the odd ones down, and back
			if i%2 == 0 {
				l.raise(where, i, 1, rnd)
			} else {
				l.lower(where, i, 1, rnd)
			}
		}
		for i := range int32(pieces) {
			if i%2 == 0 {
				l.lower(where, i, 2, rnd)
			} else {
				l.raise(where, i, 0, rnd)
			}
		}
		l.remove(where, 3, 1)
		l.insert(where, 3, 1, rnd)
		moved[l.pieces[0]]++

		l.clear()
		for range pieces {
			l.tally(1)
		}
		l.lay()
		for i := range int32(pieces) {
			l.place(where, i, 1)
		}
		l.shuffle(where, rnd)
		rebuilt[l.pieces[0]]++
	}
	// Each count is binomial: mean 2000, deviation 42. Five of those are allowed.
	for i := range pieces {
		for _, n := range []int{moved[i], rebuilt[i]} {
			if n < 1790 || n > 2210 {
				t.Errorf("piece %d came first %d and %d times of %d", i, moved[i], rebuilt[i], runs)
			}
		}
	}
}
