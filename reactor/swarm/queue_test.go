package swarm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"spate/proto/wire"
)

func TestRequestQueueIsAFIFO(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := 0
	q := requestQueue{all: &all}
	var model []wire.Request
	for step := range 20000 {
		switch req := (wire.Request{Index: uint32(r.IntN(50)), Length: uint32(step)}); r.IntN(10) {
		case 0, 1, 2, 3, 4, 5:
			if ok := q.push(req, ReqQ); ok != (len(model) < ReqQ) {
				t.Fatalf("push at %d: %v", len(model), ok)
			} else if ok {
				model = append(model, req)
			}
		case 6, 7, 8:
			if len(model) > 0 {
				if got := q.at(0); got != model[0] {
					t.Fatalf("front %v, want %v", got, model[0])
				}
				q.pop()
				model = model[1:]
			}
		default:
			if len(model) > 0 {
				i := r.IntN(len(model))
				if place, ok := q.remove(model[i]); !ok || place != i {
					t.Fatalf("remove: place %d, %v, want %d", place, ok, i)
				}
				model = slices.Delete(model, i, i+1)
			}
			if _, ok := q.remove(wire.Request{Begin: 1}); ok {
				t.Fatal("removed what was never there")
			}
		}
		if q.len() != len(model) || all != len(model) {
			t.Fatalf("len %d, counted %d, want %d", q.len(), all, len(model))
		}
	}
}

func TestRequestQueueIsBounded(t *testing.T) {
	var q requestQueue
	for i := range ReqQ {
		if !q.push(wire.Request{Index: uint32(i)}, ReqQ) {
			t.Fatalf("refused request %d", i)
		}
	}
	if q.push(wire.Request{}, ReqQ) {
		t.Fatalf("took request %d", ReqQ+1)
	}
	for range ReqQ {
		q.pop()
	}
	q.shrink()
	if cap(q.buf) != 0 {
		t.Fatalf("an empty queue keeps %d requests' memory", cap(q.buf))
	}
}

func TestRequestQueueTakesBack(t *testing.T) {
	var q requestQueue
	a, b := wire.Request{Index: 1}, wire.Request{Index: 2}
	q.push(a, ReqQ)
	q.push(b, ReqQ)
	q.pop()
	q.unpop(a)
	if q.len() != 2 || q.at(0) != a || q.at(1) != b {
		t.Fatalf("%v", q.buf[q.head:])
	}
	q.pop()
	q.pop()
	q.unpop(b)
	if q.len() != 1 || q.at(0) != b {
		t.Fatalf("%v", q.buf[q.head:])
	}
}
