package swarm

import (
	"testing"

	"spate/proto/wire"
)

// TestStalePayload: a block that nobody waits for any more does not take back
// the request for the same block that was sent while it came in. Otherwise a
// peer whose blocks follow one another closely would send it for ever.
func TestStalePayload(t *testing.T) {
	s := newLeech(t, block, block)
	c := s.peer(false)
	c.give(wire.AppendUnchoke(wire.AppendBitfield(nil, []byte{0x80})))
	all := c.asked()
	if len(all) != 1 {
		t.Fatalf("asked for %v", all)
	}
	whole := s.block(all[0])
	half := len(whole) / 2
	c.give(append(wire.AppendUnchoke(wire.AppendChoke(nil)), whole[:half]...))
	if again := c.asked(); len(again) != 1 || again[0] != all[0] {
		t.Fatalf("asked for %v after a choke", again)
	}
	c.give(append(append([]byte(nil), whole[half:]...), whole[:half]...))
	if more := c.asked(); len(more) != 0 || c.state().down.pipe.Outstanding() != 1 {
		t.Errorf("asked for %v a third time, %d outstanding", more, c.state().down.pipe.Outstanding())
	}
	c.give(whole[half:])
	if !s.completed || s.sum.Wasted.Load() != block {
		t.Errorf("completed %v, %d bytes in vain", s.completed, s.sum.Wasted.Load())
	}
}
