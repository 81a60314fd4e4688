package reactor

import (
	"context"
	"errors"

	"spate/disk"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// memory is where resume state and locks are kept; nil keeps none.
type memory struct {
	fs    vfs.FS
	dir   *resume.Dir
	locks *resume.Locks
}

// openMemory uses a state folder, made when it is not there.
func openMemory(folder string) (*memory, error) {
	locks, err := resume.OpenLocks(folder)
	if err != nil {
		return nil, err
	}
	fs := vfs.Dir(folder)
	return &memory{fs: fs, dir: resume.NewDir(fs), locks: locks}, nil
}

// content is a torrent's files and what is remembered of them.
type content struct {
	store  *disk.Store
	memory *memory
	meta   *metainfo.Torrent
	folder string // the data folder, canonical

	up, down int64         // totals of earlier runs
	saved    chan struct{} // closed when the latest save has ended; nil before the first
}

var _ Keeper = (*content)(nil)

// openContent locks a torrent in its data folder and opens its files.
func openContent(d *disk.Disk, m *memory, meta *metainfo.Torrent, dir string) (*content, error) {
	folder, err := resume.Canonical(dir)
	if err != nil {
		return nil, err
	}
	c := &content{memory: m, meta: meta, folder: folder}
	if m != nil {
		if err := m.locks.Lock(meta.InfoHash, folder); err != nil {
			return nil, err
		}
	}
	if c.store, err = d.Open(meta, folder); err != nil {
		c.unlock()
		return nil, err
	}
	return c, nil
}

func (c *content) unlock() {
	if c.memory != nil {
		c.memory.locks.Unlock(c.meta.InfoHash, c.folder)
	}
}

// known finds out which pieces are there: from the resume state as far as the
// files are as it says, by reading the rest. warn is told of a state that
// cannot be used; the files are then read.
func (c *content) known(ctx context.Context, warn func(error)) (*bitfield.Bits, error) {
	if c.memory == nil {
		return c.store.Check(ctx, nil, nil)
	}
	state, err := c.memory.dir.Load(c.meta.InfoHash, c.folder)
	if err != nil {
		if !errors.Is(err, resume.ErrNone) {
			warn(err)
		}
		return c.store.Check(ctx, nil, nil)
	}
	c.up, c.down = state.Uploaded, state.Downloaded
	stamps, err := c.store.Stamps()
	if err != nil {
		return nil, err
	}
	return completed(ctx, c.store, state, stamps)
}

// completed is the pieces that are there: those that a state vouches for, as the
// files stand, and those found by reading the rest.
func completed(ctx context.Context, store *disk.Store, state *resume.State, stamps []vfs.Stamp) (*bitfield.Bits, error) {
	have, recheck := state.Trust(store.Layout(), stamps)
	if recheck.None() {
		return have, nil
	}
	found, err := store.Check(ctx, recheck, nil)
	if err != nil {
		return nil, err
	}
	for i := found.Next(0); i >= 0; i = found.Next(i + 1) {
		have.Set(i)
	}
	return have, nil
}

// Save implements Keeper, on a goroutine of its own: it waits for the disk. Saves
// of one torrent happen in the order of the calls, so that no older state replaces
// a newer one; the control calls it.
func (c *content) Save(had Had, uploaded, downloaded int64, done func(error)) {
	if c.memory == nil {
		done(nil)
		return
	}
	before, saved := c.saved, make(chan struct{})
	c.saved = saved
	go func() {
		defer close(saved)
		if before != nil {
			<-before
		}
		stamps, err := c.stamps()
		if err != nil {
			done(err)
			return
		}
		answer := make(chan *bitfield.Bits, 1)
		had(func(have *bitfield.Bits) { answer <- have })
		done(c.remember(<-answer, stamps, uploaded, downloaded))
	}()
}

// stamps tells the files as they are now.
func (c *content) stamps() ([]vfs.Stamp, error) {
	stamps, err := c.store.Stamps()
	if err != nil {
		return nil, &unsafeError{err}
	}
	return stamps, nil
}

// remember makes the content durable and saves that it has the pieces of have,
// nil for none of it, beside stamps that were taken before: pieces written since
// then disagree with them, and are found by a check after a kill.
func (c *content) remember(have *bitfield.Bits, stamps []vfs.Stamp, uploaded, downloaded int64) error {
	if have == nil {
		return nil
	}
	if err := c.store.Sync(); err != nil {
		return &unsafeError{err}
	}
	return c.memory.dir.Save(&resume.State{
		InfoHash: c.meta.InfoHash, Folder: c.folder, Have: have, Files: stamps,
		Uploaded: c.up + uploaded, Downloaded: c.down + downloaded,
	})
}

// unsafeError says that pieces which were written may not be there: files are
// gone or others, or what is in memory cannot be brought to the disk.
type unsafeError struct{ error }

// Unwrap returns what happened.
func (e *unsafeError) Unwrap() error { return e.error }

// files is the content's.
func (c *content) files() *disk.Store { return c.store }

// Close implements Keeper: it gives the files and the lock back.
func (c *content) Close() {
	_ = c.store.Close() // nothing is written by it; Sync told of errors before
	c.unlock()
}
