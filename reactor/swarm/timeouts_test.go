package swarm

import (
	"bytes"
	"testing"
	"time"

	"spate/proto/wire"
)

// TestTimeouts: each time-out closes a peer at its time and not before, and
// what should put it off does.
func TestTimeouts(t *testing.T) {
	check := func(what string, at time.Duration, want error, start func(s *scene) *sceneConn, halfway func(c *sceneConn), closes bool) {
		t.Helper()
		s := newSeed(t, testPiece, testPiece)
		c := start(s)
		s.wait(at / 2)
		if halfway != nil {
			halfway(c)
		}
		s.wait(at - at/2)
		if c.closed != nil {
			t.Errorf("%s: closed before its time: %v", what, c.closed)
		}
		s.pass(time.Second)
		if !closes {
			want = nil
		}
		if c.closed != want {
			t.Errorf("%s: closed by %v, want %v", what, c.closed, want)
		}
		if want != nil && (len(s.t.active) != 0 || len(s.host.strangers) != 0) {
			t.Errorf("%s: the peer is still known", what)
		}
	}
	joined := func(s *scene) *sceneConn { return s.peer(true) }
	// stuck takes nothing of what it asks for; so many requests are read on, or
	// are too many to be.
	stuck := func(requests int) func(s *scene) *sceneConn {
		return func(s *scene) *sceneConn {
			c := s.peer(true)
			c.give(wire.AppendInterested(nil))
			c.room = 0
			var all []byte
			for range requests {
				all = wire.AppendRequest(all, wire.Request{Length: block})
			}
			c.give(all)
			return c
		}
	}
	// drips sends less than a message every second.
	drips := func(start func(s *scene) *sceneConn, message []byte) func(s *scene) *sceneConn {
		return func(s *scene) *sceneConn {
			c := start(s)
			s.drip = func() {
				if c.closed == nil && len(message) > 1 {
					c.give(message[:1])
					message = message[1:]
				}
			}
			return c
		}
	}
	alive := func(c *sceneConn) { c.give(wire.AppendKeepAlive(nil)) }

	check("accepted, no handshake", handshakeTimeout, ErrHandshake, (*scene).accept, nil, true)
	check("dialed, no handshake", handshakeTimeout, ErrHandshake, (*scene).dial, nil, true)
	check("half a handshake", handshakeTimeout, ErrHandshake, (*scene).accept, func(c *sceneConn) {
		c.give(wire.AppendHandshake(nil, wire.Handshake{InfoHash: c.s.t.meta.InfoHash})[:30])
	}, true)
	check("a handshake in time", handshakeTimeout, ErrHandshake, (*scene).accept, func(c *sceneConn) {
		c.greet(7, true)
	}, false)
	check("a handshake that drips", handshakeTimeout, ErrHandshake, drips((*scene).accept,
		wire.AppendHandshake(nil, wire.Handshake{})), nil, true)
	check("silence", idleTimeout, ErrIdle, joined, nil, true)
	check("a keep-alive", idleTimeout, ErrIdle, joined, alive, false)
	check("a request that drips", idleTimeout, ErrIdle, joined, func(c *sceneConn) {
		c.give(wire.AppendRequest(nil, wire.Request{Length: block})[:16])
	}, true)
	check("a block that drips", idleTimeout, ErrIdle, drips(joined,
		append(wire.AppendPieceHeader(nil, 0, 0, block), garbage(block)...)), nil, true)
	check("an extended message that drips", idleTimeout, ErrIdle, drips(joined,
		wire.AppendExtended(nil, 7, garbage(1000))), nil, true)
	check("an unknown message that drips", idleTimeout, ErrIdle, drips(joined,
		append([]byte{0, 1, 0, 0, 99}, garbage(1000)...)), nil, true)
	check("a message that drips between keep-alives", idleTimeout, ErrIdle, joined, func(c *sceneConn) {
		c.give(append(wire.AppendKeepAlive(nil), wire.AppendHave(nil, 0)[:8]...))
	}, false)
	check("takes nothing", stallTimeout, ErrStalled, stuck(1), alive, true)
	check("takes nothing of much", stallTimeout, ErrStalled, stuck(backlogRequests+1), nil, true)
	check("takes a bit of much", stallTimeout, ErrStalled, stuck(backlogRequests+1), func(c *sceneConn) {
		c.room = 100
		c.s.host.Writable(c)
	}, false)
	check("takes a bit", stallTimeout, ErrStalled, stuck(1), func(c *sceneConn) {
		alive(c)
		c.room = 100
		c.s.host.Writable(c)
	}, false)
	check("asks for nothing", stallTimeout, ErrStalled, joined, alive, false)
}

// TestKeepAlive: we are never silent for much longer than keepAliveAfter.
func TestKeepAlive(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	c := s.peer(true)
	for i := range 3 {
		s.pass(keepAliveAfter)
		if len(c.out) != 0 {
			t.Errorf("%d: sent %x too early", i, c.out)
		}
		s.pass(time.Second)
		if !bytes.Equal(c.out, wire.AppendKeepAlive(nil)) {
			t.Errorf("%d: sent %x after silence", i, c.out)
		}
		c.out = c.out[:0]
		c.give(wire.AppendKeepAlive(nil)) // so that it is not idle
	}
}
