package wirecache

import (
	"sync"
	"sync/atomic"
	"testing"
)

func newDemand() *demand { return &demand{slots: make([]atomic.Uint64, demandSlots)} }

func TestDemandCounts(t *testing.T) {
	d := newDemand()
	a, b := mix(1), mix(2)
	for want := int64(1); want < 100; want++ {
		if got := d.add(a); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	}
	if got := d.add(b); got != 1 {
		t.Errorf("another piece: %d", got)
	}
	d.age()
	if got := d.add(a); got != 50 {
		t.Errorf("after age: %d, want 50", got)
	}
	d.clear(a)
	if got := d.add(a); got != 1 {
		t.Errorf("after clear: %d", got)
	}
}

// Of two pieces in one slot, the one asked for more keeps it.
func TestDemandOfTwoInOneSlot(t *testing.T) {
	d := newDemand()
	hot, cold := mix(1), mix(1)^1<<60
	for range 50 {
		d.add(hot)
		d.add(hot)
		if got := d.add(cold); got > 0 {
			t.Fatalf("the cold piece counts %d", got)
		}
	}
	if got := d.add(hot); got < 50 {
		t.Errorf("the hot piece counts %d", got)
	}
	d.clear(cold)
	for range 200 {
		d.add(cold)
	}
	if got := d.add(cold); got < 100 {
		t.Errorf("a piece that has become hot counts %d", got)
	}
}

func TestDemandSaturates(t *testing.T) {
	d := newDemand()
	key := mix(9)
	d.slots[key%demandSlots].Store(key&^mostCount | mostCount - 1)
	for range 3 {
		d.add(key)
	}
	if got := d.slots[key%demandSlots].Load(); got != key&^mostCount|mostCount {
		t.Errorf("slot is %x", got)
	}
}

func TestDemandByManyLoops(t *testing.T) {
	d := newDemand()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range uint64(20_000) {
				d.add(mix(i % 64))
			}
		})
	}
	wg.Wait()
	if got := d.add(mix(7)); got < 300 || got > 1253 {
		t.Errorf("%d of 1,253 counted", got)
	}
}

func BenchmarkDemand(b *testing.B) {
	d := newDemand()
	var i uint64
	for b.Loop() {
		i++
		d.add(mix(i & 255))
	}
}
