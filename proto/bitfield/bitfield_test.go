package bitfield_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"spate/proto/bitfield"
)

func TestWireOrder(t *testing.T) {
	check := func(n int, members []int, want ...byte) {
		t.Helper()
		b := bitfield.New(n)
		for _, i := range members {
			b.Set(i)
		}
		if !bytes.Equal(b.Bytes(), want) || b.Count() != len(members) {
			t.Errorf("%v of %d is %x (count %d), want %x", members, n, b.Bytes(), b.Count(), want)
		}
		back, err := bitfield.FromWire(want, n)
		if err != nil || back.Count() != len(members) || !bytes.Equal(back.AppendWire([]byte{7})[1:], want) {
			t.Errorf("FromWire(%x, %d) = %v, %v", want, n, back, err)
		}
	}
	check(0, nil)
	check(1, nil, 0x00)
	check(1, []int{0}, 0x80)
	check(8, []int{0, 7}, 0x81)
	check(9, []int{8}, 0x00, 0x80)
	check(16, []int{1, 9, 15}, 0x40, 0x41)
	check(70, []int{63, 64, 69}, 0, 0, 0, 0, 0, 0, 0, 1, 0x84)
}

func TestFromWireRefuses(t *testing.T) {
	check := func(n int, want error, wire ...byte) {
		t.Helper()
		if b, err := bitfield.FromWire(wire, n); b != nil || !errors.Is(err, want) {
			t.Errorf("FromWire(%x, %d) = %v, %v; want %v", wire, n, b, err, want)
		}
	}
	check(-1, bitfield.ErrLength)
	check(0, bitfield.ErrLength, 0)
	check(1, bitfield.ErrLength)
	check(8, bitfield.ErrLength, 0, 0)
	check(9, bitfield.ErrLength, 0)
	check(1, bitfield.ErrSpare, 0x40)
	check(7, bitfield.ErrSpare, 0x01)
	check(9, bitfield.ErrSpare, 0xff, 0xff)
	check(79, bitfield.ErrSpare, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
}

// TestOutOfRange holds that an index from a peer needs no check.
func TestOutOfRange(t *testing.T) {
	b := bitfield.New(10)
	b.SetAll()
	for _, i := range []int{-1 << 62, -1, 10, 15, 16, 1 << 62} {
		if b.Has(i) || b.Set(i) || b.Clear(i) || b.Count() != 10 {
			t.Errorf("index %d of 10 is there, or changed something", i)
		}
	}
	if b.Next(10) != -1 || b.NextClear(0) != -1 || b.Next(-5) != 0 {
		t.Error("the scans leave the range")
	}
}

func TestSetAndClear(t *testing.T) {
	b := bitfield.New(10)
	if !b.None() || b.All() || b.Len() != 10 {
		t.Error("a new set is not empty")
	}
	if !b.Set(3) || b.Set(3) || !b.Has(3) || b.None() || b.Count() != 1 {
		t.Error("Set(3)")
	}
	if !b.Clear(3) || b.Clear(3) || b.Has(3) || !b.None() {
		t.Error("Clear(3)")
	}
	b.SetAll()
	if !b.All() || b.Bytes()[1] != 0xc0 {
		t.Errorf("SetAll: %x", b.Bytes())
	}
	c := b.Clone()
	c.Clear(0)
	if !b.Has(0) || c.Has(0) || c.Count() != 9 || c.Len() != 10 {
		t.Error("a clone shares its bytes")
	}
	if empty := bitfield.New(0); !empty.All() || !empty.None() || empty.Next(0) != -1 || empty.NextClear(0) != -1 {
		t.Error("the set of length 0")
	}
}

func TestFromWireCopies(t *testing.T) {
	wire := []byte{0x80}
	b, _ := bitfield.FromWire(wire, 8)
	wire[0] = 0
	if !b.Has(0) {
		t.Error("the set changed with the message it came from")
	}
}

// TestAgainstModel compares every operation with a map, at lengths round the
// borders of bytes and words.
func TestAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 200, 1000} {
		b, o := bitfield.New(n), bitfield.New(n)
		model, other := map[int]bool{}, map[int]bool{}
		for range 400 {
			i := rng.IntN(n)
			switch rng.IntN(5) {
			case 0, 1:
				if b.Set(i) == model[i] {
					t.Fatalf("n %d: Set(%d)", n, i)
				}
				model[i] = true
			case 2:
				if b.Clear(i) != model[i] {
					t.Fatalf("n %d: Clear(%d)", n, i)
				}
				delete(model, i)
			case 3, 4:
				o.Set(i)
				other[i] = true
			}
			compare(t, b, model, o, other, rng.IntN(n))
		}
	}
}

// compare checks b and o against their models, scanning from index from.
func compare(t *testing.T, b *bitfield.Bits, model map[int]bool, o *bitfield.Bits, other map[int]bool, from int) {
	t.Helper()
	next, free, extra := -1, -1, false
	for i := b.Len() - 1; i >= 0; i-- {
		if b.Has(i) != model[i] {
			t.Fatalf("n %d: Has(%d) = %v", b.Len(), i, b.Has(i))
		}
		if i >= from && model[i] {
			next = i
		}
		if i >= from && !model[i] {
			free = i
		}
		extra = extra || model[i] && !other[i]
	}
	if b.Count() != len(model) || b.Next(from) != next || b.NextClear(from) != free || b.AnyNotIn(o) != extra {
		t.Fatalf("n %d from %d: Count %d, Next %d, NextClear %d, AnyNotIn %v; want %d, %d, %d, %v",
			b.Len(), from, b.Count(), b.Next(from), b.NextClear(from), b.AnyNotIn(o), len(model), next, free, extra)
	}
}

func TestAnyNotInOtherLength(t *testing.T) {
	long, short := bitfield.New(100), bitfield.New(10)
	long.Set(5)
	short.Set(5)
	if long.AnyNotIn(short) || short.AnyNotIn(long) {
		t.Error("equal members differ")
	}
	long.Set(99)
	if !long.AnyNotIn(short) || short.AnyNotIn(long) {
		t.Error("a member behind the end of the shorter set")
	}
}

func TestNewRefusesNegative(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New(-1) returned")
		}
	}()
	bitfield.New(-1)
}

func TestNoAllocations(t *testing.T) {
	b, o := bitfield.New(5000), bitfield.New(5000)
	buf := make([]byte, 0, 1000)
	if n := testing.AllocsPerRun(100, func() {
		b.Set(4999)
		b.Clear(4999)
		b.Next(0)
		b.NextClear(0)
		b.AnyNotIn(o)
		buf = b.AppendWire(buf[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFromWire(f *testing.F) {
	f.Add([]byte{0x80}, 1)
	f.Add([]byte{0xff, 0xc0}, 10)
	f.Fuzz(func(t *testing.T, wire []byte, n int) {
		b, err := bitfield.FromWire(wire, n)
		if err != nil {
			return
		}
		if !bytes.Equal(b.AppendWire(nil), wire) {
			t.Fatalf("%x became %x", wire, b.Bytes())
		}
		members := 0
		for i := b.Next(0); i >= 0; i = b.Next(i + 1) {
			members++
		}
		if members != b.Count() || b.All() != (members == n) {
			t.Fatalf("%x: %d members, count %d", wire, members, b.Count())
		}
	})
}

// One torrent of 65,536 pieces is the size of these.
const benchmarkLen = 1 << 16

func BenchmarkAnyNotIn(b *testing.B) {
	mine, theirs := bitfield.New(benchmarkLen), bitfield.New(benchmarkLen)
	mine.SetAll()
	theirs.SetAll()
	for b.Loop() {
		if theirs.AnyNotIn(mine) {
			b.Fatal("equal sets differ")
		}
	}
}

func BenchmarkNext(b *testing.B) {
	set := bitfield.New(benchmarkLen)
	set.Set(benchmarkLen - 1)
	for b.Loop() {
		if set.Next(0) != benchmarkLen-1 {
			b.Fatal("not found")
		}
	}
}

func BenchmarkFromWire(b *testing.B) {
	set := bitfield.New(benchmarkLen)
	set.SetAll()
	wire := set.AppendWire(nil)
	for b.Loop() {
		if _, err := bitfield.FromWire(wire, benchmarkLen); err != nil {
			b.Fatal(err)
		}
	}
}
