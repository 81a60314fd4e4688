package sim

import "io"

// handle is an open file of a store.
type handle struct {
	s            *Store
	base, length int64 // of the file in the content
	released     bool
}

// FD implements loop.File.
func (h *handle) FD() int { return -1 }

// Resident implements swarm.Handle.
func (h *handle) Resident(int64, int) bool { return !oneIn(h.s.w.rand, h.s.cfg.Cold) }

// Release implements swarm.Handle.
func (h *handle) Release() {
	if h.released {
		panic("sim: a file is released twice")
	}
	h.released = true
	h.s.handles--
}

// ReadAt implements io.ReaderAt.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	if h.released {
		panic("sim: a file is used after its release")
	}
	s := h.s
	if err := s.fault(s.cfg.Faults.Read); err != nil {
		return 0, err
	}
	if oneIn(s.w.rand, s.cfg.Faults.Short) {
		return 0, io.EOF
	}
	info := s.content.meta.Info
	n := 0
	for n < len(p) && off < h.length {
		at := h.base + off
		piece, begin := int(at/info.PieceLength), int(at%info.PieceLength)
		k := min(len(p)-n, info.PieceSize(piece)-begin, int(h.length-off))
		s.copy(piece, begin, p[n:n+k])
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
