package sim

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"spate/reactor/swarm"
)

// put stores a piece and waits for the result.
func put(t *testing.T, s *Store, index int, buf []byte) (res swarm.PutResult) {
	t.Helper()
	results := 0
	s.Put(index, buf, func(r swarm.PutResult) { results++; res = r })
	s.w.RunFor(time.Hour)
	if results != 1 || res.Index != index || s.Backlog() != 0 {
		t.Errorf("piece %d: %d results, index %d, backlog %d", index, results, res.Index, s.Backlog())
	}
	return res
}

func newStore(cfg StoreConfig, files ...int64) *Store {
	if len(files) == 0 {
		files = []int64{100_000}
	}
	return New(Config{}).Host(HostConfig{}).NewStore(NewContent(1, 16<<10, files...), cfg)
}

// piece is what belongs into a piece.
func piece(s *Store, index int) []byte {
	buf := make([]byte, s.content.meta.Info.PieceSize(index))
	s.content.read(index, 0, buf)
	return buf
}

func TestStorePut(t *testing.T) {
	for _, hash := range []bool{false, true} {
		s := newStore(StoreConfig{Hash: hash, Put: Delay{time.Millisecond, time.Second}})
		check := func(index int, buf []byte, want swarm.PutStatus, count int) {
			t.Helper()
			if res := put(t, s, index, buf); res.Status != want || s.Have().Count() != count {
				t.Errorf("piece %d: status %v, then %d pieces", index, res.Status, s.Have().Count())
			}
		}
		bad := piece(s, 2)
		bad[100]++
		check(0, piece(s, 0), swarm.Written, 1)
		check(6, piece(s, 6), swarm.Written, 2)
		check(2, bad, swarm.BadHash, 2)
		check(3, piece(s, 2), swarm.BadHash, 2)
		check(2, piece(s, 2)[:100], swarm.BadHash, 2)
		check(2, piece(s, 2), swarm.Written, 3)
		if s.BadHashes() != 3 || s.Written() != 16<<10+16<<10+100_000%(16<<10) {
			t.Errorf("%d bad hashes, %d bytes written", s.BadHashes(), s.Written())
		}
	}
}

// TestStoreBuffer: the buffer belongs to the store until done; it is looked at
// last of all.
func TestStoreBuffer(t *testing.T) {
	s := newStore(StoreConfig{Put: Delay{time.Second, time.Second}})
	buf := piece(s, 0)
	var res swarm.PutResult
	s.Put(0, buf, func(r swarm.PutResult) { res = r })
	if s.Backlog() != int64(len(buf)) {
		t.Errorf("backlog %d", s.Backlog())
	}
	buf[0]++
	s.w.RunFor(time.Minute)
	if res.Status != swarm.BadHash {
		t.Error("a buffer that was written to meanwhile has passed")
	}
}

func TestStoreTime(t *testing.T) {
	s := newStore(StoreConfig{Complete: true, Rate: 1 << 20, Read: Delay{Min: time.Millisecond, Max: time.Millisecond}})
	var ends []time.Duration
	for range 4 {
		s.Read(0, 0, 16<<10, make([]byte, 16<<10), func(error) { ends = append(ends, s.w.Now()) })
	}
	s.w.RunFor(time.Minute)
	const each = time.Second / 64
	if want := []time.Duration{each, 2 * each, 3 * each, 4 * each}; len(ends) != 4 {
		t.Errorf("ends at %v", ends)
	} else {
		for i := range want {
			want[i] += time.Millisecond
		}
		if !slices.Equal(ends, want) {
			t.Errorf("ends at %v, want %v", ends, want)
		}
	}
	s = newStore(StoreConfig{Complete: true})
	done := false
	s.Warm(0, 0, 1, func(error) { done = true })
	if !done {
		t.Error("an operation without a delay is not over when it returns")
	}
}

func TestStoreFaults(t *testing.T) {
	all := newStore(StoreConfig{Complete: true, Faults: StoreFaults{Put: 1, Read: 1, Warm: 1, Open: 1}})
	if res := put(t, all, 0, piece(all, 0)); res.Status != swarm.PutFailed || res.Err != syscall.EIO {
		t.Errorf("Put: %+v", res)
	}
	fails := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: %v", what, err)
		}
	}
	all.Read(0, 0, 1, make([]byte, 1), func(err error) { fails("Read", err) })
	all.Warm(0, 0, 1, func(err error) { fails("Warm", err) })
	all.Acquire(0, func(h swarm.Handle, err error) {
		fails("Acquire", err)
		if h != nil {
			t.Error("Acquire failed with a handle")
		}
	})
	small := newStore(StoreConfig{Faults: StoreFaults{Space: 32 << 10}})
	for i, want := range []error{nil, nil, syscall.ENOSPC} {
		if res := put(t, small, i, piece(small, i)); res.Err != want {
			t.Errorf("piece %d of 2: %v", i, res.Err)
		}
	}
	rotten := newStore(StoreConfig{Complete: true, Faults: StoreFaults{Rotten: 3}}, 100*16<<10)
	bad := 0
	for i := range 100 {
		var first []byte
		for range 2 {
			buf := make([]byte, 16<<10)
			rotten.Read(i, 0, len(buf), buf, func(error) {})
			if first != nil && !bytes.Equal(first, buf) {
				t.Fatalf("piece %d is rotten at times", i)
			}
			first = buf
		}
		if !bytes.Equal(first, piece(rotten, i)) {
			bad++
		}
	}
	if bad < 20 || bad > 50 {
		t.Errorf("%d of 100 pieces are rotten, want a third", bad)
	}
	empty := newStore(StoreConfig{})
	mustPanic(t, "reading what is not there", func() {
		empty.Read(0, 0, 1, make([]byte, 1), func(error) {})
	})
}

func TestStoreFiles(t *testing.T) {
	s := newStore(StoreConfig{Complete: true}, 10_000, 0, 30_000, 60_000)
	check := func(index, begin, length, file int, off int64, ok bool) {
		t.Helper()
		f, o, single := s.Single(index, begin, length)
		if single != ok || ok && (f != file || o != off) {
			t.Errorf("Single(%d, %d, %d): file %d at %d, %v", index, begin, length, f, o, single)
		}
	}
	check(0, 0, 10_000, 0, 0, true)
	check(0, 0, 10_001, 0, 0, false)
	check(0, 9_999, 1, 0, 9_999, true)
	check(0, 10_000, 6_384, 2, 0, true)
	check(2, 0, 7_232, 2, 22_768, true)
	check(2, 0, 7_233, 0, 0, false)
	check(2, 7_232, 1, 3, 0, true)
	check(6, 1_695, 1, 3, 59_999, true)
	check(6, 1_695, 2, 0, 0, false)

	var h swarm.Handle
	s.Acquire(2, func(got swarm.Handle, err error) { h = got })
	if h == nil || s.Handles() != 1 || h.FD() >= 0 || !h.Resident(0, 1) {
		t.Fatalf("handle %v, %d of them", h, s.Handles())
	}
	got, want := make([]byte, 30_000), make([]byte, 30_000)
	if n, err := h.ReadAt(got, 0); n != 30_000 || err != nil {
		t.Errorf("ReadAt: %d, %v", n, err)
	}
	_, _ = s.content.ReadAt(want, 10_000)
	if !bytes.Equal(got, want) {
		t.Error("the file has other content")
	}
	if n, err := h.ReadAt(got, 29_000); n != 1000 || err != io.EOF {
		t.Errorf("ReadAt beyond the end: %d, %v", n, err)
	}
	h.Release()
	if s.Handles() != 0 {
		t.Error("the handle was not given back")
	}
	mustPanic(t, "a released file", func() { _, _ = h.ReadAt(got, 0) })
	mustPanic(t, "releasing twice", h.Release)
}

func TestBuffers(t *testing.T) {
	w := New(Config{})
	b, other := w.Buffers(100), w.Buffers(0)
	check := func(n int, ok bool, inUse int64) []byte {
		t.Helper()
		buf := b.Get(n)
		if (buf != nil) != ok || b.InUse() != inUse || ok && len(buf) != n {
			t.Errorf("Get(%d): %d bytes, %d in use", n, len(buf), b.InUse())
		}
		return buf
	}
	first := check(60, true, 60)
	check(41, false, 60)
	check(40, true, 100)
	check(1, false, 100)
	first[5] = 1
	b.Put(first)
	if again := other.Get(60); &again[0] != &first[0] || again[5] != poison {
		t.Error("a buffer that was given back is not used again, or not overwritten")
	}
	b.Put(make([]byte, 40))
	check(1000, true, 1000)
	mustPanic(t, "a buffer too many", func() { b.Put(make([]byte, 1001)) })
}
