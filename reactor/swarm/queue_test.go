package swarm

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/histogram"
)

func TestRequestQueueIsAFIFO(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var now time.Duration
	in := &intake{clock: func() time.Duration { return now }, waits: &histogram.Histogram{}}
	q := requestQueue{intake: in}
	followed := -1 // place in the model of the request that is being timed
	var asked time.Duration
	var cancelled, dropped, served int64
	var timed histogram.Snapshot
	var model []wire.Request
	for step := range 40000 {
		now = time.Duration(step) * time.Millisecond
		switch req := (wire.Request{Index: uint32(r.IntN(50)), Length: uint32(step)}); r.IntN(10) {
		case 0, 1, 2, 3, 4, 5:
			if ok := q.push(req, ReqQ); ok != (len(model) < ReqQ) {
				t.Fatalf("push at %d: %v", len(model), ok)
			} else if ok {
				model = append(model, req)
				if in.received%sampleRequests == 0 && followed < 0 {
					followed, asked = len(model)-1, now
				}
			}
		case 6, 7, 8:
			if len(model) > 0 {
				if got := q.at(0); got != model[0] {
					t.Fatalf("front %v, want %v", got, model[0])
				}
				q.pop()
				model = model[1:]
				served++
				if followed == 0 {
					s := one(now - asked)
					timed.Add(&s)
				}
				followed = max(followed-1, -1)
			}
		default:
			if len(model) > 0 {
				i := r.IntN(len(model))
				if place, ok := q.remove(model[i]); !ok || place != i {
					t.Fatalf("remove: place %d, %v, want %d", place, ok, i)
				}
				model = slices.Delete(model, i, i+1)
				cancelled++
				if followed == i {
					followed = -1
				} else if followed > i {
					followed--
				}
			}
			if _, ok := q.remove(wire.Request{Begin: 1}); ok {
				t.Fatal("removed what was never there")
			}
		}
		if len(model) > 0 && r.IntN(50) == 0 {
			if front := q.at(0); r.IntN(2) == 0 {
				q.pop()
				q.unpop(front)
				if followed == 0 {
					s := one(now - asked)
					timed.Add(&s)
					followed = -1
				}
			} else if r.IntN(20) == 0 {
				q.clear()
				dropped += int64(len(model))
				model, followed = nil, -1
			}
		}
		if q.len() != len(model) || in.queued != len(model) {
			t.Fatalf("len %d, counted %d, want %d", q.len(), in.queued, len(model))
		}
		if got := in.waits.Snapshot(); got != timed {
			t.Fatalf("step %d: timed %d requests in %v, want %d in %v", step, got.Count(), got.Sum, timed.Count(), timed.Sum)
		}
	}
	if in.served != served || in.cancelled != cancelled || in.dropped != dropped ||
		in.received != served+cancelled+dropped+int64(len(model)) {
		t.Errorf("counted %+v, want %d served, %d cancelled, %d dropped", in, served, cancelled, dropped)
	}
	if timed.Count() < 50 {
		t.Errorf("timed %d requests only", timed.Count())
	}
}

// one is a histogram with a single duration.
func one(d time.Duration) histogram.Snapshot {
	var h histogram.Histogram
	h.Observe(d)
	return h.Snapshot()
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
