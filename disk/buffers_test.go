package disk

import (
	"math/rand/v2"
	"testing"
)

func TestSizeClass(t *testing.T) {
	check := func(n, want int) {
		t.Helper()
		if got := sizeClass(n); got != want {
			t.Errorf("sizeClass(%d) = %d, want %d", n, got, want)
		}
	}
	check(1, 16<<10)
	check(16<<10, 16<<10)
	check(16<<10+1, 20<<10)
	check(20<<10, 20<<10)
	check(1<<20, 1<<20)
	check(1<<20+1, 1<<20+256<<10)
	check(16<<20, 16<<20)
	check(3<<20, 3<<20)
	for n := minBuffer; n < 64<<20; n += n/7 + 1 {
		if c := sizeClass(n); c < n || float64(c) > 1.25*float64(n) || sizeClass(c) != c {
			t.Errorf("sizeClass(%d) = %d", n, c)
		}
	}
}

func TestBuffersBudget(t *testing.T) {
	b := NewBuffers(4<<20, 2<<20)
	var held [][]byte
	for range 4 {
		held = append(held, b.Get(1<<20))
	}
	for i, buf := range held {
		if len(buf) != 1<<20 {
			t.Fatalf("buffer %d within the budget: %d bytes", i, len(buf))
		}
	}
	if b.Get(1) != nil {
		t.Error("one more than the budget was given")
	}
	for _, buf := range held {
		b.Put(buf)
	}
	if b.InUse() != 0 || b.Idle() != 2<<20 {
		t.Errorf("after all came back: %d in use, %d idle, want 0 and %d", b.InUse(), b.Idle(), 2<<20)
	}
	if big := b.Get(64 << 20); len(big) != 64<<20 {
		t.Error("a piece larger than the budget can never be had")
	}
	if b.Get(1) != nil {
		t.Error("given beside a buffer larger than the budget")
	}
	b.Trim()
	if b.Idle() != 0 {
		t.Errorf("%d idle after Trim", b.Idle())
	}
	b.Put(nil)
}

func TestBuffersReuse(t *testing.T) {
	b := NewBuffers(64<<20, 8<<20)
	b.Put(b.Get(1 << 20))
	if n := testing.AllocsPerRun(100, func() {
		b.Put(b.Get(1<<20 - 5))
	}); n != 0 {
		t.Errorf("%v allocations with a buffer idle", n)
	}
	// The books balance over a random history.
	rng := rand.New(rand.NewPCG(3, 4))
	var held [][]byte
	for range 5000 {
		if rng.IntN(2) == 0 {
			if buf := b.Get(1 + rng.IntN(4<<20)); buf != nil {
				held = append(held, buf)
			}
		} else if len(held) > 0 {
			i := rng.IntN(len(held))
			b.Put(held[i])
			held = append(held[:i], held[i+1:]...)
		}
		var sum int64
		for _, buf := range held {
			sum += int64(cap(buf))
		}
		if b.InUse() != sum || sum > 64<<20 || b.Idle() > 8<<20 {
			t.Fatalf("%d in use, %d held, %d idle", b.InUse(), sum, b.Idle())
		}
	}
}

func BenchmarkBuffers(b *testing.B) {
	pool := NewBuffers(64<<20, 8<<20)
	for b.Loop() {
		pool.Put(pool.Get(1 << 20))
	}
}
