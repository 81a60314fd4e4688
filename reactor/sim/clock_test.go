package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestClockOrder(t *testing.T) {
	var c Clock
	r := rand.New(rand.NewPCG(1, 2))
	type mark struct {
		at  time.Duration
		seq int
	}
	var ran []mark
	n := 0
	plan := func(d time.Duration) {
		m := mark{c.Now() + max(d, 0), n}
		n++
		c.After(d, func() { ran = append(ran, m) })
	}
	for range 500 {
		plan(time.Duration(r.IntN(50)))
	}
	c.After(20, func() { // from inside an event, also for this very instant
		plan(0)
		plan(-5)
		plan(3)
	})
	for c.Step() {
	}
	if len(ran) != n || c.Events() != uint64(n)+1 {
		t.Fatalf("%d of %d events ran", len(ran), n)
	}
	if !slices.IsSortedFunc(ran, func(a, b mark) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.seq - b.seq
	}) {
		t.Errorf("events ran out of order: %v", ran)
	}
}

func TestClockRun(t *testing.T) {
	var c Clock
	hits := 0
	var again func()
	again = func() { hits++; c.After(time.Second, again) }
	c.After(time.Second, again)

	check := func(want int, now time.Duration) {
		t.Helper()
		if hits != want || c.Now() != now {
			t.Errorf("%d events at %v, want %d at %v", hits, c.Now(), want, now)
		}
	}
	c.RunFor(2500 * time.Millisecond)
	check(2, 2500*time.Millisecond)
	c.RunFor(500 * time.Millisecond) // the end of the time belongs to it
	check(3, 3*time.Second)
	if !c.RunUntil(func() bool { return hits == 5 }, time.Minute) {
		t.Error("the condition was never met")
	}
	check(5, 5*time.Second)
	if c.RunUntil(func() bool { return hits == 50 }, time.Second) {
		t.Error("the condition was met too early")
	}
	check(6, 6*time.Second)

	mustPanic(t, "Step inside an event", func() {
		c.After(0, func() { c.Step() })
		c.Step()
	})
}

// mustPanic runs f, which breaks a rule.
func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	f()
}

func TestSpan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(s Span) {
		t.Helper()
		least, most := 1<<30, 0
		for range 100_000 {
			n := s.draw(r)
			least, most = min(least, n), max(most, n)
		}
		if least != s.Min || most < s.Max-s.Max/100 || most > s.Max {
			t.Errorf("%v: drew %d to %d", s, least, most)
		}
	}
	check(Span{1, 1})
	check(Span{1, 2})
	check(Span{1, 64 << 10})
	check(Span{5, 9})
	check(Span{16 << 10, 16 << 10})
	check(Span{1000, 1023})
}

func BenchmarkClock(b *testing.B) {
	var c Clock
	r := rand.New(rand.NewPCG(1, 2))
	var again call
	again = func() { c.at(c.now+time.Duration(r.IntN(1e6)), again) }
	for range 10_000 {
		c.at(time.Duration(r.IntN(1e6)), again)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Step()
	}
}
