package disk

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// cached makes a file of n bytes that is in the page cache, except where the
// file system does without one.
func cached(t testing.TB, n int) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestResident(t *testing.T) {
	f := cached(t, 1<<20)
	fd := int(f.Fd())
	if !resident(fd, 0, 1<<20) {
		t.Skip("what was just written is not known to be in memory here")
	}
	for name, ask := range map[string]func(int, int64, int) bool{"resident": resident, "probe": probe} {
		if name == "probe" && !probe(fd, 0, 1) {
			continue // this file system knows no read that does not wait
		}
		check := func(off int64, n int, want bool) {
			t.Helper()
			if got := ask(fd, off, n); got != want {
				t.Errorf("%s(%d, %d) = %v", name, off, n, got)
			}
		}
		check(0, 1<<20, true)
		check(16<<10, 16<<10, true)
		check(12345, 16<<10, true)
		check(1<<20-1, 1, true)
		check(1<<20, 16<<10, false)
		check(-1, 1, false)
	}
	h := handleOf(f)
	for _, n := range []int{1, 1000, arriveStep, arriveStep + 1, 1 << 20} {
		if !h.Resident(0, n) || !h.Resident(1<<20-int64(n), n) || h.Resident(1<<20-int64(n)+1, n) {
			t.Errorf("of %d bytes in memory something else is told", n)
		}
	}
	if resident(-1, 0, 1) || resident(fd, 0, 0) {
		t.Error("nonsense is resident")
	}
	if err := unix.Fadvise(fd, 0, 1<<20, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	if resident(fd, 0, 1<<20) && h.Resident(0, 1<<20) {
		t.Skip("this file system drops nothing from memory")
	}
	if probe(fd, 0, 1<<20) {
		t.Error("probe finds what cachestat says is gone")
	}
}

func BenchmarkResident(b *testing.B) {
	fd := int(cached(b, 1<<20).Fd())
	b.Run("resident", func(b *testing.B) {
		for b.Loop() {
			resident(fd, 128<<10, 16<<10)
		}
	})
	b.Run("probe", func(b *testing.B) {
		for b.Loop() {
			probe(fd, 128<<10, 16<<10)
		}
	})
}
