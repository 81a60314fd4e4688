package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spate/disk"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
)

// TestStamps: a store's own changes show, those of others do not, so that
// resume state never vouches for content that nobody verified.
func TestStamps(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 40<<10, 0, -24<<10, 40<<10)
	d := start(t, inMemory(m))
	s := open(t, d, c, "/mem")
	stamps := func(s *disk.Store) []vfs.Stamp {
		t.Helper()
		got, err := s.Stamps()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	onDisk := func(file int) vfs.Stamp {
		t.Helper()
		stamp, err := m.Stat(filepath.ToSlash(c.name(file)))
		if err != nil {
			t.Fatal(err)
		}
		return stamp
	}
	for file, stamp := range stamps(s) {
		if stamp.Size != vfs.Absent {
			t.Errorf("before a write, file %d: %+v", file, stamp)
		}
	}
	putAll(s, c, 0)
	want := []vfs.Stamp{onDisk(0), onDisk(1), {Size: vfs.Absent}, {Size: vfs.Absent}}
	if got := stamps(s); !slices.Equal(got, want) {
		t.Errorf("after a write %+v, want %+v", got, want)
	}
	putAll(s, c, 1, 2, 3, 4, 5)
	want = []vfs.Stamp{onDisk(0), onDisk(1), {Size: vfs.Absent}, onDisk(3)}
	if got := stamps(s); !slices.Equal(got, want) || got[0].Size != 40<<10 {
		t.Errorf("after all writes %+v, want %+v", got, want)
	}
	// Somebody else changes one file and removes another.
	change := func() {
		t.Helper()
		f, err := m.Open("t/f0", vfs.Write)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteAt([]byte("foreign"), 100)
		if err := errors.Join(err, f.Close(), m.Remove("t/d3/f3")); err != nil {
			t.Fatal(err)
		}
	}
	change()
	if got := stamps(s); !slices.Equal(got, want) {
		t.Errorf("after another's changes %+v, want the old ones %+v", got, want)
	}
	if err := s.Sync(); !errors.Is(err, disk.ErrRemoved) {
		t.Errorf("Sync: %v", err)
	}

	// Without Stamps before it, a check sets what is known.
	m2 := memfs.New("/mem")
	m = m2
	d2 := start(t, inMemory(m2))
	first := open(t, d2, c, "/mem")
	putAll(first, c, c.all()...)
	first.Close()
	next := open(t, d2, c, "/mem")
	if !checkAll(t, next).All() {
		t.Fatal("not complete")
	}
	want = []vfs.Stamp{onDisk(0), onDisk(1), {Size: vfs.Absent}, onDisk(3)}
	change()
	if got := stamps(next); !slices.Equal(got, want) {
		t.Errorf("after a check and another's changes %+v, want %+v", got, want)
	}
}

// TestSeedFromReadOnlyFiles: content that may not be written can be checked,
// read, synced and stamped.
func TestSeedFromReadOnlyFiles(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 16<<10, 40<<10, 40<<10)
	c.save(t, dir)
	for file := range 2 {
		if err := os.Chmod(filepath.Join(dir, c.name(file)), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, start(t, disk.Config{Hashers: 1}), c, dir)
	if !checkAll(t, s).All() {
		t.Error("not complete")
	}
	if _, err := read(s, 2, 0, 16<<10); err != nil {
		t.Error(err)
	}
	if err := s.Sync(); err != nil {
		t.Error(err)
	}
	if stamps, err := s.Stamps(); err != nil || stamps[0].Size != 40<<10 {
		t.Errorf("%+v, %v", stamps, err)
	}
}
