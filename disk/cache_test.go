package disk_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"spate/disk"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
)

// manyFiles is a torrent of n files of one piece each.
func manyFiles(t testing.TB, n int) content {
	return makeContent(t, 16<<10, slices.Repeat([]int64{16 << 10}, n)...)
}

func TestCacheLimit(t *testing.T) {
	m := memfs.New("/mem")
	c := manyFiles(t, 20)
	cfg := inMemory(m)
	cfg.Files = 4
	d := start(t, cfg)
	s := open(t, d, c, "/mem")
	putAll(s, c, c.all()...)
	if n := m.Descriptors(); n > 4 {
		t.Errorf("%d descriptors after writing, limit 4", n)
	}
	var held []*disk.Handle
	for file := range 4 {
		h, err := acquire(s, file)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, h)
	}
	if _, err := acquire(s, 4); err != disk.ErrBusy {
		t.Errorf("one handle past the limit: %v", err)
	}
	if n := m.Descriptors(); n != 4 {
		t.Errorf("%d descriptors, limit 4", n)
	}
	// The same file again costs nothing, and reads go on by one more.
	again, err := acquire(s, 3)
	if err != nil || again != held[3] {
		t.Errorf("the same file: %v", err)
	}
	again.Release()
	if got, err := read(s, 10, 0, 100); err != nil || !bytes.Equal(got, c.piece(10)[:100]) {
		t.Errorf("Read with all handles held: %v", err)
	}
	if n := m.Descriptors(); n != 4 {
		t.Errorf("%d descriptors after a read beyond the limit, want 4", n)
	}
	held[1].Release()
	if h, err := acquire(s, 4); err != nil {
		t.Errorf("after a release: %v", err)
	} else {
		h.Release()
	}
	if _, ok := s.TryAcquire(1); ok {
		t.Error("the file released first was kept, not the latest")
	}
	for _, i := range []int{0, 2, 3} {
		held[i].Release()
	}
	s.Close()
	if n := m.Descriptors(); n != 0 || d.Stats().OpenFiles != 0 {
		t.Errorf("%d descriptors after Close, %d counted", n, d.Stats().OpenFiles)
	}
}

func TestAcquireErrors(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 5, -20, 5)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	check := func(file int, want error) {
		t.Helper()
		if h, err := acquire(s, file); !errors.Is(err, want) || h != nil {
			t.Errorf("Acquire(%d): %v, want %v", file, err, want)
		}
	}
	check(0, fs.ErrNotExist)
	check(1, disk.ErrRange)
	check(-1, disk.ErrRange)
	check(3, disk.ErrRange)
}

// TestHandleOutlivesUpgrade: a file open for reading is opened anew for
// writing, and whoever reads from it goes on.
func TestHandleOutlivesUpgrade(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 40<<10)
	d := start(t, inMemory(m))
	first := open(t, d, c, "/mem")
	putAll(first, c, 0)
	first.Close()
	s := open(t, d, c, "/mem")
	h, err := acquire(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	if r := putAll(s, c, 1)[0]; r.Status != disk.Written {
		t.Fatal(r)
	}
	got := make([]byte, 100)
	if _, err := h.ReadAt(got, 20<<10); err != nil || !bytes.Equal(got, c.data[20<<10:][:100]) {
		t.Errorf("the old handle: %v", err)
	}
	next, ok := s.TryAcquire(0)
	if !ok || next == h {
		t.Error("the file open for writing is not lent")
	} else {
		next.Release()
	}
	if n := m.Descriptors(); n != 2 {
		t.Errorf("%d descriptors, want both", n)
	}
	h.Release()
	if n := m.Descriptors(); n != 1 {
		t.Errorf("%d descriptors, want the one for writing", n)
	}
}

// TestCacheRace has goroutines acquire, read and write files of two torrents
// with few descriptors.
func TestCacheRace(t *testing.T) {
	m := memfs.New("/mem")
	c := manyFiles(t, 12)
	cfg := inMemory(m)
	cfg.Files = 5
	d := start(t, cfg)
	a, b := open(t, d, c, "/mem"), open(t, d, c, "/mem")
	putAll(a, c, c.all()...)
	var all sync.WaitGroup
	for g := range uint64(6) {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(g, 0))
			got := make([]byte, 64)
			for range 300 {
				s, file := a, rng.IntN(12)
				if rng.IntN(2) == 0 {
					s = b
				}
				if rng.IntN(10) == 0 {
					putAll(s, c, file)
					continue
				}
				h, err := acquire(s, file)
				if err == disk.ErrBusy {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := h.ReadAt(got, 0); err != nil || !bytes.Equal(got, c.piece(file)[:64]) {
					t.Errorf("file %d: %v", file, err)
				}
				h.Release()
			}
		})
	}
	all.Wait()
	if n := m.Descriptors(); n > 5 || n != d.Stats().OpenFiles {
		t.Errorf("%d descriptors at rest, %d counted, limit 5", n, d.Stats().OpenFiles)
	}
	a.Close()
	b.Close()
	if n := m.Descriptors(); n != 0 {
		t.Errorf("%d descriptors after Close", n)
	}
}

func TestBlockPathAllocatesNothing(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 64<<10, 300<<10, 100<<10)
	c.save(t, dir)
	s := open(t, start(t, disk.Config{Hashers: 1}), c, dir)
	h, err := acquire(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Release()
	if n := testing.AllocsPerRun(100, func() {
		file, off, ok := s.Single(1, 16<<10, 16<<10)
		if !ok {
			t.Fatal("not single")
		}
		h, ok := s.TryAcquire(file)
		if !ok {
			t.Fatal("not open")
		}
		h.Resident(off, 16<<10)
		h.Release()
	}); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

// TestStoreStaysInside: what links in the data folder lead to is read wherever
// it is, and written by no way of a Store when it is outside.
func TestStoreStaysInside(t *testing.T) {
	top := t.TempDir()
	outside := filepath.Join(top, "outside")
	dir := filepath.Join(top, "data")
	c := makeContent(t, 16<<10, 16<<10, 16<<10)
	if err := errors.Join(
		os.MkdirAll(filepath.Join(outside, "d1"), 0o777),
		os.MkdirAll(filepath.Join(dir, "t"), 0o777),
		os.WriteFile(filepath.Join(outside, "f0"), c.file(0), 0o666),
		os.Symlink("../../outside/f0", filepath.Join(dir, "t/f0")),
		os.Symlink(filepath.Join(outside, "d1"), filepath.Join(dir, "t/d1")),
	); err != nil {
		t.Fatal(err)
	}
	s := open(t, start(t, disk.Config{Hashers: 1}), c, dir)
	for _, r := range putAll(s, c, 0, 1) {
		if r.Status != disk.PutFailed || !errors.Is(r.Err, vfs.ErrOutside) {
			t.Errorf("%+v", r)
		}
	}
	got, err := read(s, 0, 0, 16<<10)
	if err != nil || !bytes.Equal(got, c.file(0)) {
		t.Errorf("reading through a link: %v", err)
	}
	if _, err := read(s, 1, 0, 16<<10); err == nil {
		t.Error("read what is not there")
	}
	if have := checkAll(t, s); !have.Has(0) || have.Count() != 1 {
		t.Errorf("check found %s", show(have))
	}
	if left, _ := os.ReadDir(filepath.Join(outside, "d1")); len(left) != 0 {
		t.Errorf("written outside: %v", left)
	}
	if got, _ := os.ReadFile(filepath.Join(outside, "f0")); !bytes.Equal(got, c.file(0)) {
		t.Error("a file outside was changed")
	}
}

// TestHandleIsMapped: as long as it is held, and no longer than the file is open.
func TestHandleIsMapped(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 32<<10, 100<<10, 90<<10)
	c.save(t, dir)
	d := start(t, disk.Config{Files: 1})
	s := open(t, d, c, dir)
	h, err := acquire(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := h.Mapped(5, 1000)
	if b == nil && runtime.GOOS != "linux" {
		t.Skip("only Linux maps content")
	}
	if !bytes.Equal(b, c.file(1)[5:1005]) || h.Mapped(0, 90<<10) == nil || h.Mapped(0, 90<<10+1) != nil {
		t.Error("what is mapped is not the file")
	}
	if err := os.Truncate(s.Path(1), 10); err != nil {
		t.Fatal(err)
	}
	if h.Mapped(0, 90<<10) == nil {
		t.Error("a file that became shorter is the kernel's to find out")
	}
	if n := d.Stats().MappedBytes; n <= 0 {
		t.Errorf("%d bytes mapped", n)
	}
	h.Release()
	if other, err := acquire(s, 0); err != nil { // there is room for one
		t.Error(err)
	} else {
		other.Release()
	}
	if n := d.Stats().MappedBytes; n != 0 {
		t.Errorf("%d bytes mapped of a file that is closed", n)
	}
	m := memfs.New("/mem")
	d = start(t, inMemory(m))
	s = open(t, d, c, "/mem")
	putAll(s, c, c.all()...)
	if h, err = acquire(s, 0); err != nil {
		t.Fatal(err)
	}
	defer h.Release()
	if h.Mapped(0, 1) != nil {
		t.Error("a file without a descriptor is mapped")
	}
}

func BenchmarkTryAcquire(b *testing.B) {
	dir := b.TempDir()
	c := manyFiles(b, 1)
	c.save(b, dir)
	s := open(b, start(b, disk.Config{}), c, dir)
	h, err := acquire(s, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer h.Release()
	for b.Loop() {
		h, _ := s.TryAcquire(0)
		h.Release()
	}
}
