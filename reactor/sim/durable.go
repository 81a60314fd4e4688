package sim

import (
	"errors"

	"spate/proto/bitfield"
)

// errGone is what a process that has ended reads; nobody hears of it.
var errGone = errors.New("process has ended")

// Save implements reactor.Keeper: it makes durable what was written when it is
// told what is had. To remember a piece that was never written panics: after a
// restart it would be served.
func (s *Store) Save(had func(answer func(have *bitfield.Bits)), _, _ int64, done func(error)) {
	had(func(have *bitfield.Bits) { s.save(have, done) })
}

func (s *Store) save(have *bitfield.Bits, done func(error)) {
	switch {
	case s.dead:
		return
	case have == nil:
		done(nil)
		return
	case have.AnyNotIn(s.have):
		panic("sim: a piece is remembered that was never written")
	}
	written := s.have.Clone()
	s.operate(evSync, have.Count(), 0, s.cfg.Sync, func() {
		err := s.fault(OpSync, s.cfg.Faults.Sync)
		if s.dead {
			return
		}
		if err == nil {
			for i := written.Next(0); i >= 0; i = written.Next(i + 1) {
				s.durable.Set(i)
			}
		}
		done(err)
	})
}

// Close implements reactor.Keeper.
func (s *Store) Close() {}

// Kill ends the process that uses the store, as SIGKILL does: what was written
// stays, what is under way is not done, and nobody is told. It may be called
// from anywhere, also by a Trip, and costs that very operation. The host is
// the caller's to cut off and to stop.
func (s *Store) Kill() { s.dead = true }

// PowerCut is Kill, and takes of what was written since the last Save what
// chance decides.
func (s *Store) PowerCut() {
	s.Kill()
	for i := s.have.Next(0); i >= 0; i = s.have.Next(i + 1) {
		if s.durable.Has(i) || s.w.rand.Uint32()&1 == 0 {
			continue
		}
		s.have.Clear(i)
		if s.space >= 0 {
			s.space += int64(s.content.meta.Info.PieceSize(i))
		}
	}
}

// Recover makes the store ready for a new process and returns the pieces that
// it finds, for the caller to keep.
func (s *Store) Recover() *bitfield.Bits {
	s.life++
	s.dead = false
	s.backlog, s.handles, s.free = 0, 0, 0
	return s.have.Clone()
}
