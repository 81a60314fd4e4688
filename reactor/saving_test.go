package reactor

import (
	"context"
	"sync/atomic"
	"testing"

	"spate/disk"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/reactor/sim"
)

// TestWrittenWhileSaved: a piece that is written while the state is being saved,
// which says that it is not there, is found after a kill.
func TestWrittenWhileSaved(t *testing.T) {
	data, state := memfs.New(dataDir), memfs.New(stateDir)
	source := sim.NewContent(32, 32<<10, 200_000)
	locks, err := resume.OpenLocks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer locks.Close()
	open := func() (*content, *disk.Disk) {
		d := disk.New(disk.Config{Hashers: 1, Folder: func(string) vfs.FS { return data }})
		c, err := openContent(d, &memory{fs: state, dir: resume.NewDir(state), locks: locks}, source.Meta(), dataDir)
		if err != nil {
			t.Fatal(err)
		}
		return c, d
	}
	c, d := open()
	put := func(piece int) {
		buf := make([]byte, source.Meta().Info.PieceSize(piece))
		_, _ = source.ReadAt(buf, int64(piece)*source.Meta().Info.PieceLength)
		results := make(chan disk.PutResult, 1)
		c.store.Put(piece, buf, func(r disk.PutResult) { results <- r })
		if r := <-results; r.Status != disk.Written {
			t.Error(r)
		}
	}
	put(0)
	var during atomic.Bool
	data.SetFault(func(op memfs.Op) error {
		if op.Kind == "sync" && during.CompareAndSwap(false, true) {
			put(1)
		}
		return nil
	})
	have := bitfield.New(source.Meta().Info.NumPieces())
	have.Set(0)
	if err := saved(c, have); err != nil || !during.Load() {
		t.Fatalf("remember: %v, synced %v", err, during.Load())
	}
	c.Close()
	d.Close()

	c, d = open()
	defer d.Close()
	defer c.Close()
	found, err := c.known(context.Background(), func(err error) { t.Error(err) })
	if err != nil || !found.Has(0) || !found.Has(1) || found.Count() != 2 {
		t.Errorf("%d pieces are found, want both: %v", found.Count(), err)
	}
}

// saved has content remember what is had.
func saved(c *content, have *bitfield.Bits) error {
	err := make(chan error, 1)
	c.Save(func(answer func(*bitfield.Bits)) { answer(have) }, 0, 0, func(e error) { err <- e })
	return <-err
}
