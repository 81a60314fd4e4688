package swarm

import (
	"testing"
	"time"

	"spate/proto/wire"
)

// TestDuplicate: of two connections with the same peer, both sides keep the one
// that the greater id dialed; of two that one side dialed, the first.
func TestDuplicate(t *testing.T) {
	const in, out = true, false
	check := func(theirs byte, first, second bool, keep int) {
		t.Helper()
		s := newSeed(t, testPiece, testPiece)
		var conns []*sceneConn
		for _, inbound := range []bool{first, second} {
			c := (*scene).dial
			if inbound {
				c = (*scene).accept
			}
			s.here = true
			conns = append(conns, c(s))
			conns[len(conns)-1].greet(theirs, true)
		}
		kept, other := conns[keep], conns[1-keep]
		if kept.closed != nil || other.closed != ErrDuplicate {
			t.Errorf("id %d, inbound %v then %v: %v and %v", theirs, first, second, conns[0].closed, conns[1].closed)
		}
		if len(s.t.active) != 1 || s.t.active[0] != kept.state() || s.sum.Peers.Load() != 1 {
			t.Errorf("id %d, inbound %v then %v: %d peers", theirs, first, second, len(s.t.active))
		}
		dials := len(s.loop.dials)
		s.pass(3 * time.Minute)
		if len(s.loop.dials) != dials {
			t.Errorf("id %d, inbound %v then %v: dialed again soon", theirs, first, second)
		}
	}
	// Ours is 100.
	check(99, in, out, 1)
	check(99, out, in, 0)
	check(101, in, out, 0)
	check(101, out, in, 1)
	for _, theirs := range []byte{99, 101} {
		check(theirs, in, in, 0)
		check(theirs, out, out, 0)
	}
}

// TestStolenID: who comes with the id of a peer from elsewhere neither takes its
// place nor keeps it from coming.
func TestStolenID(t *testing.T) {
	const id = 7
	check := func(thief, victim func(*scene) *sceneConn, thiefFirst bool) {
		t.Helper()
		s := newSeed(t, testPiece, testPiece)
		first, second := victim, thief
		if thiefFirst {
			first, second = thief, victim
		}
		a, b := first(s), second(s)
		a.greet(id, true)
		b.greet(id, true)
		if a.closed != nil || b.closed != nil || len(s.t.active) != 2 {
			t.Errorf("thief first: %v: closed by %v and %v", thiefFirst, a.closed, b.closed)
		}
	}
	for _, thiefFirst := range []bool{true, false} {
		check((*scene).accept, (*scene).accept, thiefFirst)
		check((*scene).accept, (*scene).dial, thiefFirst)
		check((*scene).dial, (*scene).accept, thiefFirst)
		check((*scene).dial, (*scene).dial, thiefFirst)
	}
}

// TestSelf: an address that turns out to be our own is not dialed again soon.
func TestSelf(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	check := func(c *sceneConn) {
		t.Helper()
		c.greet(s.host.PeerID[19], true)
		if c.closed != ErrSelf || len(s.t.active) != 0 || len(s.host.strangers) != 0 {
			t.Errorf("closed by %v, %d peers", c.closed, len(s.t.active))
		}
	}
	check(s.dial())
	check(s.accept())
	s.pass(3 * time.Minute)
	if n := len(s.loop.dials); n != 1 {
		t.Errorf("dialed %d times", n)
	}
}

// TestBanned: who gave a bad piece is closed and does not come back, neither by
// itself nor by a dial.
func TestBanned(t *testing.T) {
	s := newLeech(t, block, 2*block)
	c := s.source()
	q := c.asked()[0]
	c.give(append(wire.AppendPieceHeader(nil, q.Index, q.Begin, q.Length), garbage(block)...))
	if c.closed != ErrBadData || s.sum.HashFails.Load() != 1 {
		t.Fatalf("a bad piece closes by %v", c.closed)
	}
	check := func(at *sceneConn, want error) {
		t.Helper()
		back := s.accept()
		back.remote = at.remote
		back.greet(50, true)
		if back.closed != want {
			t.Errorf("from %v: closed by %v, want %v", at.remote, back.closed, want)
		}
	}
	check(c, ErrBanned)
	check(s.accept(), nil)
	s.t.AddPeers([]addrPort{c.remote}, false)
	if n := len(s.loop.dials); n != 0 {
		t.Errorf("dialed a banned address")
	}
}
