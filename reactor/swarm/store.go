package swarm

import (
	"errors"

	"spate/reactor/loop"
)

// ErrBusy is what Read, Warm and Acquire answer when too much is under way or
// too many files are open: back-pressure, after which the swarm tries again.
var ErrBusy = errors.New("storage is busy")

// PutStatus is what became of a piece given to Store.Put.
type PutStatus uint8

// The outcomes of Store.Put.
const (
	// Written: the piece's hash was right and its bytes are in the files.
	Written PutStatus = iota
	// BadHash: the hash was wrong; nothing was written.
	BadHash
	// PutFailed: the hash was right, but writing failed.
	PutFailed
)

// PutResult ends a Store.Put.
type PutResult struct {
	// Index is the piece.
	Index int
	// Status says what happened.
	Status PutStatus
	// Err is the reason of PutFailed, nil otherwise.
	Err error
}

// Handle is an open file of a torrent, held by one loop.
type Handle interface {
	loop.File
	// Resident tells whether n bytes from off were in memory a moment ago,
	// so that sending them will hardly block. False also means unknown.
	Resident(off int64, n int) bool
	// ReadNow reads into bufs, in order, what is in memory from off on, and
	// returns how many bytes that was. It never waits for a disk. ok is false
	// where that cannot be done with this file.
	ReadNow(bufs [][]byte, off int64) (n int, ok bool)
	// Release gives the handle back; it must not be used afterwards.
	Release()
}

// Store is a torrent's content as the swarm needs it: package disk implements
// it over files, package sim in memory. No method blocks. Each done is called
// exactly once, from any goroutine and possibly before the method returns, and
// must not block.
type Store interface {
	// Put verifies piece index, held in buf, and writes it when its hash is
	// right. buf belongs to the store until done is called.
	Put(index int, buf []byte, done func(PutResult))
	// Read reads length bytes of a piece from begin into buf, which belongs to
	// the store until done is called.
	Read(index, begin, length int, buf []byte, done func(error))
	// Warm brings a range of a piece into memory, so that sending it by
	// Conn.SendFile does not wait for a disk.
	Warm(index, begin, length int, done func(error))
	// Single tells whether the range lies in one stored file (no file border,
	// no padding), in which, and where.
	Single(index, begin, length int) (file int, off int64, ok bool)
	// Acquire opens a file for reading, or finds it open.
	Acquire(file int, done func(Handle, error))
	// Backlog is the number of bytes given to Put that are not done yet, over
	// all torrents of the store's disk. Safe from any goroutine.
	Backlog() int64
}
