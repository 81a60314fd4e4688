package sim

import "io"

// handle is an open file of a store.
type handle struct {
	s            *Store
	life         int   // of the store when it was opened
	base, length int64 // of the file in the content
	released     bool
}

// FD implements loop.File.
func (h *handle) FD() int { return -1 }

// Resident implements swarm.Handle.
func (h *handle) Resident(int64, int) bool { return !oneIn(h.s.w.rand, h.s.cfg.Cold) }

// ReadNow implements swarm.Handle: not possible, so that content goes by
// reference.
func (h *handle) ReadNow([][]byte, int64) (int, bool) { return 0, false }

// Release implements swarm.Handle.
func (h *handle) Release() {
	if h.released {
		panic("sim: a file is released twice")
	}
	h.released = true
	if h.life == h.s.life {
		h.s.handles--
	}
}

// ReadAt implements io.ReaderAt.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	return h.walk(off, len(p), func(piece, begin, k int) {
		h.s.copy(piece, begin, p[n:n+k])
		n += k
	})
}

// refer appends up to n bytes from off of the file to a buffer, as ranges of
// content.
func (h *handle) refer(b *buffer, off int64, n int) (int, error) {
	s := h.s
	return h.walk(off, n, func(piece, begin, k int) {
		s.mustHave(piece)
		b.refer(&s.w.chunks, span{s.content, piece, begin, s.isRotten(piece)}, k)
	})
}

// walk calls each with the parts of pieces that n bytes from off of the file
// lie in, and returns how many bytes there are of them, with an error when that
// is not n.
func (h *handle) walk(off int64, n int, each func(piece, begin, n int)) (int, error) {
	if h.released {
		panic("sim: a file is used after its release")
	}
	s := h.s
	err := s.fault(OpSend, s.cfg.Faults.Read)
	if s.dead {
		err = errGone
	}
	if err != nil {
		return 0, err
	}
	if oneIn(s.w.rand, s.cfg.Faults.Short) {
		return 0, io.EOF
	}
	info := s.content.meta.Info
	done := 0
	for done < n && off < h.length {
		at := h.base + off
		piece, begin := int(at/info.PieceLength), int(at%info.PieceLength)
		k := min(n-done, info.PieceSize(piece)-begin, int(h.length-off))
		each(piece, begin, k)
		done += k
		off += int64(k)
	}
	if done < n {
		return done, io.EOF
	}
	return done, nil
}
