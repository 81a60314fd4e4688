package reactor

import (
	"errors"

	"spate/disk"
	"spate/reactor/swarm"
)

// diskStore is a disk.Store as the swarm wants it.
type diskStore struct{ *disk.Store }

var _ swarm.Store = diskStore{}

// Put passes a piece on.
func (s diskStore) Put(index int, buf []byte, done func(swarm.PutResult)) {
	s.Store.Put(index, buf, func(r disk.PutResult) {
		res := swarm.PutResult{Index: r.Index, Err: r.Err}
		switch r.Status {
		case disk.Written:
			res.Status = swarm.Written
		case disk.BadHash:
			res.Status = swarm.BadHash
		default:
			res.Status = swarm.PutFailed
		}
		done(res)
	})
}

// Read passes a read on.
func (s diskStore) Read(index, begin, length int, buf []byte, done func(error)) {
	s.Store.Read(index, begin, length, buf, func(err error) { done(busy(err)) })
}

// Warm passes a range on.
func (s diskStore) Warm(index, begin, length int, done func(error)) {
	s.Store.Warm(index, begin, length, func(err error) { done(busy(err)) })
}

// busy translates back-pressure. Descriptors that others have come back.
func busy(err error) error {
	if errors.Is(err, disk.ErrBusy) || scarce(err) {
		return swarm.ErrBusy
	}
	return err
}

// Acquire passes an open file on, as nil where there is none.
func (s diskStore) Acquire(file int, done func(swarm.Handle, error)) {
	s.Store.Acquire(file, func(h *disk.Handle, err error) {
		if err != nil {
			done(nil, busy(err))
			return
		}
		done(h, nil)
	})
}
