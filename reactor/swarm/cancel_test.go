package swarm

import (
	"net/netip"
	"testing"

	"spate/proto/wire"
)

// TestCancelStorm: cancels have the queue searched, and a peer has no more of
// that than its limit; who takes back all that it asked for stays.
func TestCancelStorm(t *testing.T) {
	check := func(what string, fast bool, queued, cancels, reach int, want error) {
		t.Helper()
		s := newSeed(t, testPiece, testPiece)
		c := s.peer(fast)
		c.give(wire.AppendInterested(nil))
		c.room = 0
		asks := make([]wire.Request, queued)
		var all []byte
		for i := range asks {
			asks[i] = wire.Request{Begin: uint32(i % testPiece), Length: 1}
			all = wire.AppendRequest(all, asks[i])
		}
		c.give(all)
		p := c.state()
		for i := 0; i < cancels && c.closed == nil; i++ {
			before := p.up.searched
			c.give(wire.AppendCancel(nil, asks[len(asks)-1-i%reach]))
			if cost := p.up.searched - before; cost > queued {
				t.Fatalf("%s: a cancel looked at %d requests of %d", what, cost, queued)
			}
		}
		if c.closed != want || want != nil && p.up.searched > maxSearched+queued {
			t.Errorf("%s: closed by %v after %d looked at, want %v", what, c.closed, p.up.searched, want)
		}
	}
	check("all of a full reqq", true, ReqQ, ReqQ, ReqQ, nil)
	check("all of a large queue", false, 8000, 8000, 8000, nil)
	check("the same again and again", false, 100_000, 10_000, 1, ErrFlood)
}

// TestCancelCredit: blocks that a peer takes allow it cancels.
func TestCancelCredit(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	r.p.up.searched = maxSearched
	ask := wire.Request{Length: block}
	r.ask(t, ask)
	if err := r.p.OnCancel(ask); err != nil || r.p.up.searched != maxSearched-searchCredit {
		t.Errorf("%v, %d searched after a block", err, r.p.up.searched)
	}
}

// TestOneListeningPort: a peer names one place where it can be dialed, and
// cannot keep us from dialing others of its address by naming theirs.
func TestOneListeningPort(t *testing.T) {
	s := newLeech(t, testPiece, testPiece)
	c := s.peer(true)
	check := func(port uint16, want candidateState) {
		t.Helper()
		at := netip.AddrPortFrom(c.remote.Addr(), port)
		s.t.roster.add(at, false)
		c.give(wire.AppendExtHandshake(nil, wire.ExtHandshake{P: port}))
		if got := s.t.roster.list[s.t.roster.index[at]].state; got != want {
			t.Errorf("port %d: state %d, want %d", port, got, want)
		}
	}
	check(1000, candidateConnected)
	check(1001, candidateIdle)
	check(1002, candidateIdle)
}

// TestChokeStorm: a peer that lets us ask, takes it back and reads nothing makes
// us say the same again and again, as far as the queue of what is said goes.
func TestChokeStorm(t *testing.T) {
	s := newLeech(t, testPiece, testPiece)
	c := s.peer(false)
	c.give(wire.AppendBitfield(nil, []byte{0x80}))
	c.room = 0
	for range 10_000 {
		if c.give(wire.AppendUnchoke(nil)); c.closed != nil {
			break
		}
		if n := len(c.state().ctl); n > maxControl {
			t.Fatalf("%d bytes of control messages wait", n)
		}
		c.give(wire.AppendChoke(nil))
		c.state().down.rejects = 0 // as if it gave a block now and then
	}
	if c.closed != ErrControlFull {
		t.Errorf("closed by %v", c.closed)
	}
}
