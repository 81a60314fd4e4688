package wirecache

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"spate/proto/metainfo"
	"spate/reactor/loop"
)

func TestFileHoldsTheWire(t *testing.T) {
	r := newRig(t, 1<<20, 100, 2, func(c *Config) { c.Create = File })
	r.heat(1)
	m := r.t.Acquire(1, 0, metainfo.BlockSize)
	if m == nil {
		t.Fatal("no image")
	}
	r.src.holds(t, m, 1)
	if _, err := m.ReadAt(make([]byte, 2), wireSize(r.src.info.PieceSize(1))-1); err == nil {
		t.Error("no error for a read beyond the end")
	}
	var st unix.Stat_t
	if err := unix.Fstat(m.FD(), &st); err != nil || st.Size != wireSize(r.src.info.PieceSize(1)) {
		t.Fatalf("file of %d bytes, %v", st.Size, err)
	}
	if taken := st.Blocks * 512; taken > m.size {
		t.Errorf("takes %d bytes, counted %d", taken, m.size)
	}
	fd := m.FD()
	r.SetBudget(0)
	if err := unix.Fstat(fd, &st); err != nil {
		t.Errorf("closed while it is held: %v", err)
	}
	m.Release()
	if err := unix.Fstat(fd, &st); err == nil && st.Size == wireSize(r.src.info.PieceSize(1)) {
		t.Error("not closed by the last holder")
	}
}

// One past what a system call takes.
func TestFileOfManyParts(t *testing.T) {
	var parts [][]byte
	var want []byte
	for i := range 2*mostParts + 1 {
		parts = append(parts, []byte{byte(i), byte(i >> 8), 7})
		want = append(want, parts[i]...)
	}
	m, err := File(parts, int64(len(want)))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	got := make([]byte, len(want))
	if _, err := m.ReadAt(got, 0); err != nil || string(got) != string(want) {
		t.Errorf("other bytes (%v)", err)
	}
}

// Huge pages change neither the content nor, as only whole ones are made, the
// memory that is taken.
func TestFileOfHugePages(t *testing.T) {
	check := func(size int) {
		t.Helper()
		want := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(want)
		m, err := File([][]byte{want[:size/3], want[size/3:]}, int64(size))
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var st unix.Stat_t
		if err := unix.Fstat(m.FD(), &st); err != nil {
			t.Fatal(err)
		}
		if pages := int64(size+page-1) / page * page; st.Size != int64(size) || st.Blocks*512 > pages {
			t.Errorf("%d bytes: file of %d that takes %d", size, st.Size, st.Blocks*512)
		}
		got := make([]byte, size)
		if _, err := m.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: other content (%v)", size, err)
		}
	}
	for _, size := range []int{1, hugePage - 1, hugePage, hugePage + 1, 2*hugePage + 5000, 5 << 20} {
		check(size)
	}
}

func TestAfter(t *testing.T) {
	check := func(n int, want string) {
		t.Helper()
		got := ""
		for _, p := range after([][]byte{[]byte("ab"), []byte("cde"), []byte("f")}, n) {
			got += string(p) + "|"
		}
		if got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	check(0, "ab|cde|f|")
	check(1, "b|cde|f|")
	check(2, "cde|f|")
	check(4, "e|f|")
	check(6, "")
}

func TestFileOfFullDescriptors(t *testing.T) {
	if _, err := File([][]byte{make([]byte, 1<<20)}, -1); err != nil {
		t.Errorf("nothing to write: %v", err)
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	before := len(files)
	r := newRig(t, 1<<20, 100, 4, func(c *Config) { c.Create = File })
	for piece := range 4 {
		r.heat(piece)
	}
	r.Close()
	if files, _ = os.ReadDir("/proc/self/fd"); len(files) != before {
		t.Errorf("%d descriptors, %d before", len(files), before)
	}
}

// Images in pipes hold the wire, too, and go with the last holder.
func TestLayHoldsTheWire(t *testing.T) {
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	r := newRig(t, 1<<20, 100, 2, func(c *Config) { c.Create = Lay })
	r.heat(1)
	m := r.t.Acquire(1, 0, metainfo.BlockSize)
	if m == nil {
		t.Fatal("no image")
	}
	if _, ok := m.Memory.(loop.Piped); !ok {
		t.Errorf("lies in a %T", m.Memory)
	}
	r.src.holds(t, m, 1)
	r.SetBudget(0)
	r.src.holds(t, m, 1)
	m.Release()
	if after, _ := os.ReadDir("/proc/self/fd"); len(after) != len(before) {
		t.Errorf("%d descriptors, %d before", len(after), len(before))
	}
}

func BenchmarkBuild(b *testing.B) {
	b.Run("files", func(b *testing.B) { benchBuild(b, File) })
	b.Run("pipes", func(b *testing.B) { benchBuild(b, Lay) })
}

func benchBuild(b *testing.B, create func([][]byte, int64) (Memory, error)) {
	r := newRig(b, 1<<30, 100, 64, func(c *Config) { c.Create = create })
	b.SetBytes(testPiece)
	for i := 0; b.Loop(); i++ {
		r.want(r.t, groupOf(r.src.info, 1, i%63), 1<<20)
		if i%63 == 62 {
			r.SetBudget(0)
			r.SetBudget(1 << 30)
		}
	}
}
