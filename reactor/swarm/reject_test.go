package swarm

import (
	"bytes"
	"slices"
	"testing"

	"spate/proto/wire"
)

// emptyPiece is a piece message without a block: how BitComet rejects.
func emptyPiece(b []byte, q wire.Request) []byte {
	return wire.AppendPieceHeader(b, q.Index, q.Begin, 0)
}

// TestRejectAsksAgain: what was rejected, in either way, goes back to the
// picker, which asks for it again.
func TestRejectAsksAgain(t *testing.T) {
	check := func(what string, reject func([]byte, wire.Request) []byte) {
		t.Helper()
		s := newLeech(t, 2*block, block+100)
		c := s.source()
		all := c.asked()
		if len(all) != 2 || all[1].Length != 100 {
			t.Fatalf("%s: asked for %v", what, all)
		}
		for i, q := range all {
			c.give(reject(nil, q))
			if again := c.asked(); !slices.Equal(again, all[i:i+1]) || c.state().down.rejects != i+1 {
				t.Errorf("%s: asked for %v again, want %v; %d rejects", what, again, q, c.state().down.rejects)
			}
		}
	}
	check("reject", wire.AppendReject)
	check("empty piece", emptyPiece)
}

// TestRejectsEnd: a peer that refuses everything is closed, one that gives a
// block in between is not.
func TestRejectsEnd(t *testing.T) {
	check := func(what string, reject func([]byte, wire.Request) []byte) {
		t.Helper()
		s := newLeech(t, 4*block, 4*block)
		c := s.source()
		one := reject(nil, c.asked()[0])
		flood := bytes.Repeat(one, maxRejects)
		c.give(flood)
		c.give(s.block(c.asked()[0]))
		c.give(flood)
		if c.closed != nil {
			t.Errorf("%s: closed by %v with a block in between", what, c.closed)
		}
		c.give(one)
		if c.closed != ErrRejects {
			t.Errorf("%s: closed by %v after one too many", what, c.closed)
		}
	}
	check("reject", wire.AppendReject)
	check("empty piece", emptyPiece)
}

// TestEmptyPieceOutside: an empty piece must name a place that exists.
func TestEmptyPieceOutside(t *testing.T) {
	check := func(q wire.Request) {
		t.Helper()
		s := newLeech(t, 2*block, block+100)
		c := s.source()
		c.give(emptyPiece(nil, q))
		if c.closed == nil {
			t.Errorf("an empty piece at %v is taken", q)
		}
	}
	check(wire.Request{Begin: block + 100})
	check(wire.Request{Index: 1})
}

// TestHalfAControlMessage: a block that the disk has read while the socket took
// half of a control message leaves behind the other half.
func TestHalfAControlMessage(t *testing.T) {
	s := newSeed(t, testPiece, block/2, testPiece)
	c := s.wanting(true)
	s.store.slow = true
	across, other := wire.Request{Length: block}, wire.Request{Begin: block, Length: block}
	c.give(wire.AppendRequest(wire.AppendRequest(nil, across), other))
	c.out, c.room = c.out[:0], 5
	c.give(wire.AppendCancel(nil, other))
	s.store.end()
	s.loop.run()
	c.room = 1 << 20
	s.host.Writable(c)
	s.loop.run()
	if want := append(wire.AppendReject(nil, other), s.block(across)...); !bytes.Equal(c.out, want) {
		t.Errorf("got %d bytes, beginning with %x, want %d, with %x", len(c.out), c.out[:min(20, len(c.out))], len(want), want[:20])
	}
}

// TestChokesEnd: without the fast extension a choke refuses all that was asked: a
// peer that chokes and unchokes us all the time is closed as well.
func TestChokesEnd(t *testing.T) {
	s := newLeech(t, 2*block, 2*block)
	c := s.peer(false)
	c.give(wire.AppendBitfield(nil, []byte{0x80}))
	for range maxRejects / 2 {
		c.give(wire.AppendUnchoke(nil))
		if n := len(c.asked()); n != 2 {
			t.Fatalf("asked for %d blocks", n)
		}
		c.give(wire.AppendChoke(nil))
	}
	if c.closed != nil {
		t.Fatalf("closed by %v too early", c.closed)
	}
	c.give(wire.AppendUnchoke(nil))
	c.give(wire.AppendChoke(nil))
	if c.closed != ErrRejects {
		t.Errorf("closed by %v after one too many", c.closed)
	}
}

// TestRefuserYields: a block that one peer refuses is asked of one who waits, and
// not of the same peer again and again.
func TestRefuserYields(t *testing.T) {
	s := newLeech(t, block, block)
	refuser := s.source()
	all := refuser.asked()
	if len(all) != 1 {
		t.Fatalf("asked for %v", all)
	}
	other := s.source()
	refuser.give(wire.AppendReject(nil, all[0]))
	if got := other.asked(); len(got) != 1 || got[0] != all[0] {
		t.Errorf("the other is asked for %v, want %v", got, all)
	}
}
