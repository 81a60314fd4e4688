package layout_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"spate/disk/layout"
	"spate/proto/metainfo"
)

// info makes metainfo of files with the given lengths; a negative one is a
// padding file.
func info(pieceLength int64, lengths ...int64) *metainfo.Info {
	i := &metainfo.Info{Name: "t", PieceLength: pieceLength, MultiFile: true}
	for _, n := range lengths {
		f := metainfo.File{Path: []string{"t", "f"}, Length: max(n, -n), Offset: i.Length, Pad: n < 0}
		i.Files = append(i.Files, f)
		i.Length += f.Length
	}
	return i
}

func TestSpans(t *testing.T) {
	// Content: 0..10 a, b empty, 10..13 c, 13..16 pad, d empty, 16..21 e.
	l := layout.New(info(8, 10, 0, 3, -3, 0, 5))
	check := func(index, begin, length int, want ...layout.Span) {
		t.Helper()
		if got := l.Spans(index, begin, length, nil); !slices.Equal(got, want) {
			t.Errorf("Spans(%d, %d, %d) = %v, want %v", index, begin, length, got, want)
		}
		file, off, ok := l.Single(index, begin, length)
		if single := len(want) == 1 && !want[0].Pad; ok != single {
			t.Errorf("Single(%d, %d, %d) = %v, want %v", index, begin, length, ok, single)
		} else if ok && (file != want[0].File || off != want[0].Off) {
			t.Errorf("Single(%d, %d, %d) = %d, %d", index, begin, length, file, off)
		}
	}
	a := func(off int64, n int) layout.Span { return layout.Span{File: 0, Off: off, Len: n} }
	c := func(off int64, n int) layout.Span { return layout.Span{File: 2, Off: off, Len: n} }
	pad := func(off int64, n int) layout.Span { return layout.Span{File: 3, Off: off, Len: n, Pad: true} }
	e := func(off int64, n int) layout.Span { return layout.Span{File: 5, Off: off, Len: n} }
	check(0, 0, 8, a(0, 8))
	check(0, 7, 1, a(7, 1))
	check(1, 0, 8, a(8, 2), c(0, 3), pad(0, 3))
	check(1, 2, 3, c(0, 3))
	check(1, 4, 2, c(2, 1), pad(0, 1))
	check(1, 6, 2, pad(1, 2))
	check(2, 0, 5, e(0, 5))
	check(2, 4, 1, e(4, 1))
	// Out of range.
	check(2, 0, 6)
	check(2, 5, 1)
	check(3, 0, 1)
	check(-1, 0, 1)
	check(0, -1, 2)
	check(0, 0, 0)
	check(0, 0, 9)
	check(0, 1, int(^uint(0)>>1))
}

func TestFill(t *testing.T) {
	// Content: 0..3 a, 3..5 pad, 5..8 c.
	l := layout.New(info(8, 3, -2, 3))
	broken := errors.New("broken")
	read := func(part []byte, file int, off int64) error {
		if file == 2 && off > 0 {
			return broken
		}
		for i := range part {
			part[i] = byte('A' + 16*int64(file) + off + int64(i))
		}
		return nil
	}
	check := func(begin, length int, want string, fails error) {
		t.Helper()
		p := bytes.Repeat([]byte{'-'}, length)
		if err := l.Fill(p, 0, begin, read); err != fails || string(p) != want {
			t.Errorf("Fill(%d, %d) = %q, %v, want %q, %v", begin, length, p, err, want, fails)
		}
	}
	check(0, 8, "ABC\x00\x00abc", nil)
	check(1, 3, "BC\x00", nil)
	check(3, 2, "\x00\x00", nil)
	check(4, 3, "\x00ab", nil)
	check(6, 2, "--", broken)
}

func TestTouching(t *testing.T) {
	l := layout.New(info(8, 10, 0, 3, -3, 0, 5, 0))
	check := func(file, first, end int) {
		t.Helper()
		if f, e := l.Touching(file); f != first || e != end {
			t.Errorf("Touching(%d) = %d, %d, want %d, %d", file, f, e, first, end)
		}
	}
	check(0, 0, 2)
	check(1, 1, 1)
	check(2, 1, 2)
	check(3, 1, 2)
	check(4, 2, 2)
	check(5, 2, 3)
	check(6, 2, 2)
	if n := layout.New(info(8)).Pieces(); n != 0 {
		t.Errorf("an empty torrent has %d pieces", n)
	}
	if n := layout.New(info(8, 0, 0)).PieceSize(0); n != 0 {
		t.Errorf("an empty torrent has a piece of %d", n)
	}
}

// TestTiling checks on random torrents that the spans of all pieces, cut at
// random, tile the files exactly, and that Touching is their inverse.
func TestTiling(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		lengths := make([]int64, 1+rng.IntN(12))
		for i := range lengths {
			switch rng.IntN(4) {
			case 0: // empty
			case 1:
				lengths[i] = -rng.Int64N(40)
			default:
				lengths[i] = rng.Int64N(100)
			}
		}
		in := info(1+rng.Int64N(64), lengths...)
		l := layout.New(in)
		next := make([]int64, l.Files())
		touched := make([]map[int]bool, l.Files())
		last, total := 0, int64(0)
		for p := range l.Pieces() {
			for begin := 0; begin < l.PieceSize(p); {
				n := 1 + rng.IntN(l.PieceSize(p)-begin)
				sum := 0
				for _, s := range l.Spans(p, begin, n, nil) {
					if s.Len <= 0 || s.File < last || s.Off != next[s.File] || s.Pad != in.Files[s.File].Pad {
						t.Fatalf("seed %d: piece %d has span %+v", seed, p, s)
					}
					if touched[s.File] == nil {
						touched[s.File] = map[int]bool{}
					}
					touched[s.File][p] = true
					last, next[s.File], sum = s.File, s.Off+int64(s.Len), sum+s.Len
				}
				if sum != n {
					t.Fatalf("seed %d: spans of %d bytes for %d", seed, sum, n)
				}
				begin += n
				total += int64(n)
			}
		}
		if total != in.Length {
			t.Fatalf("seed %d: pieces hold %d of %d bytes", seed, total, in.Length)
		}
		for f := range l.Files() {
			if next[f] != in.Files[f].Length {
				t.Fatalf("seed %d: file %d covered to %d of %d", seed, f, next[f], in.Files[f].Length)
			}
			first, end := l.Touching(f)
			for p := range l.Pieces() {
				if touched[f][p] != (p >= first && p < end) {
					t.Fatalf("seed %d: file %d, piece %d: Touching is %d..%d", seed, f, p, first, end)
				}
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	l := layout.New(info(16<<10, 100<<10, 0, 50<<10))
	out := make([]layout.Span, 0, 8)
	if n := testing.AllocsPerRun(100, func() {
		out = l.Spans(6, 0, 16<<10, out[:0])
		l.Single(3, 0, 16<<10)
	}); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

func BenchmarkSingle(b *testing.B) {
	l := layout.New(info(1<<20, slices.Repeat([]int64{5 << 20}, 1000)...))
	for i := 0; b.Loop(); i++ {
		l.Single(i%l.Pieces(), 0, 16<<10)
	}
}
