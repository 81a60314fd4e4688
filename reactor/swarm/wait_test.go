package swarm

import (
	"testing"
	"time"

	"spate/proto/wire"
)

// TestWaiting: what a peer sends while its torrent is being loaded is kept, in
// order, up to a limit, and for a time.
func TestWaiting(t *testing.T) {
	asleep := func() (*scene, *sceneConn) {
		s := newSeed(t, testPiece, testPiece)
		s.asleep = true
		c := s.accept()
		c.greet(7, true)
		if len(s.sleepers) != 1 || !c.state().Waiting() || len(c.out) > 0 {
			t.Fatalf("%d peers wait", len(s.sleepers))
		}
		return s, c
	}
	s, c := asleep()
	ask := wire.AppendRequest(wire.AppendInterested(wire.AppendHaveNone(nil)), wire.Request{Length: block})
	c.give(ask[:7])
	c.give(ask[7:])
	s.asleep = false
	s.sleepers[0].Resume()
	s.loop.run()
	c.give(ask[10:]) // the one before may have come while the peer was choked
	if c.closed != nil || len(s.t.active) != 1 || s.host.held != 0 || len(c.out) < block {
		t.Errorf("closed by %v, %d peers, %d bytes held, %d sent", c.closed, len(s.t.active), s.host.held, len(c.out))
	}

	s, c = asleep()
	c.give(make([]byte, maxHeld))
	if c.closed != nil || s.host.held != maxHeld {
		t.Errorf("as much as is kept: closed by %v, %d bytes held", c.closed, s.host.held)
	}
	c.give(make([]byte, 1))
	if c.closed != ErrHasty || s.host.held != 0 || len(s.host.strangers) != 0 {
		t.Errorf("one byte more: closed by %v, %d bytes held", c.closed, s.host.held)
	}
	s.sleepers[0].Resume() // too late, and harmless

	s, c = asleep()
	s.host.held = maxHeldLoop
	c.give(make([]byte, 1))
	if c.closed != ErrHasty {
		t.Errorf("beyond what a loop keeps: closed by %v", c.closed)
	}

	s, c = asleep()
	s.pass(handshakeTimeout)
	if c.closed != nil {
		t.Errorf("closed before its time: %v", c.closed)
	}
	s.pass(time.Second)
	if c.closed != ErrUnready {
		t.Errorf("waited too long: closed by %v", c.closed)
	}
}
