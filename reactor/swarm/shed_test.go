package swarm

import (
	"testing"
	"time"

	"spate/proto/wire"
)

// shedScene is a seed with peers of all kinds, in the order in which they would be
// given up: those that never moved a block, by age, then who moved one; and those
// that are not.
func shedScene(t *testing.T) (s *scene, idle []*sceneConn, busy []*sceneConn) {
	s = newSeed(t, testPiece, testPiece)
	ask := func(c *sceneConn) {
		c.give(wire.AppendRequest(wire.AppendInterested(nil), wire.Request{Length: block}))
	}
	served := s.peer(true)
	ask(served)
	s.pass(time.Second)
	stranger := s.accept()
	s.pass(time.Second)
	silent := s.peer(true)
	stuck := s.peer(true)
	stuck.room = 0
	ask(stuck)
	waits := s.peer(true) // for a file that is being read
	s.store.resident, s.store.slow = false, true
	ask(waits)
	s.pass(shedAfter)
	young := s.peer(true)
	again := s.peer(true)
	s.store.resident, s.store.slow = true, false
	ask(again)
	return s, []*sceneConn{stranger, silent, stuck, served}, []*sceneConn{waits, young, again}
}

// TestShed: as many peers are given up as were asked for, those first that are
// of no use, and none that is at work or has just come.
func TestShed(t *testing.T) {
	for n := range 6 {
		s, idle, busy := shedScene(t)
		s.host.Shed(n)
		if s.host.Idle() != (n == 0) {
			t.Errorf("%d to give up: idle %v", n, s.host.Idle())
		}
		s.pass(0)
		for i, c := range idle {
			want := error(nil)
			if i < n {
				want = ErrShed
			}
			if c.closed != want {
				t.Errorf("%d to give up: number %d closed by %v, want %v", n, i, c.closed, want)
			}
		}
		for i, c := range busy {
			if c.closed != nil {
				t.Errorf("%d to give up: busy peer %d closed by %v", n, i, c.closed)
			}
		}
		if !s.host.Idle() {
			t.Errorf("%d to give up: more is to be done", n)
		}
	}
}

// TestShedLimit: one Tick gives up no more than its limit.
func TestShedLimit(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	for range maxShed + 10 {
		s.accept()
	}
	s.pass(shedAfter)
	s.host.Shed(maxShed + 5)
	s.host.Shed(maxShed)
	s.pass(0)
	if n := len(s.host.strangers); n != 10 {
		t.Errorf("%d are left, want 10", n)
	}
	s.pass(0)
	if n := len(s.host.strangers); n != 10 {
		t.Errorf("%d are left after another Tick, want 10", n)
	}
}

// TestFullGivesWay: at the limit of connections one that comes is turned away,
// and one that does nothing makes room for the next.
func TestFullGivesWay(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	a, b := s.peer(true), s.peer(true)
	s.pass(shedAfter)
	b.give(wire.AppendRequest(wire.AppendInterested(nil), wire.Request{Length: block}))
	s.host.Admit = func(bool) bool { return len(s.t.active) < 2 }
	if c := s.accept(); c.closed != ErrTooMany || a.closed != nil {
		t.Fatalf("closed by %v and %v", c.closed, a.closed)
	}
	s.pass(0)
	if a.closed != ErrShed || b.closed != nil {
		t.Errorf("closed by %v and %v", a.closed, b.closed)
	}
	if c := s.accept(); c.closed != nil {
		t.Errorf("the next is closed by %v", c.closed)
	}
}
