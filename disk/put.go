package disk

import (
	"spate/disk/layout"
	"spate/disk/sha1lanes"
	"spate/disk/vfs"
)

// PutStatus is what became of a piece given to Store.Put.
type PutStatus uint8

// The outcomes of Store.Put.
const (
	// Written: the hash was right and the bytes are in the files.
	Written PutStatus = iota
	// BadHash: the hash, or the length, was wrong; nothing was written.
	BadHash
	// PutFailed: the bytes could not be written, or not be queued.
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

// Put verifies piece index, held in buf, and has it written when its hash is
// right. buf belongs to the store until done is called: once, on a disk
// goroutine, or before Put returns when the piece cannot be queued. done must
// not block.
func (s *Store) Put(index int, buf []byte, done func(PutResult)) {
	err := s.begin()
	if err == nil {
		if err = s.disk.pipe.put(put{store: s, index: index, buf: buf, done: done}); err == nil {
			return
		}
		s.end()
	}
	done(PutResult{Index: index, Status: PutFailed, Err: err})
}

// good tells whether piece index is n bytes long and has the hash sum, once its
// bytes were hashed.
func (s *Store) good(index, n int, sum [sha1lanes.Size]byte) bool {
	if n == 0 || n != s.layout.PieceSize(index) {
		return false
	}
	s.disk.count.hashed.Add(int64(n))
	return s.info.PieceHash(index) == sum
}

// write puts a verified piece into its files. On the disk writer only.
func (s *Store) write(index int, buf []byte) error {
	if err := s.CreateEmpty(); err != nil {
		return err
	}
	var room [8]layout.Span
	for _, span := range s.layout.Spans(index, 0, len(buf), room[:0]) {
		if !span.Pad {
			if err := s.writeSpan(span, buf[:span.Len]); err != nil {
				return err
			}
		}
		buf = buf[span.Len:]
	}
	return nil
}

func (s *Store) writeSpan(span layout.Span, part []byte) error {
	s.mark(span.File, writing)
	defer s.take(span.File, writing)
	h, err := s.disk.cache.get(s, span.File, vfs.Create, true)
	if err != nil {
		return err
	}
	defer h.Release()
	_, err = h.f.WriteAt(part, span.Off)
	// Behind the write, so that no Sync takes the mark and misses the bytes.
	s.mark(span.File, unsynced|touched)
	return err
}

// count adds the outcome of a put of n bytes to the totals.
func (s *Store) count(r PutResult, n int) {
	switch r.Status {
	case Written:
		s.disk.count.written.Add(int64(n))
	case BadHash:
		s.disk.count.badPieces.Add(1)
	case PutFailed:
		s.disk.count.writeErrors.Add(1)
	}
}

// CreateEmpty makes the torrent's empty files, which no piece touches. The
// first write does so too; a torrent without a single byte needs the call.
func (s *Store) CreateEmpty() error {
	s.mu.Lock()
	made := s.empties
	s.mu.Unlock()
	if made {
		return nil
	}
	for file := range s.layout.Files() {
		if s.layout.File(file).Length > 0 || !s.layout.Stored(file) {
			continue
		}
		f, err := s.openFile(file, vfs.Create)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.empties = true
	s.mu.Unlock()
	return nil
}
