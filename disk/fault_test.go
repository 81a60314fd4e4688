package disk_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"spate/disk"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
)

// check runs a check of all pieces.
func checkAll(t testing.TB, s *disk.Store) *bitfield.Bits {
	t.Helper()
	have, err := s.Check(context.Background(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return have
}

func TestDiskFull(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 32<<10, 500<<10, 500<<10)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	m.SetSpace(400 << 10)
	var written int
	for _, r := range putAll(s, c, c.all()...) {
		switch r.Status {
		case disk.Written:
			written++
		case disk.PutFailed:
			if !errors.Is(r.Err, syscall.ENOSPC) || r.Err.Error() != "write /mem/t/f0: no space left on device" &&
				r.Err.Error() != "write /mem/t/d1/f1: no space left on device" {
				t.Fatalf("piece %d: %v", r.Index, r.Err)
			}
		default:
			t.Fatalf("piece %d: %+v", r.Index, r)
		}
	}
	if written != 400/32 {
		t.Errorf("%d pieces written into 400 KiB", written)
	}
	if n := checkAll(t, s).Count(); n < written {
		t.Errorf("%d pieces written, %d found", written, n)
	}
	// Once there is room again, the same store goes on.
	m.SetSpace(2 << 20)
	for _, r := range putAll(s, c, c.all()...) {
		if r.Status != disk.Written {
			t.Errorf("with room, piece %d: %v", r.Index, r.Err)
		}
	}
	if !checkAll(t, s).All() {
		t.Error("not complete")
	}
}

func TestReadError(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 32<<10, 200<<10, 10, 200<<10)
	d := start(t, inMemory(m))
	s := open(t, d, c, "/mem")
	putAll(s, c, c.all()...)
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "read" && op.Name == "t/f0" && op.Off < 70<<10 && op.Off+int64(op.Len) > 64<<10 {
			return syscall.EIO
		}
		return nil
	})
	if _, err := read(s, 2, 0, 1); !errors.Is(err, syscall.EIO) || err.Error() != "read /mem/t/f0: input/output error" {
		t.Errorf("Read: %v", err)
	}
	if _, err := read(s, 3, 0, 32<<10); err != nil {
		t.Errorf("Read beside the bad sectors: %v", err)
	}
	done := make(chan error)
	s.Warm(2, 100, 20, func(err error) { done <- err })
	if err := <-done; !errors.Is(err, syscall.EIO) {
		t.Errorf("Warm: %v", err)
	}
	if have := checkAll(t, s); have.Count() != have.Len()-1 || have.Has(2) {
		t.Errorf("check found %d of %d", have.Count(), have.Len())
	}
	if d.Stats().ReadErrors == 0 {
		t.Error("read errors were not counted")
	}
}

// TestTakenAway: files that vanish or shrink under a store.
func TestTakenAway(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 32<<10, 200<<10, 200<<10)
	s := open(t, start(t, disk.Config{Hashers: 2, Files: 1}), c, dir)
	for _, r := range putAll(s, c, 0, 1, 10) {
		if r.Status != disk.Written {
			t.Fatal(r)
		}
	}
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	f0, f1 := filepath.Join(dir, c.name(0)), filepath.Join(dir, c.name(1))
	if err := errors.Join(os.Truncate(f1, 10), os.Remove(f0)); err != nil {
		t.Fatal(err)
	}
	if _, err := read(s, 10, 0, 100); !errors.Is(err, disk.ErrShort) || err.Error() != "read "+f1+": file is shorter than the torrent says" {
		t.Errorf("Read of a file cut short: %v", err)
	}
	// One descriptor: f0 was closed for f1, so the write must open it anew.
	if r := putAll(s, c, 2)[0]; r.Status != disk.PutFailed || !errors.Is(r.Err, disk.ErrRemoved) {
		t.Errorf("Put into a removed file: %+v", r)
	}
	if _, err := os.Stat(f0); !os.IsNotExist(err) {
		t.Error("a removed file was made again, without its pieces")
	}
	if have := checkAll(t, s); have.Count() != 0 {
		t.Errorf("check found %d pieces", have.Count())
	}
}

func TestSyncFindsRemovedFile(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 32<<10, 200<<10)
	s := open(t, start(t, disk.Config{Hashers: 2}), c, dir)
	putAll(s, c, 0)
	path := filepath.Join(dir, c.name(0))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	// Its descriptor is still open, so the write itself goes well.
	if err := s.Sync(); !errors.Is(err, disk.ErrRemoved) || err.Error() != "sync "+path+": file was removed while in use" {
		t.Errorf("Sync: %v", err)
	}
	if r := putAll(s, c, 1)[0]; !errors.Is(r.Err, disk.ErrRemoved) {
		t.Errorf("Put after Sync found out: %+v", r)
	}
	if err := s.Sync(); !errors.Is(err, disk.ErrRemoved) {
		t.Errorf("the next Sync: %v", err)
	}
}

// TestPowerCut: what was written before a Sync survives any power cut after
// it, whatever was written since.
func TestPowerCut(t *testing.T) {
	c := makeContent(t, 16<<10, 100<<10, 0, 30<<10, 5, 100<<10)
	m := memfs.New("/mem")
	s := open(t, start(t, inMemory(m)), c, "/mem")
	pieces := c.all()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	for n := 0; n < len(pieces); n += 4 {
		safe := pieces[:n]
		putAll(s, c, pieces[n:min(n+4, len(pieces))]...)
		for seed := range uint64(20) {
			after := m.Crash(rand.New(rand.NewPCG(seed, uint64(n))))
			have := checkAll(t, open(t, start(t, inMemory(after)), c, "/mem"))
			for _, p := range safe {
				if !have.Has(p) {
					t.Fatalf("after %d pieces, seed %d: piece %d was synced and is lost", n, seed, p)
				}
			}
		}
		if err := s.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if names := m.Names(); len(names) != 5 {
		t.Errorf("files %q", names)
	}
}

// failsOnce lets the first operation of a kind fail with EIO.
func failsOnce(m *memfs.FS, kind string) {
	var failed atomic.Bool
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == kind && failed.CompareAndSwap(false, true) {
			return syscall.EIO
		}
		return nil
	})
}

// TestSyncError: what could not be made durable is due again.
func TestSyncError(t *testing.T) {
	c := makeContent(t, 16<<10, 40<<10, 40<<10)
	for _, kind := range []string{"syncdir", "stat"} {
		m := memfs.New("/mem")
		s := open(t, start(t, inMemory(m)), c, "/mem")
		putAll(s, c, c.all()...)
		failsOnce(m, kind)
		if err := s.Sync(); !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: Sync: %v", kind, err)
		}
		if err := s.Sync(); err != nil {
			t.Errorf("%s: the next Sync: %v", kind, err)
		}
		after := m.Crash(rand.New(rand.NewPCG(1, 1)))
		if !checkAll(t, open(t, start(t, inMemory(after)), c, "/mem")).All() {
			t.Errorf("%s: lost after the next Sync", kind)
		}
	}
}

// TestSyncDrops: content that could not be made durable is lost, whatever the
// kernel says the next time, so that no later Sync vouches for it. A store opened
// anew finds what there is.
func TestSyncDrops(t *testing.T) {
	c := makeContent(t, 16<<10, 40<<10, 40<<10)
	m := memfs.New("/mem")
	d := start(t, inMemory(m))
	s := open(t, d, c, "/mem")
	putAll(s, c, c.all()...)
	failsOnce(m, "sync")
	for range 3 {
		if err := s.Sync(); !errors.Is(err, syscall.EIO) || err.Error() != "sync /mem/t/f0: input/output error" {
			t.Errorf("Sync: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, d, c, "/mem")
	have := checkAll(t, s)
	if n := have.Count(); n == 0 || n == have.Len() {
		t.Errorf("%d of %d pieces are found, want those of the other file", n, have.Len())
	}
	putAll(s, c, c.all()...)
	if err := s.Sync(); err != nil {
		t.Errorf("Sync of the next store: %v", err)
	}
	after := m.Crash(rand.New(rand.NewPCG(1, 1)))
	if !checkAll(t, open(t, start(t, inMemory(after)), c, "/mem")).All() {
		t.Error("lost after that")
	}
}

// TestWriterQueue: while the writer stands still, its queue holds QueueBytes
// and no more, hashers go on with checks, and no caller waits.
func TestWriterQueue(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 32<<10, 1<<20)
	cfg := inMemory(m)
	cfg.QueueBytes = 100 << 10
	d := start(t, cfg)
	s := open(t, d, c, "/mem")
	putAll(s, c, 0)
	stuck := make(chan bool)
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "write" {
			<-stuck
		}
		return nil
	})
	results := make(chan disk.PutResult, c.Info.NumPieces())
	before := d.Stats().HashedBytes
	for _, i := range c.all()[1:] {
		s.Put(i, c.piece(i), func(r disk.PutResult) { results <- r })
	}
	if got, want := d.QueuedBytes(), int64(31*32<<10); got != want || got <= d.QueueLimit() {
		t.Errorf("%d bytes queued, want %d, above the limit of %d", got, want, d.QueueLimit())
	}
	if have := checkAll(t, s); have.Count() != 1 {
		t.Errorf("check beside a stuck writer found %d", have.Count())
	}
	// The check went through all hashers: whatever they could take they have.
	// It read one stored piece, the rest are holes.
	if hashed := d.Stats().HashedBytes - before - 32<<10; hashed > 3*32<<10 {
		t.Errorf("%d bytes hashed for a writer's queue of %d", hashed, cfg.QueueBytes)
	}
	if len(results) != 0 {
		t.Error("a piece was written by a stuck writer")
	}
	close(stuck)
	for range c.all()[1:] {
		if r := <-results; r.Status != disk.Written {
			t.Errorf("%+v", r)
		}
	}
	if !bytes.Equal(m.Bytes("t/f0"), c.data) || d.QueuedBytes() != 0 {
		t.Errorf("not all was written, %d bytes queued", d.QueuedBytes())
	}
}

// TestCloseWaits: Store.Close returns after the last done.
func TestCloseWaits(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 32<<10, 300<<10)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	entered, stuck := make(chan bool), make(chan bool)
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "write" && op.Off == 0 {
			entered <- true
			<-stuck
		}
		return nil
	})
	var done atomic.Int32
	for _, i := range c.all() {
		s.Put(i, c.piece(i), func(disk.PutResult) { done.Add(1) })
	}
	<-entered
	closed := make(chan int32)
	go func() {
		s.Close()
		closed <- done.Load()
	}()
	select {
	case <-closed:
		t.Error("Close returned while a piece was being written")
	default:
	}
	close(stuck)
	if n := <-closed; int(n) != c.Info.NumPieces() {
		t.Errorf("Close returned after %d of %d pieces", n, c.Info.NumPieces())
	}
	if n := m.Descriptors(); n != 0 {
		t.Errorf("%d descriptors after Close", n)
	}
}
