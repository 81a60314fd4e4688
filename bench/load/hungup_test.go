package load

import (
	"io"
	"testing"
)

// ended is the connection of a slot, for Closed.
type ended struct {
	pipe
	of *slot
}

func (e *ended) Context() any { return e.of }

// A seeder that is hung up on when all was sent asks at once whether that was
// all, and not over and over; one that gave everything itself knows.
func TestHungUp(t *testing.T) {
	torrent := content(t, t.TempDir(), 1<<20)
	s, l := bench(t, torrent, Config{Role: Seed, Conns: 2, Content: Content{}})
	s.dials.waiting = nil
	sl := s.slots[0]
	check := func(what string, dials int, complete bool) {
		t.Helper()
		s.dials.under = 0
		c := &ended{of: sl}
		sl.life = newSeed(newBase(s, sl, c))
		s.Closed(c, io.EOF)
		if len(l.dials) != dials || s.g.isComplete() != complete {
			t.Errorf("%s: %d dials, complete %t; want %d, %t", what, len(l.dials), s.g.isComplete(), dials, complete)
		}
		s.dials.waiting = nil
	}
	check("before all was sent", 0, false)
	s.g.sent.Store(torrent.Info.Length)
	check("after it", 1, false)
	check("once more", 1, false)
	check("a second later", 2, false)
	sl.bytes = torrent.Info.Length
	check("by one that gave all", 2, true)
}
