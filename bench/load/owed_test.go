package load

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// owed is a list in the order of the requests, whatever the order of the
// answers, to its limit.
func TestOwed(t *testing.T) {
	const blocks = 1000
	check := func(limit int) {
		t.Helper()
		rng := rand.New(rand.NewPCG(uint64(limit), 1))
		o := newOwed(blocks, limit)
		var want []int
		since := map[int]time.Duration{}
		for now := time.Duration(1); now < 20_000; now++ {
			if n := rng.IntN(blocks); rng.IntN(2) == 0 && len(want) < limit && o.set.Set(n) {
				o.push(n, now)
				want = append(want, n)
				since[n] = now
			} else if len(want) > 0 {
				i := 0
				if rng.IntN(3) == 0 {
					i = rng.IntN(len(want))
				}
				n := want[i]
				at, ok := o.remove(n)
				if !ok || at != 0 && at != since[n] || sampled(n) != (at != 0) {
					t.Fatalf("block %d asked for at %v: %v, %t", n, since[n], at, ok)
				}
				want = slices.Delete(want, i, i+1)
			}
			if _, ok := o.remove(rng.IntN(10) + blocks); ok {
				t.Fatal("a block that was not asked for is owed")
			}
			if o.count != len(want) || o.set.Count() != len(want) {
				t.Fatalf("%d owed, %d marked, want %d", o.count, o.set.Count(), len(want))
			}
		}
		for i, n := range want {
			if o.at(i) != n {
				t.Fatalf("place %d has block %d, want %d", i, o.at(i), n)
			}
		}
		o.clear()
		if o.count != 0 || !o.set.None() || len(o.stamps) != 0 {
			t.Errorf("limit %d: %d owed and %d timed after clear", limit, o.count, len(o.stamps))
		}
	}
	check(1)
	check(5)
	check(64)
	check(250)
}

// About one request in sampleShare is timed, and each place in a piece is.
func TestSample(t *testing.T) {
	const pieces, perPiece = 4000, 16
	for place := range perPiece {
		n := 0
		for piece := range pieces {
			if sampled(piece*perPiece + place) {
				n++
			}
		}
		if n < pieces/sampleShare*3/4 || n > pieces/sampleShare*5/4 {
			t.Errorf("%d of %d blocks at place %d are timed", n, pieces, place)
		}
	}
}
