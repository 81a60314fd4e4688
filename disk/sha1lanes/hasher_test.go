package sha1lanes

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// ways are those that this processor has.
func ways() []way {
	all := []way{oneByOne}
	if hasPairs {
		all = append(all, inPairs)
	}
	if hasWide {
		all = append(all, inLanes)
	}
	return all
}

func (w way) String() string { return [...]string{"one by one", "in pairs", "in lanes"}[w] }

// messages makes count messages of n bytes, at odd places in memory.
func messages(rng *rand.Rand, count, n int) [][]byte {
	all := make([][]byte, count)
	for i := range all {
		room := make([]byte, n+64)
		for at := range room {
			room[at] = byte(rng.Uint32())
		}
		off := rng.IntN(64)
		all[i] = room[off : off+n : off+n]
	}
	return all
}

// sums hashes messages by way, in parts that end at the cuts (in blocks).
func sums(h *Hasher, w way, all [][]byte, cuts ...int) [][Size]byte {
	h.reset(len(all), w)
	rests := make([][]byte, len(all))
	copy(rests, all)
	at := 0
	for _, cut := range cuts {
		parts := make([][]byte, len(all))
		for i := range rests {
			parts[i], rests[i] = rests[i][:(cut-at)*BlockSize], rests[i][(cut-at)*BlockSize:]
		}
		h.Write(parts)
		at = cut
	}
	out := make([][Size]byte, len(all))
	h.Sum(rests, out)
	return out
}

// compare holds the sums of all ways against crypto/sha1.
func compare(t *testing.T, h *Hasher, all [][]byte, cuts ...int) {
	t.Helper()
	for _, w := range ways() {
		for i, got := range sums(h, w, all, cuts...) {
			if want := sha1.Sum(all[i]); got != want {
				t.Fatalf("%s, %d messages of %d bytes, cut at %v: message %d is %x, want %x",
					w, len(all), len(all[0]), cuts, i, got, want)
			}
		}
	}
}

func TestEveryLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var h Hasher
	for n := range 301 {
		compare(t, &h, messages(rng, 1+n%Width, n))
		compare(t, &h, messages(rng, 2, n))
		compare(t, &h, messages(rng, Width, n))
	}
}

func TestEveryCount(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	var h Hasher
	for count := 1; count <= Width; count++ {
		compare(t, &h, messages(rng, count, 1000), 3, 3, 15)
		compare(t, &h, messages(rng, count, 64<<10), 512)
	}
}

// Neighbours of one length or none, more than go together.
func TestSumAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	var h Hasher
	check := func(lengths ...int) {
		t.Helper()
		var all [][]byte
		for _, n := range lengths {
			all = append(all, messages(rng, 1, n)...)
		}
		out := make([][Size]byte, len(all))
		h.SumAll(all, out)
		for i, got := range out {
			if want := sha1.Sum(all[i]); got != want {
				t.Errorf("lengths %v: message %d is %x, want %x", lengths, i, got, want)
			}
		}
	}
	same := func(n, count int) []int { return slices.Repeat([]int{n}, count) }
	check()
	check(100)
	check(same(100, Width)...)
	check(same(100, Width+1)...)
	check(same(64, 2*Width+3)...)
	check(append(same(1000, Width-1), 17)...)
	check(1, 2, 2, 3, 3, 3, 0, 0, 2)
}

func TestMisuse(t *testing.T) {
	check := func(name string, misuse func(h *Hasher)) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s was taken", name)
			}
		}()
		var h Hasher
		h.Reset(2)
		misuse(&h)
	}
	block := make([]byte, BlockSize)
	check("no message", func(h *Hasher) { h.Reset(0) })
	check("one message more than there are lanes", func(h *Hasher) { h.Reset(Width + 1) })
	check("one part for two messages", func(h *Hasher) { h.Write([][]byte{block}) })
	check("parts of two lengths", func(h *Hasher) { h.Write([][]byte{block, block[:0]}) })
	check("half a block", func(h *Hasher) { h.Write([][]byte{block[:32], block[:32]}) })
	check("rests of two lengths", func(h *Hasher) { h.Sum([][]byte{block, block[:1]}, make([][Size]byte, 2)) })
}

func TestNothingIsAllocated(t *testing.T) {
	all := messages(rand.New(rand.NewPCG(3, 1)), Width, 16<<10)
	out := make([][Size]byte, Width)
	for _, w := range ways() {
		var h Hasher
		h.reset(Width, w)
		if n := testing.AllocsPerRun(10, func() {
			h.reset(Width, w)
			h.Write(all)
			h.Sum(all, out)
		}); n != 0 {
			t.Errorf("%s: %v allocations", w, n)
		}
	}
}

func FuzzSums(f *testing.F) {
	f.Add([]byte("abc"), uint8(3), uint16(0))
	f.Add(make([]byte, 16*129), uint8(16), uint16(1))
	f.Add(make([]byte, 2*55+1), uint8(2), uint16(64))
	f.Fuzz(func(t *testing.T, data []byte, count uint8, cut uint16) {
		all := make([][]byte, int(count)%Width+1)
		n := len(data) / len(all)
		for i := range all {
			// Messages lie one behind the other, and so at any alignment.
			all[i] = data[i*n : (i+1)*n]
		}
		var h Hasher
		compare(t, &h, all, int(cut)%(n/BlockSize+1))
	})
}

func BenchmarkSums(b *testing.B) {
	for _, w := range ways() {
		for _, count := range []int{1, 2, 3, 4, 5, 6, 8, 16} {
			if w == oneByOne && count > 1 {
				continue
			}
			for _, n := range []int{4 << 10, 32 << 10, 256 << 10} {
				b.Run(fmt.Sprintf("%s/count=%d/size=%d", w, count, n), func(b *testing.B) {
					all := messages(rand.New(rand.NewPCG(4, 1)), count, n)
					out := make([][Size]byte, count)
					var h Hasher
					b.SetBytes(int64(count * n))
					b.ReportAllocs()
					for b.Loop() {
						h.reset(count, w)
						h.Sum(all, out)
					}
				})
			}
		}
	}
}
