package swarm

import (
	"bytes"
	"testing"
	"time"

	"spate/proto/wire"
)

// wanting is a peer of a seed that is unchoked.
func (s *scene) wanting(fast bool) *sceneConn {
	c := s.peer(fast)
	c.give(wire.AppendInterested(nil))
	c.out = c.out[:0]
	return c
}

// TestOverflowChokes: a plain peer that asks for more than is kept is choked,
// which withdraws all it asked for, and unchoked after a moment.
func TestOverflowChokes(t *testing.T) {
	q := wire.Request{Length: 100}
	flood := bytes.Repeat(wire.AppendRequest(nil, q), plainRequests)
	start := func() (*scene, *sceneConn) {
		s := newSeed(t, testPiece, testPiece)
		return s, s.wanting(false)
	}
	check := func(what string, c *sceneConn, want []byte) {
		t.Helper()
		if c.closed != nil || !bytes.Equal(c.out, want) {
			t.Errorf("%s: sent %d bytes, want %d; closed by %v", what, len(c.out), len(want), c.closed)
		}
		c.out = c.out[:0]
	}

	s, c := start()
	c.room = 0
	c.give(flood)
	if c.state().amChoking || s.sum.Rejected.Load() != 0 {
		t.Error("choked with no request too many")
	}

	s, c = start()
	c.give(append(flood, wire.AppendRequest(nil, q)...))
	check("one too many", c, wire.AppendChoke(nil))
	if s.sum.Rejected.Load() != 1 || s.host.intake.queued != 0 || s.host.Idle() {
		t.Errorf("%d rejected, %d queued, idle %v", s.sum.Rejected.Load(), s.host.intake.queued, s.host.Idle())
	}
	c.give(wire.AppendRequest(nil, q))
	s.pass(overflowPause - time.Millisecond)
	check("before the pause is over", c, nil)
	s.pass(time.Millisecond)
	check("after the pause", c, wire.AppendUnchoke(nil))
	if !s.host.Idle() {
		t.Error("not idle after the pause")
	}
	c.give(wire.AppendRequest(nil, q))
	check("asks again", c, s.block(q))

	s, c = start()
	c.give(append(flood, wire.AppendRequest(nil, q)...))
	c.state().choke.Unchoked = false // by a choke round in between
	c.out = c.out[:0]
	s.pass(overflowPause)
	check("lost its slot in the pause", c, nil)
}

// TestOverflowRejects: a fast peer is told of the requests that are not kept,
// and gets all others.
func TestOverflowRejects(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	c := s.wanting(true)
	q, over := wire.Request{Length: 100}, wire.Request{Begin: 200, Length: 10}
	c.give(append(bytes.Repeat(wire.AppendRequest(nil, q), ReqQ), wire.AppendRequest(nil, over)...))
	want := append(wire.AppendReject(nil, over), bytes.Repeat(s.block(q), ReqQ)...)
	if !bytes.Equal(c.out, want) || c.state().amChoking || s.sum.Rejected.Load() != 1 {
		t.Errorf("sent %d bytes, want %d; %d rejected", len(c.out), len(want), s.sum.Rejected.Load())
	}
}

// TestFloodEnds: a fast peer that asks on while nothing is sent to it is closed,
// one that gets a block in between is not.
func TestFloodEnds(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	c := s.wanting(true)
	c.state().sendChoke()
	q := wire.Request{Length: 100}
	flood := func(n int) {
		for ; n > 0; n -= min(n, ReqQ) {
			c.give(bytes.Repeat(wire.AppendRequest(nil, q), min(n, ReqQ)))
			c.out = c.out[:0]
		}
	}
	flood(maxRefused)
	c.state().sendUnchoke()
	c.give(wire.AppendRequest(nil, q))
	c.state().sendChoke()
	flood(maxRefused)
	if c.closed != nil {
		t.Fatalf("closed by %v with a block in between", c.closed)
	}
	flood(1)
	if c.closed != ErrFlood {
		t.Errorf("closed by %v after one too many", c.closed)
	}
}

// TestQueueLimit: plain peers have long queues while the loop has room.
func TestQueueLimit(t *testing.T) {
	check := func(fast bool, queued, want int) {
		t.Helper()
		s := newSeed(t, testPiece, testPiece)
		c := s.wanting(fast)
		s.host.intake.queued = queued
		if got := c.state().queueLimit(); got != want {
			t.Errorf("fast %v with %d queued: %d, want %d", fast, queued, got, want)
		}
	}
	check(true, 0, ReqQ)
	check(false, loopRequests, plainRequests)
	check(false, loopRequests+1, ReqQ)
}
