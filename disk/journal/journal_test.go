package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
)

// opened is a journal and what its sweep found.
type opened struct {
	*Journal
	records []string
	places  []Place
}

func open(t testing.TB, fs vfs.FS) *opened {
	t.Helper()
	o := &opened{}
	var err error
	o.Journal, err = Open(fs, "a", func(at Place, record []byte) {
		o.records = append(o.records, string(record))
		o.places = append(o.places, at)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func (o *opened) add(t testing.TB, records ...string) {
	t.Helper()
	for _, r := range records {
		p, err := o.Append([]byte(r))
		if err != nil {
			t.Fatal(err)
		}
		o.records, o.places = append(o.records, r), append(o.places, p)
	}
}

// same demands that every record can be read at its place.
func (o *opened) same(t testing.TB, want ...string) {
	t.Helper()
	if !slices.Equal(o.records, want) {
		t.Fatalf("records %q, want %q", o.records, want)
	}
	for i, p := range o.places {
		if got, err := o.Read(p, nil); err != nil || string(got) != want[i] {
			t.Errorf("record %d: %q, %v, want %q", i, got, err, want[i])
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestJournal(t *testing.T) {
	fs := memfs.New("/state")
	j := open(t, fs)
	j.same(t)
	j.add(t, "one", "", "three")
	j.same(t, "one", "", "three") // while they wait
	must(t, j.Flush())
	j.add(t, "four")
	j.same(t, "one", "", "three", "four")
	must(t, j.Sync())
	j = open(t, fs)
	j.same(t, "one", "", "three", "four")

	j.places = []Place{j.places[3], j.places[0]}
	must(t, j.Compact(j.places))
	j.records = []string{"four", "one"}
	j.add(t, "five")
	j.same(t, "four", "one", "five")
	must(t, j.Sync())
	open(t, fs).same(t, "four", "one", "five")
	if names := fs.Names(); !slices.Equal(names, []string{"a"}) {
		t.Errorf("files %q", names)
	}
	if _, err := j.Read(Place{Off: 13, Len: 2}, nil); !errors.Is(err, ErrPlace) {
		t.Errorf("a place without a record: %v", err)
	}
	if _, err := j.Append(make([]byte, MaxRecord+1)); err != ErrTooLong {
		t.Errorf("one byte too long: %v", err)
	}
}

func TestForeign(t *testing.T) {
	fs := memfs.New("/state")
	f, err := fs.Open("a", vfs.Create)
	must(t, err)
	_, err = f.WriteAt([]byte("this is something else"), 0)
	must(t, err)
	_, err = Open(fs, "a", nil)
	if want := "/state/a: not a journal of this program"; !errors.Is(err, ErrFormat) || err.Error() != want {
		t.Fatalf("error %v, want %s", err, want)
	}
	if got := string(fs.Bytes("a")); got != "this is something else" {
		t.Errorf("it was changed to %q", got)
	}
	j, err := Create(fs, "a")
	must(t, err)
	o := &opened{Journal: j}
	o.add(t, "one")
	must(t, o.Sync())
	open(t, fs).same(t, "one")
}

// TestTorn: whatever the end of the file became, the records before it are
// there, and further ones can be added.
func TestTorn(t *testing.T) {
	fs := memfs.New("/state")
	j := open(t, fs)
	j.add(t, "one", "two")
	must(t, j.Flush())
	two := j.places[1].Off
	whole := j.Size()
	for size := int64(0); size < whole; size++ {
		fs := memfs.New("/state")
		j := open(t, fs)
		j.add(t, "one", "two")
		must(t, j.Flush())
		must(t, j.f.Truncate(size))
		var want []string
		if size >= two {
			want = []string{"one"}
		}
		j = open(t, fs)
		j.same(t, want...)
		j.add(t, "more")
		must(t, j.Flush())
		open(t, fs).same(t, append(want, "more")...)
	}
	for at := two; at < whole; at++ {
		fs := memfs.New("/state")
		j := open(t, fs)
		j.add(t, "one", "two")
		must(t, j.Flush())
		_, err := j.f.WriteAt([]byte{fs.Bytes("a")[at] ^ 1}, at)
		must(t, err)
		open(t, fs).same(t, "one")
	}
}

// TestFlipped: whatever bit of a journal is flipped, what it gives are the records
// before the place, as they were, or it is none at all; others can be added.
func TestFlipped(t *testing.T) {
	all := []string{"one", "", "three", "and the fourth"}
	fs := memfs.New("/state")
	j := open(t, fs)
	j.add(t, all...)
	must(t, j.Flush())
	good := fs.Bytes("a")
	for at := range good {
		for bit := range 8 {
			fs := memfs.New("/state")
			f, err := fs.Open("a", vfs.Create)
			must(t, err)
			b := bytes.Clone(good)
			b[at] ^= 1 << bit
			_, err = f.WriteAt(b, 0)
			must(t, err)
			if at < len(magic) {
				if _, err := Open(fs, "a", nil); !errors.Is(err, ErrFormat) {
					t.Fatalf("byte %d: %v", at, err)
				}
				continue
			}
			before := 0
			for before < len(all) && j.places[before].Off+frame+int64(j.places[before].Len) <= int64(at) {
				before++
			}
			again := open(t, fs)
			again.same(t, all[:before]...)
			again.add(t, "more")
			must(t, again.Flush())
			open(t, fs).same(t, append(slices.Clone(all[:before]), "more")...)
		}
	}
}

// TestPowerCut: what was synced is there, what follows may be, in order; a
// compaction has happened or not.
func TestPowerCut(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		fs := memfs.New("/state")
		j := open(t, fs)
		var all []string
		synced := 0
		for i := range 1 + rng.IntN(40) {
			r := fmt.Sprint(i, string(bytes.Repeat([]byte{'x'}, rng.IntN(3000))))
			all = append(all, r)
			j.add(t, r)
			switch rng.IntN(8) {
			case 0:
				must(t, j.Flush())
			case 1:
				must(t, j.Sync())
				synced = len(all)
			case 2:
				must(t, j.Compact(j.places))
				synced = len(all)
			}
		}
		after := open(t, fs.Crash(rng))
		if n := len(after.records); n < synced || !slices.Equal(after.records, all[:n]) {
			t.Fatalf("seed %d: %d records of %d, of which %d were synced", seed, n, len(all), synced)
		}
	}
}

// TestFaults: an operation that fails leaves a journal that can be read.
func TestFaults(t *testing.T) {
	broken := errors.New("broken")
	for n := range 12 {
		fs := memfs.New("/state")
		j := open(t, fs)
		j.add(t, "one", "two")
		must(t, j.Sync())
		calls := 0
		fs.SetFault(func(memfs.Op) error {
			if calls++; calls == n {
				return broken
			}
			return nil
		})
		places := []Place{j.places[1]}
		err := j.Compact(places)
		fs.SetFault(nil)
		got := open(t, fs).records
		if err != nil && len(got) == 2 || len(got) == 1 && got[0] == "two" {
			continue
		}
		t.Errorf("operation %d broken: %v, records %q", n, err, got)
	}
}

func FuzzSweep(f *testing.F) {
	f.Add([]byte(magic))
	f.Add([]byte(magic + "\x00\x00\x00\x01\x00\x00\x00\x00x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fs := memfs.New("/state")
		file, err := fs.Open("a", vfs.Create)
		must(t, err)
		_, err = file.WriteAt(b, 0)
		must(t, err)
		n := 0
		j, err := Open(fs, "a", func(at Place, record []byte) { n++ })
		if err != nil {
			return
		}
		p, err := j.Append([]byte("x"))
		must(t, err)
		must(t, j.Flush())
		if got, err := j.Read(p, nil); err != nil || string(got) != "x" {
			t.Fatal(got, err)
		}
		again := open(t, fs)
		if len(again.records) != n+1 {
			t.Fatalf("%d records, want %d", len(again.records), n+1)
		}
	})
}

// BenchmarkSweep reads a journal of 100,000 records of 200 bytes.
func BenchmarkSweep(b *testing.B) {
	fs := vfs.Dir(b.TempDir())
	j, err := Open(fs, "a", nil)
	must(b, err)
	record := make([]byte, 200)
	for range 100_000 {
		_, err := j.Append(record)
		must(b, err)
	}
	must(b, j.Flush())
	b.SetBytes(j.Size())
	for b.Loop() {
		n := 0
		j, err := Open(fs, "a", func(Place, []byte) { n++ })
		must(b, err)
		if n != 100_000 {
			b.Fatal(n)
		}
		j.Close()
	}
}
