package reactor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"spate/disk"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/reactor/swarm"
)

// errDoubt says that content which was trusted is not the torrent's.
var errDoubt = errors.New("content does not have its hash")

// maxDoubts is how many pieces of a torrent are verified at a time.
const maxDoubts = 16

// doubtful is content that was trusted and never verified: a piece is, before
// anything of it is sent for the first time. Until then no range of it lies in a
// file, as far as the swarm can see, so that it is read.
type doubtful struct {
	swarm.Store
	verify func(piece int) error // blocks
	start  func(func())          // runs what blocks

	good []atomic.Bool // by piece

	mu      sync.Mutex
	waiting map[int][]func(error) // reads of pieces that are being verified
}

func newDoubtful(s swarm.Store, info *metainfo.Info, verify func(int) error, start func(func())) *doubtful {
	return &doubtful{
		Store: s, verify: verify, start: start,
		good: make([]atomic.Bool, info.NumPieces()), waiting: make(map[int][]func(error)),
	}
}

// Single finds only what was verified.
func (d *doubtful) Single(index, begin, length int) (file int, off int64, ok bool) {
	if !d.good[index].Load() {
		return 0, 0, false
	}
	return d.Store.Single(index, begin, length)
}

// Read verifies the piece first, if that was not done.
func (d *doubtful) Read(index, begin, length int, buf []byte, done func(error)) {
	read := func(err error) {
		if err != nil {
			done(err)
			return
		}
		d.Store.Read(index, begin, length, buf, done)
	}
	d.mu.Lock()
	others, under := d.waiting[index]
	switch {
	case d.good[index].Load():
		d.mu.Unlock()
		read(nil)
		return
	case !under && len(d.waiting) >= maxDoubts:
		d.mu.Unlock()
		done(swarm.ErrBusy)
		return
	}
	d.waiting[index] = append(others, read)
	d.mu.Unlock()
	if !under {
		d.start(func() { d.settle(index) })
	}
}

// settle verifies a piece and lets those go on that wait for it.
func (d *doubtful) settle(index int) {
	err := d.verify(index)
	d.mu.Lock()
	waiting := d.waiting[index]
	delete(d.waiting, index)
	d.good[index].Store(err == nil)
	d.mu.Unlock()
	for _, read := range waiting {
		read(err)
	}
}

// verifyPiece reads a piece and compares its hash.
func verifyPiece(ctx context.Context, store *disk.Store, piece int) error {
	which := bitfield.New(store.Layout().Pieces())
	which.Set(piece)
	have, err := store.Check(ctx, which, nil)
	if err == nil && have.None() {
		err = errDoubt
	}
	return err
}
