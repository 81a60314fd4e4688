package disk_test

import (
	"bytes"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"

	"spate/disk"
	"spate/disk/vfs/memfs"
)

// TestNoDescriptors: while files cannot be opened because others have all
// descriptors, reads, checks and writes wait, whoever may have some to give is
// told, and nothing fails.
func TestNoDescriptors(t *testing.T) {
	check := func(why syscall.Errno, fails int32) {
		t.Helper()
		m := memfs.New("/mem")
		c := makeContent(t, 32<<10, 100<<10, 100<<10)
		cfg := inMemory(m)
		var told, left atomic.Int32
		cfg.Short = func() { told.Add(1) }
		s := open(t, start(t, cfg), c, "/mem")
		m.SetFault(func(op memfs.Op) error {
			if op.Kind == "open" && left.Add(-1) >= 0 {
				return why
			}
			return nil
		})
		scarce := func(what string, op func()) {
			left.Store(fails)
			told.Store(0)
			op()
			// The first failure is answered by closing files; several may be met
			// at a time.
			if got := told.Load(); got < 1 || got >= fails || left.Load() >= 0 {
				t.Errorf("%v: %s: told %d times of %d failures", why, what, got, fails)
			}
		}
		scarce("write", func() {
			for _, r := range putAll(s, c, c.all()...) {
				if r.Status != disk.Written {
					t.Errorf("%v: piece %d: %v", why, r.Index, r.Err)
				}
			}
		})
		s.Close()
		s = open(t, start(t, cfg), c, "/mem")
		scarce("check", func() {
			if have := checkAll(t, s); !have.All() {
				t.Errorf("%v: check found %d", why, have.Count())
			}
		})
		s.Close()
		s = open(t, start(t, cfg), c, "/mem")
		scarce("read", func() {
			if got, err := read(s, 1, 0, 32<<10); err != nil || !bytes.Equal(got, c.piece(1)) {
				t.Errorf("%v: read: %v", why, err)
			}
		})
	}
	check(syscall.EMFILE, 4)
	check(syscall.ENFILE, 3)
}

// TestCloseEndsWaiting: a Disk that waits for a descriptor can be closed.
func TestCloseEndsWaiting(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 32<<10, 100<<10)
	waiting := make(chan bool, 100)
	cfg := inMemory(m)
	cfg.Short = func() { waiting <- true }
	d := disk.New(cfg)
	s := open(t, d, c, "/mem")
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "open" {
			return syscall.EMFILE
		}
		return nil
	})
	result := make(chan disk.PutResult, 1)
	s.Put(0, c.piece(0), func(r disk.PutResult) { result <- r })
	<-waiting
	d.Close()
	if r := <-result; r.Status != disk.PutFailed || !errors.Is(r.Err, syscall.EMFILE) {
		t.Errorf("%+v", r)
	}
}
