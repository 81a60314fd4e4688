package sim

import (
	"crypto/sha1"
	"syscall"
	"time"

	"spate/proto/bitfield"
	"spate/reactor/swarm"
)

// StoreConfig describes a host's disk for one torrent. The zero value is an
// empty one that is immediate and never fails.
type StoreConfig struct {
	// Complete says that all pieces are there from the start.
	Complete bool
	// Put, Read, Warm, Open and Sync are how long each operation takes; they run
	// side by side, so that they may end in another order than they began.
	// One that takes no time calls its done before it returns.
	Put, Read, Warm, Open, Sync Delay
	// Rate makes all operations wait for one another and take their bytes'
	// time besides, in bytes per second; 0 is no limit.
	Rate int64
	// Hash verifies with SHA-1. Otherwise pieces are compared with the
	// content, which answers the same, faster. A sparse world has no bytes to
	// hash, and compares in any case.
	Hash bool
	// Cold is how often a range is not in memory: once in so many looks.
	Cold int
	// Faults is what goes wrong.
	Faults StoreFaults
}

// StoreFaults says how often a disk fails: once in so many operations on
// average, never when 0.
type StoreFaults struct {
	// Put, Read, Warm, Open and Sync fail with EIO.
	Put, Read, Warm, Open, Sync int
	// Busy lets Read, Warm and Acquire answer swarm.ErrBusy.
	Busy int
	// Short lets sending from a file find its end too early.
	Short int
	// Space is how many bytes can be written before the disk is full (ENOSPC);
	// 0 is no limit. Store.SetSpace changes it later.
	Space int64
	// Trips strike at their N-th operation.
	Trips []*Trip
	// Rotten spoils pieces: once in so many, and the same ones every time, the
	// bytes read differ from what was verified.
	Rotten int
}

// Store is an in-memory swarm.Store. It keeps which pieces it has; their bytes
// are the content's. Reading a piece that was never written panics: an engine
// that does so would serve garbage.
//
// It outlives the engine that uses it, as a disk does: see Kill and PowerCut.
type Store struct {
	w       *World
	host    *Host
	content *Content
	cfg     StoreConfig
	have    *bitfield.Bits
	failed  *bitfield.Bits // pieces that were put with a wrong hash
	durable *bitfield.Bits // of those, the ones that a power cut leaves
	rotten  uint64         // salt of which pieces are
	free    time.Duration
	backlog int64
	written int64
	space   int64 // bytes that can still be written; negative for no limit
	handles int
	fails   int
	life    int  // counts the processes that have used the store
	dead    bool // the process is gone: what it asks for does not happen
}

var _ swarm.Store = (*Store)(nil)

// NewStore makes a store for content on a host.
func (h *Host) NewStore(content *Content, cfg StoreConfig) *Store {
	s := &Store{w: h.w, host: h, content: content, cfg: cfg,
		have: bitfield.New(content.meta.Info.NumPieces()), rotten: h.w.rand.Uint64()}
	if cfg.Complete {
		s.have.SetAll()
	}
	s.durable, s.failed = s.have.Clone(), bitfield.New(s.have.Len())
	s.space = -1
	if cfg.Faults.Space > 0 {
		s.space = cfg.Faults.Space
	}
	return s
}

// SetFaults changes what goes wrong from now on, Space excepted.
func (s *Store) SetFaults(f StoreFaults) { s.cfg.Faults = f }

// SetSpace says how many bytes can be written from now on until the disk is
// full; a negative number is no limit.
func (s *Store) SetSpace(bytes int64) { s.space = bytes }

// Have is the set of pieces in the store, which goes on changing; for the
// caller to read.
func (s *Store) Have() *bitfield.Bits { return s.have }

// Holds tells whether a piece is in the store, for all that a process which has
// ended can know.
func (s *Store) Holds(index int) bool { return s.dead || s.have.Has(index) }

// Written is the number of bytes that were put.
func (s *Store) Written() int64 { return s.written }

// Handles is the number of files that were acquired and not released.
func (s *Store) Handles() int { return s.handles }

// BadHashes is the number of pieces that were put with a wrong hash.
func (s *Store) BadHashes() int { return s.fails }

// Backlog implements swarm.Store.
func (s *Store) Backlog() int64 { return s.backlog }

// operate lets f happen once an operation on n bytes is done. What is under way
// when the process ends never is.
func (s *Store) operate(k kind, piece, n int, d Delay, f func()) {
	if s.dead {
		return
	}
	now := s.w.now
	s.w.log.add(now, s.host.number, k, piece, n, "")
	end := now + d.draw(s.w)
	if s.cfg.Rate > 0 {
		s.free = max(s.free, now) + time.Duration(int64(n)*int64(time.Second)/s.cfg.Rate)
		end += s.free - now
	}
	if end == now {
		f()
		return
	}
	life := s.life
	s.w.After(end-now, func() {
		if life == s.life && !s.dead {
			f()
		}
	})
}

// fault is what a Trip has for the operation, or EIO once in n times, or that
// there is too much to do.
func (s *Store) fault(op Op, n int) error {
	err := trips(s.cfg.Faults.Trips).ask(op)
	switch {
	case err != nil:
	case oneIn(s.w.rand, n):
		err = syscall.EIO
	case (op == OpRead || op == OpWarm || op == OpOpen) && oneIn(s.w.rand, s.cfg.Faults.Busy):
		err = swarm.ErrBusy
	}
	return err
}

// Put implements swarm.Store. buf is looked at when the time has passed, so
// that an engine that goes on writing to it gets what it deserves.
func (s *Store) Put(index int, buf []byte, done func(swarm.PutResult)) {
	s.backlog += int64(len(buf))
	s.operate(evPut, index, len(buf), s.cfg.Put, func() {
		s.backlog -= int64(len(buf))
		res := swarm.PutResult{Index: index, Status: swarm.Written}
		switch {
		case !s.good(index, buf):
			s.fails++
			s.failed.Set(index)
			res.Status = swarm.BadHash
		default:
			if res.Err = s.write(index, int64(len(buf))); res.Err != nil {
				res.Status = swarm.PutFailed
			}
		}
		if s.w.cfg.Sparse && s.failed.Has(index) {
			blank(buf) // its bytes are compared
		}
		if !s.dead {
			done(res)
		}
	})
}

// write stores a good piece of n bytes. A process that ends by it has written
// none of it: half a piece is none.
func (s *Store) write(index int, n int64) error {
	if err := s.fault(OpPut, s.cfg.Faults.Put); err != nil || s.dead {
		return err
	}
	if s.space >= 0 {
		if s.space < n {
			return syscall.ENOSPC
		}
		s.space -= n
	}
	s.written += n
	s.have.Set(index)
	return nil
}

// good verifies a piece.
func (s *Store) good(index int, buf []byte) bool {
	info := s.content.meta.Info
	if len(buf) != info.PieceSize(index) {
		return false
	}
	if s.w.cfg.Sparse {
		return s.content.stamped(index, 0, buf)
	}
	if s.cfg.Hash {
		return sha1.Sum(buf) == info.PieceHash(index)
	}
	return s.content.equal(index, 0, buf)
}

// Read implements swarm.Store.
func (s *Store) Read(index, begin, length int, buf []byte, done func(error)) {
	s.operate(evRead, index, length, s.cfg.Read, func() {
		err := s.fault(OpRead, s.cfg.Faults.Read)
		if s.dead {
			return
		}
		if err == nil {
			s.copy(index, begin, buf[:length])
		}
		done(err)
	})
}

// copy reads from a piece, which may span several, as the disk has it.
func (s *Store) copy(index, begin int, dst []byte) {
	s.mustHave(index)
	if s.w.cfg.Sparse {
		s.content.stamp(index, begin, dst, s.isRotten(index))
		return
	}
	s.content.read(index, begin, dst)
	if s.isRotten(index) {
		for i := range dst {
			dst[i] ^= 0xff
		}
	}
}

// mustHave panics when a piece is read that is not there.
func (s *Store) mustHave(index int) {
	if !s.have.Has(index) {
		panic("sim: a piece is read that was never written")
	}
}

// isRotten tells whether a piece is spoiled: a property of piece and disk.
func (s *Store) isRotten(index int) bool {
	n := s.cfg.Faults.Rotten
	return n > 0 && (s.rotten^uint64(index)*0x9e3779b97f4a7c15)>>20%uint64(n) == 0
}

// Warm implements swarm.Store.
func (s *Store) Warm(index, _, length int, done func(error)) {
	s.operate(evWarm, index, length, s.cfg.Warm, func() {
		if err := s.fault(OpWarm, s.cfg.Faults.Warm); !s.dead {
			done(err)
		}
	})
}

// Single implements swarm.Store.
func (s *Store) Single(index, begin, length int) (file int, off int64, ok bool) {
	info := s.content.meta.Info
	off = int64(index)*info.PieceLength + int64(begin)
	for i := range info.Files {
		f := &info.Files[i]
		if f.Offset+f.Length <= off {
			continue
		}
		return i, off - f.Offset, off >= f.Offset && off+int64(length) <= f.Offset+f.Length && !f.Pad
	}
	return 0, 0, false
}

// Acquire implements swarm.Store.
func (s *Store) Acquire(file int, done func(swarm.Handle, error)) {
	s.operate(evAcquire, file, 0, s.cfg.Open, func() {
		err := s.fault(OpOpen, s.cfg.Faults.Open)
		if s.dead {
			return
		}
		if err != nil {
			done(nil, err)
			return
		}
		s.handles++
		done(&handle{s: s, life: s.life, base: s.content.meta.Info.Files[file].Offset,
			length: s.content.meta.Info.Files[file].Length}, nil)
	})
}
