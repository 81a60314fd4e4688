package disk

import "testing"

func TestListLimits(t *testing.T) {
	check := func(name string, limit int, add func() error) {
		t.Helper()
		for i := range limit {
			if err := add(); err != nil {
				t.Fatalf("%s: %v after %d of %d", name, err, i, limit)
			}
		}
		if err := add(); err != ErrBusy {
			t.Errorf("%s: one past the limit: %v", name, err)
		}
	}
	// Nobody takes anything out of these.
	p := newPipeline(0, 1)
	check("puts", maxPuts, func() error { return p.put(put{}) })
	check("checks", maxChecks, func() error { return p.check(&checkRun{}) })
	p.close()
	if err := p.put(put{}); err != ErrClosed {
		t.Errorf("put after close: %v", err)
	}
	r := newReaders(0)
	check("reads", maxReads, func() error { return r.run(func() {}) })
	r.close()
	if err := r.run(func() {}); err != ErrClosed {
		t.Errorf("read after close: %v", err)
	}
}

func TestFIFO(t *testing.T) {
	var q fifo[int]
	in, out := 0, 0
	for round := range 200 {
		for range round % 17 {
			q.push(in)
			in++
		}
		for range round % 13 {
			if q.len() == 0 {
				break
			}
			if v := *q.peek(); v != out || q.pop() != out {
				t.Fatalf("got %d, want %d", v, out)
			}
			out++
		}
		if q.len() != in-out {
			t.Fatalf("%d items, want %d", q.len(), in-out)
		}
	}
	for q.len() > 0 {
		q.pop()
	}
	// Long use at a short length does not pile up.
	for range 10_000 {
		q.push(1)
		q.push(1)
		q.pop()
		q.pop()
		q.push(1)
		q.pop()
	}
	if cap(q.items) > 1024 {
		t.Errorf("room for %d items after at most %d", cap(q.items), in)
	}
}
