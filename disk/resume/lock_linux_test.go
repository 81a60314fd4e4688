package resume

import (
	"testing"

	"spate/proto/metainfo"
)

// A file of locks is open only while there is one in it.
func TestLockFilesRest(t *testing.T) {
	l, err := OpenLocks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	other, err := OpenLocks(l.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	check := func(of *Locks, want int) {
		t.Helper()
		open := 0
		for _, f := range of.kern.files {
			if f != nil {
				open++
			}
		}
		if open > want || want > 0 && open == 0 {
			t.Errorf("%d files are open, want %d at the most", open, want)
		}
	}
	const n = 50
	for i := range n {
		if err := l.Lock(metainfo.Hash{byte(i)}, "a"); err != nil {
			t.Fatal(err)
		}
		if err := other.Lock(metainfo.Hash{byte(i)}, "a"); err == nil {
			t.Fatal("locked twice")
		}
	}
	check(l, n)
	check(other, 0)
	for i := range n {
		l.Unlock(metainfo.Hash{byte(i)}, "a")
	}
	check(l, 0)
	if err := other.Lock(metainfo.Hash{1}, "a"); err != nil {
		t.Error(err)
	}
}
