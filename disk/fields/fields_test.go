package fields

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// takers are the fields, by what takes one and tells it as a number.
var takers = []struct {
	name string
	take func(*Decoder) int64
}{
	{"Take", func(d *Decoder) int64 { return int64(len(d.Take(3))) }},
	{"Byte", func(d *Decoder) int64 { return int64(d.Byte()) }},
	{"Uint32", func(d *Decoder) int64 { return int64(d.Uint32()) }},
	{"Int64", (*Decoder).Int64},
	{"Number", (*Decoder).Number},
	{"Signed", (*Decoder).Signed},
}

func TestFields(t *testing.T) {
	b := []byte{'a', 'b', 'c', 200}
	b = binary.BigEndian.AppendUint32(b, math.MaxUint32)
	b = binary.BigEndian.AppendUint64(b, math.MaxUint64)
	b = binary.AppendUvarint(b, math.MaxInt64)
	b = binary.AppendVarint(b, math.MinInt64)
	want := []int64{3, 200, math.MaxUint32, -1, math.MaxInt64, math.MinInt64}
	read := func(d *Decoder) (got []int64) {
		for _, f := range takers {
			got = append(got, f.take(d))
		}
		return got
	}
	d := New(b)
	if got := read(&d); !slices.Equal(got, want) || d.Bad() || d.Left() != 0 {
		t.Fatalf("%v, %d left, bad %v; want %v", got, d.Left(), d.Bad(), want)
	}
	for n := range b {
		d := New(b[:n])
		if read(&d); !d.Bad() {
			t.Errorf("not bad with %d of %d bytes", n, len(b))
		}
	}
}

func TestTooLarge(t *testing.T) {
	check := func(b []byte, take func(*Decoder) int64) {
		t.Helper()
		if d := New(b); take(&d) != 0 || !d.Bad() {
			t.Errorf("%x is taken", b)
		}
	}
	long := slices.Repeat([]byte{0xff}, binary.MaxVarintLen64)
	check(binary.AppendUvarint(nil, math.MaxInt64+1), (*Decoder).Number)
	check(append(long, 1), (*Decoder).Number)
	check(append(long, 1), (*Decoder).Signed)
}

func TestBadForGood(t *testing.T) {
	for _, f := range takers {
		d := New(slices.Repeat([]byte{1}, 20))
		d.Fail()
		if got := f.take(&d); got != 0 || !d.Bad() || d.Left() != 20 {
			t.Errorf("%s of a bad decoder: %d, %d left", f.name, got, d.Left())
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte{}, []byte{0})
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, []byte{1, 4, 2})
	f.Fuzz(func(t *testing.T, b, order []byte) {
		d := New(b)
		for _, o := range order {
			was, left := d.Bad(), d.Left()
			taker := takers[int(o)%len(takers)]
			taker.take(&d)
			if d.Left() > left || (was && !d.Bad()) || (d.Bad() && d.Left() != left) {
				t.Fatalf("%s: %d left of %d, bad %v after %v", taker.name, d.Left(), left, d.Bad(), was)
			}
		}
	})
}
