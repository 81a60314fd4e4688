package wirecache

import (
	"math"
	"math/rand/v2"
	"testing"

	"spate/proto/metainfo"
)

// How much more is enough: the more there was, the less of it is by chance.
func TestEnough(t *testing.T) {
	check := func(served, want float64) {
		t.Helper()
		if got := enough(served); math.Abs(got-want) > 0.5 {
			t.Errorf("%v passes: %.1f are not enough, want %v", served, got, want)
		}
		d := enough(served)
		if root := served + Passes + doubt*math.Sqrt(d+served); d < mostUses && math.Abs(d-root) > 1e-6 {
			t.Errorf("%v passes: %v is no solution: %v", served, d, root)
		}
	}
	check(0, 27.8)
	check(10, 44.1)
	check(100, 160.4)
	check(900, math.MaxInt32) // the count ends before it is enough
	check(mostUses, math.MaxInt32)
}

// Where all is wanted alike, and there is several times as much as there is room
// for, what has an image keeps it.
func TestEvenDemandIsNoChurn(t *testing.T) {
	const room, pieces = 16, 64
	r := newRig(t, room*pageSize(testPiece), 100, pieces, nil)
	chance := rand.New(rand.NewPCG(1, 2))
	visit := func(n int) {
		for range n {
			piece := chance.IntN(pieces)
			if m := r.t.Acquire(uint32(piece), 0, metainfo.BlockSize); m != nil {
				m.Used(int(m.blocks))
				m.Release()
				continue
			}
			r.pass(piece)
		}
	}
	const window = 40 * pieces // visits between two halvings
	for range 20 {
		visit(window)
		r.Age()
	}
	s := r.Stats()
	if s.Images != room || s.Evictions > room/2 {
		t.Errorf("%d visits of each piece: %+v", 20*40, s)
	}
	// What has become hot among them gets its place.
	for range 3 * window / pieces {
		visit(pieces)
		for range 8 {
			if r.hot(pieces - 1) {
				return
			}
			r.pass(pieces - 1)
		}
	}
	t.Error("a hot piece gets no image")
}
