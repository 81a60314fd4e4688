package swarm

import (
	"testing"
	"time"

	"spate/proto/bitfield"
	"spate/proto/wire"
)

// garbage is the rest of a block's payload, from a peer that means no good.
func garbage(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 0xEE
	}
	return b
}

// TestLatePayload: bytes that come after their place in the piece buffer was
// given to another peer do not touch it.
func TestLatePayload(t *testing.T) {
	check := func(what string, late time.Duration, stolen bool) {
		t.Helper()
		s := newLeech(t, 2*block, 2*block)
		slow := s.source()
		first := slow.asked()
		if len(first) != 2 {
			t.Fatalf("%s: asked for %d blocks", what, len(first))
		}
		half := len(s.block(first[0])) / 2
		slow.give(s.block(first[0])[:half])
		quick := s.source()
		s.pass(late)
		again := quick.asked()
		if len(again) != 2 || (slow.state().down.into != nil) != stolen {
			t.Fatalf("%s: the other was asked for %v", what, again)
		}
		quick.give(s.block(first[0]))
		slow.give(garbage(len(s.block(first[0])) - half))
		quick.give(s.block(first[1]))
		if !s.completed || s.store.wrong != 0 || s.sum.Downloaded.Load() != 3*block {
			t.Errorf("%s: completed %v, %d wrong pieces", what, s.completed, s.store.wrong)
		}
		if s.buffers.inUse != 0 {
			t.Errorf("%s: %d bytes of buffers are left", what, s.buffers.inUse)
		}
	}
	check("cancelled in the middle of a block", 30*time.Second, true)
	check("snubbed in the middle of a block", 61*time.Second, false)
}

// TestWrittenPieceLetsAsk: a peer for whose request there was no memory asks
// again as soon as a piece is written, without a tick.
func TestWrittenPieceLetsAsk(t *testing.T) {
	s := newLeech(t, 2*block, 4*block)
	s.host.PieceMemory = 2 * block
	s.store.slow = true
	s.pass(time.Second)
	a, b := s.source(), s.source()
	all := a.asked()
	if n := len(b.asked()); len(all) != 2 || n != 0 {
		t.Fatalf("asked for %d and %d blocks with memory for two", len(all), n)
	}
	for _, q := range all {
		a.give(s.block(q))
	}
	if n := len(a.asked()) + len(b.asked()); n != 0 {
		t.Errorf("asked for %d blocks while the piece waits for the disk", n)
	}
	s.store.end()
	s.loop.run()
	if n := len(a.asked()) + len(b.asked()); n != 2 {
		t.Errorf("asked for %d blocks once it was written", n)
	}
}

// TestMemoryComesBack: all memory is returned, however a download ends.
func TestMemoryComesBack(t *testing.T) {
	check := func(what string, end func(s *scene, c *sceneConn, all []wire.Request)) {
		t.Helper()
		s := newLeech(t, 2*block, 2*block)
		s.store.slow = true
		c := s.source()
		all := c.asked()
		c.give(s.block(all[0]))
		s.pass(time.Second)
		if s.committed.Load() != 2*block || s.buffers.inUse != 2*block {
			t.Fatalf("%s: %d bytes committed, %d in use in the middle", what, s.committed.Load(), s.buffers.inUse)
		}
		end(s, c, all)
		s.loop.run()
		if n := s.committed.Load(); n != 0 {
			t.Errorf("%s: %d bytes stay committed", what, n)
		}
		if n := s.buffers.InUse(); n != 0 {
			t.Errorf("%s: %d bytes of buffers stay in use", what, n)
		}
	}
	check("completed", func(s *scene, c *sceneConn, all []wire.Request) {
		c.give(s.block(all[1]))
		s.store.end()
		s.loop.run()
		if !s.completed {
			t.Error("not completed")
		}
	})
	check("stopped in the middle of a piece", func(s *scene, _ *sceneConn, _ []wire.Request) {
		s.t.Stop()
		if s.drained != 1 {
			t.Errorf("drained %d times", s.drained)
		}
	})
	check("stopped in the middle of a block beside its piece", func(s *scene, c *sceneConn, all []wire.Request) {
		c.give(s.block(all[1])[:100])
		other := s.source()
		s.pass(30 * time.Second)
		again := other.asked()
		if len(again) != 1 || again[0] != all[1] {
			t.Fatalf("the other was asked for %v", again)
		}
		other.give(s.block(all[1])[:100])
		if s.buffers.inUse != 3*block {
			t.Errorf("%d bytes in use with a block beside its piece", s.buffers.inUse)
		}
		s.t.Stop()
	})
	check("stopped with a piece on its way to the disk", func(s *scene, c *sceneConn, all []wire.Request) {
		c.give(s.block(all[1]))
		s.t.Stop()
		s.loop.run()
		if s.drained != 0 || s.buffers.inUse != 2*block {
			t.Errorf("drained %d times, %d bytes in use before the disk was done", s.drained, s.buffers.inUse)
		}
		s.store.end()
		s.loop.run()
		if s.drained != 1 || !s.t.have.Has(0) {
			t.Errorf("drained %d times, the piece is had: %v", s.drained, s.t.have.Has(0))
		}
	})
}

// TestDownLimit: no more blocks are asked for than Down allows, and what Pick
// has no block for is given back.
func TestDownLimit(t *testing.T) {
	s := newLeech(t, 4*block, 8*block)
	s.host.Down = NewLimiter(5*block, 1) // a block each 200 ms
	s.host.Down.Take(0, block/2)         // a burst of half a block is there at first
	tick := func() {
		s.loop.now += 200 * time.Millisecond
		s.pass(0)
	}
	c := s.source()
	if n := len(c.asked()); n != 0 {
		t.Errorf("asked for %d blocks of nothing", n)
	}
	for i := range 2 {
		tick()
		if n := len(c.asked()); n != 1 {
			t.Errorf("asked for %d blocks in interval %d", n, i)
		}
	}

	s = newLeech(t, block, block)
	s.host.Down = NewLimiter(50*block, 1)
	tick()
	c = s.source()
	if n := len(c.asked()); n != 1 {
		t.Errorf("asked for %d of one block", n)
	}
	if left := s.host.Down.lines[0].level; left != 4*block {
		t.Errorf("%d bytes left of %d after one block", left, 5*block)
	}
}

// TestLateBitfield: one in the middle of a transfer adds pieces and leaves what
// was asked for alone.
func TestLateBitfield(t *testing.T) {
	s := newLeech(t, 2*block, 6*block)
	c := s.peer(true)
	set := func(pieces ...int) []byte {
		b := bitfield.New(3)
		for _, i := range pieces {
			b.Set(i)
		}
		return wire.AppendBitfield(nil, b.Bytes())
	}
	c.give(wire.AppendUnchoke(set(0)))
	all := c.asked()
	if len(all) != 2 || all[0].Index != 0 || all[1].Index != 0 {
		t.Fatalf("asked for %v of piece 0", all)
	}
	c.give(set(2))
	p := c.state()
	if n := s.t.pick.Outstanding(p.id); n != 2 || len(c.asked()) != 0 {
		t.Errorf("%d requests outstanding after the second bitfield", n)
	}
	if !p.have.Has(0) || p.have.Has(1) || !p.have.Has(2) {
		t.Errorf("the peer has %b", p.have.Bytes())
	}
	c.give(append(s.block(all[0]), s.block(all[1])...))
	if all = c.asked(); len(all) == 0 || all[0].Index != 2 {
		t.Errorf("asked for %v of piece 2", all)
	}
}
