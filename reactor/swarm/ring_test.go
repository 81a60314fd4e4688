package swarm

import (
	"math/rand/v2"
	"testing"
)

func TestRingIsAFIFO(t *testing.T) {
	const most = 300
	rng := rand.New(rand.NewPCG(3, 4))
	var r ring[int]
	in, out := 0, 0
	for range 50_000 {
		if rng.IntN(2) == 0 && in-out < most {
			r.push(in)
			in++
		} else if in > out {
			if v := r.pop(); v != out {
				t.Fatalf("popped %d, want %d", v, out)
			}
			out++
		}
		if r.len() != in-out {
			t.Fatalf("len %d, want %d", r.len(), in-out)
		}
	}
	if cap(r.buf) > 2*most {
		t.Errorf("a ring of at most %d keeps room for %d", most, cap(r.buf))
	}
}
