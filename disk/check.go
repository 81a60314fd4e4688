package disk

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"hash"
	"io"

	"spate/disk/layout"
	"spate/disk/vfs"
	"spate/proto/bitfield"
)

const (
	// checkChunk is how much is read at a time, in bytes: it stays in the
	// processor's cache until it is hashed.
	checkChunk = 256 << 10
	// runBytes is how much a hasher takes at a time, in whole pieces, so that
	// small pieces do not cost a hand-over each.
	runBytes = 1 << 20
	// runsPerHasher is how many runs of a Check are queued for each hasher;
	// their content is asked for in order when they are, so it is also the
	// distance of reading ahead.
	runsPerHasher = 2
	// aheadStep is how much one hint asks for; the kernel cuts longer ones.
	aheadStep = 1 << 20
)

// checkRun is a run of pieces that one hasher verifies.
type checkRun struct {
	store      *Store
	first, end int
	have       []bool // by piece from first
	out        chan<- *checkRun
}

// Check reads the pieces of which (nil for all) and returns those whose hash is
// right. It runs on all hashers and returns when done, with ctx's error and
// what was found until then when ctx ended before. What cannot be read is not
// had; Files tells why. Pieces that lie wholly in holes are not read.
//
// progress, when not nil, is called on the caller's goroutine with the number
// of pieces looked at and of those found good.
func (s *Store) Check(ctx context.Context, which *bitfield.Bits, progress func(done, good int)) (*bitfield.Bits, error) {
	have := bitfield.New(s.layout.Pieces())
	if err := s.begin(); err != nil {
		return have, err
	}
	defer s.end()
	s.baseline()
	window := runsPerHasher * s.disk.cfg.Hashers
	out := make(chan *checkRun, window)
	var err error
	for next, busy, done := 0, 0, 0; ; {
		for err == nil && busy < window && next < s.layout.Pieces() {
			if err = ctx.Err(); err != nil {
				break
			}
			var run *checkRun
			if run, next = s.nextRun(next, which, out); run == nil {
				break
			}
			s.readAhead(run)
			if err = s.disk.pipe.check(run); err == nil {
				busy++
			}
		}
		if busy == 0 {
			return have, err
		}
		run := <-out
		busy--
		for i, ok := range run.have {
			if ok {
				have.Set(run.first + i)
				s.found(run.first + i)
			}
		}
		done += len(run.have)
		if progress != nil {
			progress(done, have.Count())
		}
	}
}

// baseline looks at the files' stamps before they are read, if that was not
// done yet, so that later changes by others show.
func (s *Store) baseline() {
	s.syncing.Lock()
	known := s.stamps != nil
	s.syncing.Unlock()
	if !known {
		// A file whose stamp cannot be had fails in the check, and again when
		// resume state is made.
		_, _ = s.Stamps()
	}
}

// found leaves the files of a good piece to the next Sync: their content may be
// in memory only.
func (s *Store) found(piece int) {
	var room [8]layout.Span
	for _, span := range s.layout.Spans(piece, 0, s.layout.PieceSize(piece), room[:0]) {
		if !span.Pad {
			s.mark(span.File, unsynced|unnamed)
		}
	}
}

// nextRun makes a run of the wanted pieces from next on, and says where to go
// on; nil when none is left.
func (s *Store) nextRun(next int, which *bitfield.Bits, out chan<- *checkRun) (*checkRun, int) {
	wanted := func(i int) bool { return i < s.layout.Pieces() && (which == nil || which.Has(i)) }
	for next < s.layout.Pieces() && !wanted(next) {
		next++
	}
	end, size := next, 0
	for wanted(end) && (size == 0 || size+s.layout.PieceSize(end) <= runBytes) {
		size += s.layout.PieceSize(end)
		end++
	}
	if end == next {
		return nil, next
	}
	return &checkRun{store: s, first: next, end: end, have: make([]bool, end-next), out: out}, end
}

// readAhead asks for a run's content, so that a disk reads in order while
// hashers work.
func (s *Store) readAhead(r *checkRun) {
	var room [8]layout.Span
	for piece := r.first; piece < r.end; piece++ {
		for _, span := range s.layout.Spans(piece, 0, s.layout.PieceSize(piece), room[:0]) {
			if span.Pad {
				continue
			}
			h, err := s.disk.cache.get(s, span.File, vfs.Read, true)
			if err != nil {
				continue // the hasher meets the same error
			}
			end := span.Off + int64(span.Len)
			for off := h.f.NextData(span.Off); off < end; off += aheadStep {
				h.f.Prefetch(off, min(aheadStep, end-off))
			}
			h.Release()
		}
	}
}

// verify checks the run on a hasher, whose scratch it uses.
func (r *checkRun) verify(scratch []byte) {
	digest := sha1.New()
	for i := range r.have {
		digest.Reset()
		r.have[i] = r.store.checkPiece(r.first+i, digest, scratch)
	}
	r.out <- r
}

// checkPiece tells whether the files hold piece index.
func (s *Store) checkPiece(index int, digest hash.Hash, scratch []byte) bool {
	var room [8]layout.Span
	size := s.layout.PieceSize(index)
	spans := s.layout.Spans(index, 0, size, room[:0])
	want := s.info.PieceHash(index)
	if s.hollow(spans) {
		zero := s.zeroHash(size)
		return zero == want
	}
	for _, span := range spans {
		if err := s.hashSpan(span, digest, scratch); err != nil {
			return false
		}
	}
	s.disk.count.hashed.Add(int64(size))
	return bytes.Equal(digest.Sum(scratch[:0]), want[:])
}

// hollow tells whether all spans exist and are padding or holes, and so zeros.
func (s *Store) hollow(spans []layout.Span) bool {
	for _, span := range spans {
		if span.Pad {
			continue
		}
		h, err := s.disk.cache.get(s, span.File, vfs.Read, true)
		if err != nil {
			return false
		}
		end := span.Off + int64(span.Len)
		hole := h.f.NextData(span.Off) >= end
		if hole {
			// Behind the end of a file there is no data either.
			stamp, err := h.f.Stat()
			hole = err == nil && stamp.Size >= end
		}
		h.Release()
		if !hole {
			return false
		}
	}
	return true
}

// hashSpan adds a part of a file to digest.
func (s *Store) hashSpan(span layout.Span, digest hash.Hash, scratch []byte) error {
	if span.Pad {
		hashZeros(digest, span.Len, scratch)
		return nil
	}
	h, err := s.disk.cache.get(s, span.File, vfs.Read, true)
	if err != nil {
		return err
	}
	defer h.Release()
	for off, left := span.Off, span.Len; left > 0; {
		p := scratch[:min(left, len(scratch))]
		n, err := h.f.ReadAt(p, off)
		if n < len(p) {
			if !errors.Is(err, io.EOF) {
				s.disk.count.readErrors.Add(1)
			}
			return err
		}
		digest.Write(p)
		off += int64(n)
		left -= n
	}
	return nil
}

// zeroHash is the hash of size zeros. That of a full piece is remembered: it
// serves all pieces in holes.
func (s *Store) zeroHash(size int) [sha1.Size]byte {
	if int64(size) == s.info.PieceLength {
		s.zeroOnce.Do(func() { s.zero = hashOfZeros(size) })
		return s.zero
	}
	return hashOfZeros(size)
}

func hashOfZeros(size int) (sum [sha1.Size]byte) {
	digest := sha1.New()
	hashZeros(digest, size, make([]byte, min(size, checkChunk)))
	digest.Sum(sum[:0])
	return sum
}

// hashZeros adds n zeros to digest.
func hashZeros(digest hash.Hash, n int, scratch []byte) {
	clear(scratch[:min(n, len(scratch))])
	for n > 0 {
		p := scratch[:min(n, len(scratch))]
		digest.Write(p)
		n -= len(p)
	}
}
