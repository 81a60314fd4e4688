package disk

import (
	"context"
	"crypto/sha1"
	"errors"
	"io"

	"spate/disk/layout"
	"spate/disk/piecesum"
	"spate/disk/sha1lanes"
	"spate/disk/vfs"
	"spate/proto/bitfield"
)

const (
	// runBytes is the least that a hasher takes at a time, in whole pieces, so
	// that small ones do not cost a hand-over each. It takes more where pieces
	// are hashed together.
	runBytes = 1 << 20
	// runsPerHasher is how many runs of a Check are queued for each hasher;
	// their content is asked for in order when they are, so it is also the
	// distance of reading ahead.
	runsPerHasher = 2
	// aheadBytes bounds the runs that are queued beyond one for each hasher, in
	// bytes: what is read ahead must still be in memory when it is hashed.
	aheadBytes = 256 << 20
	// aheadStep is how much one hint asks for; the kernel cuts longer ones.
	aheadStep = 1 << 20
)

// checkRun is a run of pieces that one hasher verifies.
type checkRun struct {
	store      *Store
	first, end int
	size       int    // bytes
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
	for next, busy, ahead, done := 0, 0, 0, 0; ; {
		for err == nil && next < s.layout.Pieces() && (busy < s.disk.cfg.Hashers || busy < window && ahead < aheadBytes) {
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
				ahead += run.size
			}
		}
		if busy == 0 {
			return have, err
		}
		run := <-out
		busy--
		ahead -= run.size
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
	if s.known() == nil {
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
	for wanted(end) && (size < runBytes || end-next < piecesum.Together(s.layout.PieceSize(end))) {
		size += s.layout.PieceSize(end)
		end++
	}
	if end == next {
		return nil, next
	}
	return &checkRun{store: s, first: next, end: end, size: size, have: make([]bool, end-next), out: out}, end
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

// verify checks the run on a hasher, with its sums. Pieces in holes are told
// without being read; the others are hashed together, except for the torrent's
// last one, whose size is its own.
func (r *checkRun) verify(sums *piecesum.Summer) {
	s := r.store
	var room [sha1lanes.Width]int
	group, size := room[:0], 0
	flush := func() {
		if len(group) == 0 {
			return
		}
		for i, sum := range sums.Sum(group, size, s.readPiece) {
			if sum.Err == nil {
				s.disk.count.hashed.Add(int64(size))
				r.have[group[i]-r.first] = sum.Sum == s.info.PieceHash(group[i])
			}
		}
		group = group[:0]
	}
	for piece := r.first; piece < r.end; piece++ {
		if s.hollow(piece) {
			r.have[piece-r.first] = s.zeroHash(s.layout.PieceSize(piece)) == s.info.PieceHash(piece)
			continue
		}
		if n := s.layout.PieceSize(piece); n != size || len(group) == piecesum.Together(size) {
			flush()
			size = n
		}
		group = append(group, piece)
	}
	flush()
	r.out <- r
}

// hollow tells whether all of a piece exists and is padding or holes, and so
// zeros.
func (s *Store) hollow(piece int) bool {
	var room [8]layout.Span
	for _, span := range s.layout.Spans(piece, 0, s.layout.PieceSize(piece), room[:0]) {
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

// readPiece is a piecesum.Reader of the store's files.
func (s *Store) readPiece(_, piece, begin int, p []byte) error {
	return s.layout.Fill(p, piece, begin, s.readPart)
}

// readPart fills p with what stands in a file from off on.
func (s *Store) readPart(p []byte, file int, off int64) error {
	h, err := s.disk.cache.get(s, file, vfs.Read, true)
	if err != nil {
		return err
	}
	n, err := h.f.ReadAt(p, off)
	h.Release()
	if n == len(p) {
		return nil
	}
	if !errors.Is(err, io.EOF) {
		s.disk.count.readErrors.Add(1)
	}
	return err
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

// zerosChunk is how many zeros are hashed at a time, in bytes.
const zerosChunk = 64 << 10

func hashOfZeros(size int) (sum [sha1.Size]byte) {
	digest := sha1.New()
	zeros := make([]byte, min(size, zerosChunk))
	for size > 0 {
		n := min(size, len(zeros))
		digest.Write(zeros[:n])
		size -= n
	}
	digest.Sum(sum[:0])
	return sum
}
