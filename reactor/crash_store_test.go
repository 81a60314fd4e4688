package reactor

import (
	"time"

	"spate/proto/bitfield"
	"spate/reactor/swarm"
)

// simStore is files in memory as a simulated engine has them: each operation
// takes virtual time and then happens at once, on the one goroutine of the
// world. It keeps the state as content does, but for the goroutine.
type simStore struct {
	diskStore
	p *process
}

var _ Keeper = simStore{}

// later lets an operation happen, unless the process has ended by then or ends
// in the middle of it: done is not heard then.
func (s simStore) later(op func() (done func())) {
	p := s.p
	p.m.w.After(time.Duration(p.m.chance.Int64N(int64(50*time.Millisecond))), func() {
		if p.over {
			return
		}
		if done := op(); !p.m.off() {
			done()
		}
	})
}

func (s simStore) Put(index int, buf []byte, done func(swarm.PutResult)) {
	s.later(func() func() {
		results := make(chan swarm.PutResult, 1)
		s.diskStore.Put(index, buf, func(r swarm.PutResult) { results <- r })
		r := <-results
		if r.Status == swarm.Written {
			if !s.p.m.good(index) {
				s.p.m.t.Errorf("piece %d is said to be written and is not there", index)
			}
			s.p.m.written.Set(index)
		}
		return func() { done(r) }
	})
}

func (s simStore) Read(index, begin, length int, buf []byte, done func(error)) {
	s.later(func() func() {
		errs := make(chan error, 1)
		s.diskStore.Read(index, begin, length, buf, func(err error) { errs <- err })
		err := <-errs
		return func() { done(err) }
	})
}

func (s simStore) Warm(index, begin, length int, done func(error)) {
	s.later(func() func() {
		errs := make(chan error, 1)
		s.diskStore.Warm(index, begin, length, func(err error) { errs <- err })
		err := <-errs
		return func() { done(err) }
	})
}

func (s simStore) Acquire(file int, done func(swarm.Handle, error)) {
	s.later(func() func() {
		var h swarm.Handle
		errs := make(chan error, 1)
		s.diskStore.Acquire(file, func(got swarm.Handle, err error) { h = got; errs <- err })
		err := <-errs
		return func() { done(h, err) }
	})
}

// Save takes its time between the stamps, the look at what is had and the state,
// in which other pieces are written.
func (s simStore) Save(had Had, uploaded, downloaded int64, done func(error)) {
	s.later(func() func() {
		stamps, err := s.p.keep.stamps()
		return func() {
			if err != nil {
				done(err)
				return
			}
			had(func(have *bitfield.Bits) {
				s.later(func() func() {
					err := s.p.keep.remember(have, stamps, uploaded, downloaded)
					if err == nil && have != nil && !s.p.m.off() {
						s.p.m.saved = have.Clone()
					}
					return func() { done(err) }
				})
			})
		}
	})
}

func (s simStore) Close() {}
