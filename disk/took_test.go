package disk_test

import (
	"sync/atomic"
	"testing"
	"time"

	"spate/disk"
	"spate/disk/vfs/memfs"
)

// TestTook: each job is told of once, with its kind.
func TestTook(t *testing.T) {
	var counts [disk.Ops]atomic.Int64
	cfg := inMemory(memfs.New("mem"))
	cfg.Took = func(op disk.Op, d time.Duration) {
		if d < 0 {
			t.Errorf("%v took %v", op, d)
		}
		counts[op].Add(1)
	}
	d := start(t, cfg)
	c := makeContent(t, 64<<10, 100<<10, 50<<10)
	s := open(t, d, c, "data")
	check := func(what string, want map[disk.Op]int64) {
		t.Helper()
		for op := range disk.Ops {
			if got := counts[op].Swap(0); got != want[op] {
				t.Errorf("%s: %d times %v, want %d", what, got, op, want[op])
			}
		}
	}
	putAll(s, c, c.all()...)
	check("put", map[disk.Op]int64{disk.OpHash: 3, disk.OpWrite: 3})
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	check("sync", map[disk.Op]int64{disk.OpSync: 2})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, d, c, "data")
	h, err := acquire(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Release()
	check("acquire", map[disk.Op]int64{disk.OpQueue: 1, disk.OpOpen: 1})
	if _, err := read(s, 1, 0, 100); err != nil {
		t.Fatal(err)
	}
	check("read", map[disk.Op]int64{disk.OpQueue: 1, disk.OpRead: 1})
	before := d.Stats()
	done := make(chan error)
	s.Warm(0, 0, 1000, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	check("warm", map[disk.Op]int64{disk.OpQueue: 1, disk.OpWarm: 1})
	if after := d.Stats(); after.WarmedBytes-before.WarmedBytes != 1000 || after.ReadBytes-before.ReadBytes != 1000 {
		t.Errorf("warming 1000 bytes counts %d, and %d read", after.WarmedBytes-before.WarmedBytes, after.ReadBytes-before.ReadBytes)
	}
	if after := d.Stats(); after.FileLimit != disk.DefaultFiles || after.QueuedReads != 0 {
		t.Errorf("%+v", after)
	}
}
