package sim

import (
	"errors"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"spate/proto/bitfield"
	"spate/reactor/loop"
	"spate/reactor/swarm"
)

// TestTripCounts: a trip strikes the operations that it names, and no others.
func TestTripCounts(t *testing.T) {
	check := func(trip Trip, want ...bool) {
		t.Helper()
		all := trips{&trip}
		struck := 0
		for i, want := range want {
			if err := all.ask(OpWarm); err != nil {
				t.Errorf("operation %d of another kind: %v", i+1, err)
			}
			got := all.ask(OpRead) != nil
			if got != want {
				t.Errorf("operation %d: struck %v, want %v", i+1, got, want)
			}
			if got {
				struck++
			}
		}
		if trip.Seen() != len(want) || trip.Struck() != struck {
			t.Errorf("%d seen and %d struck, want %d and %d", trip.Seen(), trip.Struck(), len(want), struck)
		}
	}
	check(Trip{Op: OpRead}, false, false)
	check(Trip{Op: OpRead, N: 1}, true, false, false)
	check(Trip{Op: OpRead, N: 3}, false, false, true, false)
	check(Trip{Op: OpRead, N: 2, Times: 2}, false, true, true, false)
	check(Trip{Op: OpRead, N: 2, Times: -1}, false, true, true, true)
}

// TestTripErrors: an operation fails with the error given, with what is usual
// for its kind, or not at all when there is something to do.
func TestTripErrors(t *testing.T) {
	done := 0
	do := func() { done++ }
	check := func(op Op, err error, do func(), want error) {
		t.Helper()
		if got := (trips{{Op: op, N: 1, Err: err, Do: do}}).ask(op); !errors.Is(got, want) {
			t.Errorf("%v: %v, want %v", op, got, want)
		}
	}
	for op := range ops {
		if opErrors[op] == nil {
			t.Errorf("%v fails with nothing", op)
		}
	}
	check(OpPut, nil, nil, syscall.EIO)
	check(OpPut, syscall.EROFS, nil, syscall.EROFS)
	check(OpListen, nil, nil, syscall.EADDRINUSE)
	check(OpPut, syscall.EROFS, do, syscall.EROFS)
	check(OpPut, nil, do, nil)
	if done != 2 {
		t.Errorf("done %d times, want 2", done)
	}
}

// TestStoreTrips: each kind of operation of a store can be made to fail.
func TestStoreTrips(t *testing.T) {
	check := func(op Op, run func(s *Store) error) {
		t.Helper()
		trip := &Trip{Op: op, N: 2}
		s := newStore(StoreConfig{Complete: true, Faults: StoreFaults{Trips: []*Trip{trip}}})
		var got []error
		for range 3 {
			got = append(got, run(s))
		}
		if got[0] != nil || !errors.Is(got[1], syscall.EIO) || got[2] != nil || trip.Struck() != 1 {
			t.Errorf("%v: %v, %d struck", op, got, trip.Struck())
		}
	}
	check(OpPut, func(s *Store) error { return put(t, s, 0, piece(s, 0)).Err })
	check(OpRead, func(s *Store) (err error) {
		s.Read(0, 0, 1, make([]byte, 1), func(e error) { err = e })
		return err
	})
	check(OpWarm, func(s *Store) (err error) {
		s.Warm(0, 0, 1, func(e error) { err = e })
		return err
	})
	acquire := func(s *Store) (h swarm.Handle, err error) {
		s.Acquire(0, func(got swarm.Handle, e error) { h, err = got, e })
		return h, err
	}
	check(OpOpen, func(s *Store) error {
		h, err := acquire(s)
		if err == nil {
			h.Release()
		}
		return err
	})
	check(OpSend, func(s *Store) error {
		h, _ := acquire(s)
		defer h.Release()
		_, err := h.ReadAt(make([]byte, 1), 0)
		return err
	})
	check(OpSync, func(s *Store) (err error) {
		s.Save(had(s.Have()), 0, 0, func(e error) { err = e })
		return err
	})
}

// TestSpace: a disk is full, and then not any more.
func TestSpace(t *testing.T) {
	s := newStore(StoreConfig{Faults: StoreFaults{Space: 16 << 10}})
	check := func(index int, want error) {
		t.Helper()
		if res := put(t, s, index, piece(s, index)); !errors.Is(res.Err, want) {
			t.Errorf("piece %d: %v, want %v", index, res.Err, want)
		}
	}
	check(0, nil)
	check(1, syscall.ENOSPC)
	s.SetSpace(16 << 10)
	check(1, nil)
	check(2, syscall.ENOSPC)
	s.SetSpace(-1)
	check(2, nil)
}

// TestPowerCut: what was saved stays, and chance has its say about the rest.
func TestPowerCut(t *testing.T) {
	const pieces = 100
	s := newStore(StoreConfig{Sync: Delay{Min: time.Second, Max: time.Second}}, pieces*16<<10)
	for i := range pieces / 2 {
		put(t, s, i, piece(s, i))
	}
	s.Save(had(s.Have()), 0, 0, func(error) {})
	for i := pieces / 2; i < pieces; i++ { // behind the call: not saved
		s.Put(i, piece(s, i), func(swarm.PutResult) {})
	}
	s.w.RunFor(time.Minute)
	s.PowerCut()
	kept := s.Recover()
	for i := range pieces / 2 {
		if !kept.Has(i) {
			t.Fatalf("piece %d was saved and is lost", i)
		}
	}
	if n := kept.Count() - pieces/2; n < 10 || n > 40 {
		t.Errorf("%d of 50 unsaved pieces are kept, want about half", n)
	}
}

// TestKill: what was written stays; what is under way never ends, and what is
// asked for afterwards does not happen.
func TestKill(t *testing.T) {
	second := Delay{Min: time.Second, Max: time.Second}
	s := newStore(StoreConfig{Put: second, Read: second, Warm: second, Open: second, Sync: second})
	put(t, s, 0, piece(s, 0))
	ended := 0
	var file swarm.Handle
	s.Acquire(0, func(h swarm.Handle, _ error) { file = h })
	s.w.RunFor(time.Minute)
	ask := func() {
		s.Put(1, piece(s, 1), func(swarm.PutResult) { ended++ })
		s.Read(0, 0, 1, make([]byte, 1), func(error) { ended++ })
		s.Warm(0, 0, 1, func(error) { ended++ })
		s.Acquire(0, func(swarm.Handle, error) { ended++ })
		s.Save(had(s.Have()), 0, 0, func(error) { ended++ })
	}
	ask()
	s.Kill()
	ask()
	if _, err := file.ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("a process that has ended reads")
	}
	s.w.RunFor(500 * time.Millisecond)
	kept := s.Recover()
	s.w.RunFor(time.Minute)
	file.Release()
	if ended != 0 || kept.Count() != 1 || !kept.Has(0) || s.Backlog() != 0 || s.Handles() != 0 {
		t.Errorf("%d operations ended, %d pieces are left, backlog %d, %d handles",
			ended, kept.Count(), s.Backlog(), s.Handles())
	}
	if put(t, s, 1, piece(s, 1)); s.Have().Count() != 2 {
		t.Error("the next process writes nothing")
	}
	mustPanic(t, "remembering what is not there", func() {
		all := bitfield.New(s.Have().Len())
		all.SetAll()
		s.Save(had(all), 0, 0, func(error) {})
	})
}

// TestKillByTrip: the operation that a process ends by is not done.
func TestKillByTrip(t *testing.T) {
	s := newStore(StoreConfig{})
	s.SetFaults(StoreFaults{Trips: []*Trip{{Op: OpPut, N: 2, Do: s.Kill}}})
	ended := 0
	for i := range 3 {
		s.Put(i, piece(s, i), func(swarm.PutResult) { ended++ })
	}
	if kept := s.Recover(); ended != 1 || kept.Count() != 1 {
		t.Errorf("%d puts ended, %d pieces are left", ended, kept.Count())
	}
}

// TestNetworkTrips: each kind of operation of the network can be made to fail.
func TestNetworkTrips(t *testing.T) {
	world := func(op Op, n int) (Config, *Trip) {
		trip := &Trip{Op: op, N: n}
		return Config{Faults: Faults{Trips: []*Trip{trip}}}, trip
	}
	dialed := func(op Op) (p *pair, w *World) {
		cfg, _ := world(op, 1)
		w = New(cfg)
		p = &pair{w: w, a: w.Host(HostConfig{}), b: w.Host(HostConfig{})}
		p.near, p.far = start(t, p.a, 1)[0], start(t, p.b, 1)[0]
		for range 2 {
			p.do(func() { p.near.loop.Dial(at(p.b, 1), time.Minute, nil) })
			w.RunFor(time.Second)
		}
		return p, w
	}
	p, _ := dialed(OpDial)
	if !slices.Equal(p.near.failed, []error{syscall.ECONNREFUSED}) || len(p.near.conns) != 1 || len(p.far.conns) != 1 {
		t.Errorf("dial: %v, %d and %d connections", p.near.failed, len(p.near.conns), len(p.far.conns))
	}
	p, _ = dialed(OpAccept)
	if len(p.near.failed) != 0 || len(p.near.conns) != 2 || !slices.Equal(p.near.reasons, []error{errReset}) || len(p.far.conns) != 1 {
		t.Errorf("accept: %v, %d and %d connections, ended by %v", p.near.failed, len(p.near.conns), len(p.far.conns), p.near.reasons)
	}

	cfg, _ := world(OpListen, 1)
	h := New(cfg).Host(HostConfig{})
	if _, err := h.Listen(":1"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listen: %v", err)
	}
	if _, err := h.Listen(":1"); err != nil {
		t.Errorf("listen again: %v", err)
	}

	call := func(op Op, want error, do func(c loop.Conn) error) {
		t.Helper()
		cfg, _ := world(op, 2)
		p := newPair(t, cfg, HostConfig{}, HostConfig{})
		p.do(func() {
			c := p.near.conns[0]
			first, second, third := do(c), do(c), do(c)
			if first == want || !errors.Is(second, want) || third == want {
				t.Errorf("%v: %v, %v, %v", op, first, second, third)
			}
		})
	}
	call(OpWrite, syscall.EPIPE, func(c loop.Conn) error {
		_, err := c.Writev([][]byte{{1}}, false)
		return err
	})
	call(OpWrite, syscall.EPIPE, func(c loop.Conn) error {
		_, err := c.SendFile(memFile{}, 0, 0, true)
		return err
	})
	call(OpReceive, syscall.ECONNRESET, func(c loop.Conn) error {
		_, err := c.Readv([][]byte{make([]byte, 1)})
		return err
	})
	call(OpReceive, syscall.ECONNRESET, func(c loop.Conn) error {
		_, err := c.Discard(1)
		return err
	})

	cfg, trip := world(OpSegment, 2)
	p = newPair(t, cfg, HostConfig{}, HostConfig{})
	for range 2 {
		p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{{1}}, false) })
		p.w.RunFor(time.Second)
	}
	if len(p.far.got) != 1 || !slices.Equal(p.near.reasons, []error{errReset}) || trip.Struck() != 1 {
		t.Errorf("segment: %d bytes arrived, ended by %v", len(p.far.got), p.near.reasons)
	}
	if len(p.far.reasons) != 1 || errors.Is(p.far.reasons[0], io.EOF) {
		t.Errorf("segment: the other end ended by %v", p.far.reasons)
	}
}

// had answers at once.
func had(have *bitfield.Bits) func(func(*bitfield.Bits)) {
	return func(answer func(*bitfield.Bits)) { answer(have.Clone()) }
}
