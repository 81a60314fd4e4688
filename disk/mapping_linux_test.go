package disk

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
)

// mapFileOf maps a new file of size bytes.
func mapFileOf(t *testing.T, s *mappings, size int64) *mapping {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "content"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("the end"), size-7); err != nil {
		t.Fatal(err)
	}
	m := s.newMapping(int(f.Fd()), size)
	if m == nil {
		t.Fatal("not mapped")
	}
	return m
}

// entered is how many windows of a mapping are marked.
func entered(m *mapping) (n int) {
	for i := range int64(len(m.entered) * 64) {
		n += int(m.entered[i/64].Load() >> (i % 64) & 1)
	}
	return n
}

// pages is how many pages of a part of a mapping the address space has, by
// /proc/self/pagemap.
func pages(t *testing.T, b []byte) (n int) {
	t.Helper()
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	entries := make([]byte, 8*((len(b)+4095)/4096))
	if _, err := f.ReadAt(entries, int64(uintptr(unsafe.Pointer(&b[0]))/4096*8)); err != nil {
		t.Skip(err)
	}
	for i := 7; i < len(entries); i += 8 {
		n += int(entries[i] >> 7) // present
	}
	return n
}

func TestMappingHasTheFile(t *testing.T) {
	s := newMappings(1 << 30)
	const size = 5*window + 100
	m := mapFileOf(t, s, size)
	if got := m.span(size-7, 7); string(got) != "the end" || cap(got) != 7 {
		t.Errorf("%q, and room for %d", got, cap(got))
	}
	check := func(off int64, n, windows int) {
		t.Helper()
		b := m.span(off, n)
		if len(b) != n || entered(m) != windows || s.size() != int64(windows)*window {
			t.Errorf("%d bytes from %d: %d, %d windows marked and %d counted, want %d", n, off, len(b), entered(m), s.size()/window, windows)
		}
	}
	check(window-1, 2, 3)
	check(0, window, 3)
	check(2*window, 2*window, 5)
	for _, beyond := range [][2]int64{{-1, 1}, {0, 0}, {size, 1}, {size - 1, 2}, {0, size + 1}, {1 << 62, 1}} {
		if m.span(beyond[0], int(beyond[1])) != nil {
			t.Errorf("%v is within", beyond)
		}
	}
	if s.end(m); s.size() != 0 || len(s.oldest) != 0 {
		t.Errorf("%d bytes and %d windows at the end", s.size(), len(s.oldest))
	}
	if s.newMapping(-1, 1) != nil || s.newMapping(0, 0) != nil {
		t.Error("what cannot be mapped is")
	}
}

// TestMappedIsBounded: beyond the limit the oldest windows are taken out.
func TestMappedIsBounded(t *testing.T) {
	s := newMappings(4*window + 1)
	a, b := mapFileOf(t, s, 8*window), mapFileOf(t, s, 3*window)
	touch := func(m *mapping, i int64) {
		bytes.Count(m.span(i*window, window), []byte{1}) // reads it all
	}
	for _, i := range []int64{3, 1, 2} {
		touch(a, i)
	}
	touch(b, 2)
	if s.size() != 4*window || pages(t, a.slice(3)) != window/4096 {
		t.Fatalf("%d bytes are mapped, %d pages of the first window", s.size(), pages(t, a.slice(3)))
	}
	touch(a, 7)
	touch(a, 2) // is there
	if n := pages(t, a.slice(3)); n != 0 || s.size() != 4*window || entered(a) != 3 || entered(b) != 1 {
		t.Errorf("the oldest has %d pages, %d bytes are mapped, %d and %d windows", n, s.size(), entered(a), entered(b))
	}
	if n := pages(t, a.slice(1)); n != window/4096 {
		t.Errorf("the next one has %d pages", n)
	}
	touch(b, 0)
	if pages(t, a.slice(1)) != 0 || pages(t, a.slice(2)) == 0 {
		t.Error("it is not the oldest that goes")
	}
	s.end(b)
	for i := range int64(8) {
		touch(a, i)
	}
	if s.size() != 4*window || entered(a) != 4 || len(s.oldest) > 6 {
		t.Errorf("%d bytes, %d windows, %d in line", s.size(), entered(a), len(s.oldest))
	}
	s.end(a)
	if s.size() != 0 || len(s.oldest) != 0 || s.gone != 0 {
		t.Errorf("%d bytes at the end, %d in line", s.size(), len(s.oldest))
	}
}

// TestMappingsOfMany: loops that touch what others touch and take out, and files
// that come and go, leave the count right, and nothing in line.
func TestMappingsOfMany(t *testing.T) {
	s := newMappings(5 * window)
	shared := mapFileOf(t, s, 9*window)
	var most atomic.Int64
	var loops sync.WaitGroup
	for n := range 4 {
		own := make([]*mapping, 20)
		for i := range own {
			own[i] = mapFileOf(t, s, 2*window)
		}
		loops.Go(func() {
			for i, m := range own {
				for j := range 50 {
					shared.span(int64((i*7+j*n)%9)*window, 100)
					m.span(int64(j%2)*window, 100)
					most.Store(max(most.Load(), s.size()))
				}
				s.end(m)
			}
		})
	}
	loops.Wait()
	if most.Load() > 5*window {
		t.Errorf("%d bytes were mapped", most.Load())
	}
	if s.size() != int64(entered(shared))*window {
		t.Errorf("%d windows are counted, %d are there", s.size()/window, entered(shared))
	}
	s.end(shared)
	if s.size() != 0 || len(s.oldest) != 0 {
		t.Errorf("%d bytes and %d in line at the end", s.size(), len(s.oldest))
	}
}
