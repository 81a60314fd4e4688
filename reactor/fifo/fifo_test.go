package fifo

import (
	"math/rand/v2"
	"testing"
)

func TestOrder(t *testing.T) {
	const most = 300
	rng := rand.New(rand.NewPCG(3, 4))
	var q Queue[int]
	in, out := 0, 0
	for range 50_000 {
		if rng.IntN(2) == 0 && in-out < most {
			q.Push(in)
			in++
		} else if in > out {
			if first := *q.First(); first != out {
				t.Fatalf("first is %d, want %d", first, out)
			}
			if v := q.Pop(); v != out {
				t.Fatalf("popped %d, want %d", v, out)
			}
			out++
		}
		if q.Len() != in-out {
			t.Fatalf("length %d, want %d", q.Len(), in-out)
		}
	}
	if cap(q.buf) > 2*most {
		t.Errorf("a queue of at most %d keeps room for %d", most, cap(q.buf))
	}
}

func TestKeepsNothingPopped(t *testing.T) {
	var q Queue[*int]
	for range 5 {
		q.Push(new(int))
	}
	for q.Len() > 0 {
		q.Pop()
	}
	for i, v := range q.buf {
		if v != nil {
			t.Errorf("place %d still holds an element", i)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	var q Queue[int]
	for range 8 {
		q.Push(1)
	}
	if n := testing.AllocsPerRun(100, func() { q.Push(q.Pop()) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
