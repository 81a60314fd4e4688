package disk

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// handleOf is an open file as the descriptor cache lends it.
func handleOf(f *os.File) *Handle { return &Handle{fd: int(f.Fd())} }

func TestReadNow(t *testing.T) {
	const size = 3 << 20
	f := cached(t, size)
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{3}).Read(data)
	if _, err := f.WriteAt(data, 0); err != nil {
		t.Fatal(err)
	}
	check := func(h *Handle, off int64, parts []int, want int) {
		t.Helper()
		var bufs [][]byte
		var all int
		for _, n := range parts {
			bufs = append(bufs, make([]byte, n))
			all += n
		}
		n, ok := h.ReadNow(bufs, off)
		got := bytes.Join(bufs, nil)
		if !ok || n != want || !bytes.Equal(got[:n], data[min(int(off), size):][:n]) {
			t.Errorf("%d bytes from %d: got %d, %v; want %d", all, off, n, ok, want)
		}
	}
	many := make([]int, nowVectors+7)
	for i := range many {
		many[i] = 16 << 10
	}
	h, plain := handleOf(f), handleOf(f)
	plain.waits.Store(true)
	for _, h := range []*Handle{h, plain} {
		check(h, 0, []int{16 << 10}, 16<<10)
		check(h, 12345, []int{1, 16 << 10, 4095}, 1+16<<10+4095)
		check(h, 100, many, len(many)*16<<10)
		check(h, 0, nil, 0)
	}
	if !h.waits.Load() {
		check(h, size-5, []int{3, 16}, 5) // the file ends
		check(h, size+5, []int{16}, 0)
	}
	check(plain, size-5, []int{3, 16}, 0) // what is not there is not in memory
	if n, ok := (&Handle{fd: -1}).ReadNow([][]byte{make([]byte, 1)}, 0); n != 0 || ok {
		t.Error("read from no file")
	}

	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, size, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	if probe(int(f.Fd()), 0, 1) || resident(int(f.Fd()), 0, 1) {
		t.Skip("this file system drops nothing from memory")
	}
	check(h, 0, []int{16 << 10}, 0)
	check(plain, 0, []int{16 << 10}, 0)
}

func BenchmarkReadNow(b *testing.B) {
	h := handleOf(cached(b, 1<<20))
	bufs := make([][]byte, 64)
	for i := range bufs {
		bufs[i] = make([]byte, 16<<10)
	}
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		h.ReadNow(bufs, 0)
	}
}
