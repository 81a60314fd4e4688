package swarm

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"spate/proto/wire"
)

// errDisk is what a broken disk answers.
var errDisk = errors.New("disk is broken")

// ask has the peer ask for blocks of the first piece, by their numbers, and
// returns what should come.
func (c *sceneConn) ask(blocks ...uint32) (want []byte) {
	var b []byte
	for _, i := range blocks {
		q := wire.Request{Begin: i * block, Length: block}
		b = wire.AppendRequest(b, q)
		want = append(want, c.s.block(q)...)
	}
	c.give(b)
	return want
}

// newCold is a seed whose file is open and not in memory, with two peers.
func newCold(t *testing.T) (s *scene, a, b *sceneConn) {
	s = newSeed(t, testPiece, testPiece)
	a, b = s.wanting(true), s.wanting(true)
	a.ask(0)
	a.out = a.out[:0]
	s.store.resident = false
	return s, a, b
}

// TestWarm: what does not lie in memory is brought there, as long a run as
// there is, before any of it is sent.
func TestWarm(t *testing.T) {
	s, c, _ := newCold(t)
	s.store.slow = true
	want := c.ask(2, 3, 4, 9)
	check := func(blocks int, warmed ...int) {
		t.Helper()
		if n := blocks * (block + wire.PieceHeaderLen); !bytes.Equal(c.out, want[:n]) {
			t.Errorf("sent %d bytes, want %d", len(c.out), n)
		}
		if !slices.Equal(s.store.warmed, warmed) {
			t.Errorf("warmed %v, want %v", s.store.warmed, warmed)
		}
		s.store.end()
		s.loop.run()
	}
	check(0, 3*block)
	check(3, 3*block, block)
	check(4, 3*block, block)
}

// TestWarmIsForgotten: a queue that was dropped while its range was brought
// into memory says nothing of the next one.
func TestWarmIsForgotten(t *testing.T) {
	s, c, _ := newCold(t)
	s.store.slow = true
	c.ask(2, 3)
	c.state().sendChoke()
	c.state().sendUnchoke()
	s.loop.run()
	c.out = c.out[:0]
	want := c.ask(7)
	s.store.end()
	s.loop.run()
	if len(c.out) != 0 || !slices.Equal(s.store.warmed, []int{2 * block, block}) {
		t.Errorf("sent %d bytes after %v were warmed", len(c.out), s.store.warmed)
	}
	s.store.end()
	s.loop.run()
	if !bytes.Equal(c.out, want) {
		t.Errorf("sent %d bytes, want %d", len(c.out), len(want))
	}
}

// TestWarmIsCancelled: what is cancelled while its range is brought into memory
// does not make what comes after it count as warm.
func TestWarmIsCancelled(t *testing.T) {
	s, c, _ := newCold(t)
	s.store.slow = true
	c.ask(2, 3)
	c.give(wire.AppendCancel(wire.AppendCancel(nil, wire.Request{Begin: 2 * block, Length: block}),
		wire.Request{Begin: 3 * block, Length: block}))
	c.ask(7)
	c.out = c.out[:0]
	s.store.end()
	s.loop.run()
	if len(c.out) != 0 || !slices.Equal(s.store.warmed, []int{2 * block, block}) {
		t.Errorf("sent %d bytes after %v were warmed", len(c.out), s.store.warmed)
	}
}

// TestWarmFails: content that cannot be read closes the peer that asked for it
// and no other, and is told of once.
func TestWarmFails(t *testing.T) {
	s, a, b := newCold(t)
	s.store.fail = errDisk
	a.ask(2)
	if a.closed != ErrContent || b.closed != nil || !slices.Equal(s.lost, []error{errDisk}) {
		t.Errorf("closed by %v and %v, lost %v", a.closed, b.closed, s.lost)
	}
	s.store.fail = nil
	if want := b.ask(2); !bytes.Equal(b.out, want) {
		t.Errorf("the other got %d bytes of %d", len(b.out), len(want))
	}
	s.store.fail = errDisk
	b.ask(3)
	if b.closed != ErrContent || len(s.lost) != 1 {
		t.Errorf("closed by %v, lost %v", b.closed, s.lost)
	}
}

// TestBusy: a store that is busy is asked again by the ticks, and no request
// is lost or served out of turn.
func TestBusy(t *testing.T) {
	open := func(files ...int64) (*scene, *sceneConn) {
		s := newSeed(t, testPiece, files...)
		return s, s.wanting(true)
	}
	check := func(what string, s *scene, c *sceneConn, busy, ticks int) {
		t.Helper()
		s.store.busy = busy
		want := c.ask(0, 1, 2)
		for range ticks {
			if len(c.out) != 0 {
				t.Errorf("%s: sent %d bytes while busy", what, len(c.out))
			}
			s.pass(50 * time.Millisecond)
		}
		if !bytes.Equal(c.out, want) || s.store.busy != 0 {
			t.Errorf("%s: sent %d bytes after %d ticks, want %d", what, len(c.out), ticks, len(want))
		}
		if c.closed != nil || len(s.lost) != 0 || s.buffers.inUse != 0 {
			t.Errorf("%s: closed by %v, lost %v, %d bytes in use", what, c.closed, s.lost, s.buffers.inUse)
		}
	}
	s, c, _ := newCold(t)
	check("Warm", s, c, 2, 2)
	s, c = open(100, testPiece-100) // the first block lies in two files
	check("Read", s, c, 2, 2)

	// Where no file can be opened, the disk reads a block at once.
	s, c = open(testPiece)
	check("Acquire", s, c, 1, 0)
	if s.store.reads != 1 || s.store.acquires != 2 {
		t.Errorf("%d reads, %d opens", s.store.reads, s.store.acquires)
	}
	s, c = open(testPiece)
	check("Acquire and Read", s, c, 2, 1)
}

// TestBusyOnceThePeerHasLeft: what the disk answers, busy or broken or well, when
// the peer that it was asked for has left in between, concerns nobody.
func TestBusyOnceThePeerHasLeft(t *testing.T) {
	check := func(what string, busy int, fail error, files ...int64) {
		t.Helper()
		s := newSeed(t, testPiece, files...)
		c := s.wanting(true)
		s.store.slow, s.store.busy, s.store.fail = true, busy, fail
		c.ask(0)
		c.Close(errDisk)
		s.loop.run()
		s.store.end()
		s.loop.run()
		if s.t.Peers() != 0 || s.buffers.inUse != 0 || len(c.out) != 0 {
			t.Errorf("%s: %d peers, %d bytes in use, %d sent", what, s.t.Peers(), s.buffers.inUse, len(c.out))
		}
		s.store.slow, s.store.busy, s.store.fail = false, 0, nil
		next := s.wanting(true)
		if want := next.ask(0); !bytes.Equal(next.out, want) {
			t.Errorf("%s: the next one got %d bytes of %d", what, len(next.out), len(want))
		}
	}
	for _, files := range [][]int64{{testPiece}, {100, testPiece - 100}} {
		check("busy", 1, nil, files...)
		check("broken", 0, errDisk, files...)
		check("well", 0, nil, files...)
	}
}

// TestDetourGivesBack: a block that could not be read uses nothing of Up, and
// is tried once a tick.
func TestDetourGivesBack(t *testing.T) {
	const rate = 500 * block
	check := func(what string, wait func(s *scene, on bool)) {
		t.Helper()
		s := newSeed(t, testPiece, 100, testPiece-100)
		s.host.Up = NewLimiter(rate, 1)
		s.loop.now += 200 * time.Millisecond
		level := s.host.Up.Left(0, s.loop.now, false)
		a, b := s.wanting(true), s.wanting(true)
		wait(s, true)
		want := a.ask(0)
		b.ask(0)
		for range 3 {
			before := s.store.reads + s.buffers.asked
			s.pass(50 * time.Millisecond)
			if n := s.store.reads + s.buffers.asked - before; n > 4 {
				t.Errorf("%s: tried %d times in a tick", what, n)
			}
		}
		if got := s.host.Up.lines[0].level; got != level {
			t.Errorf("%s: Up is %d bytes lower with nothing sent", what, level-got)
		}
		wait(s, false)
		s.pass(50 * time.Millisecond)
		if !bytes.Equal(a.out, want) || !bytes.Equal(b.out, want) {
			t.Errorf("%s: sent %d and %d bytes, want %d", what, len(a.out), len(b.out), len(want))
		}
		if got := s.host.Up.lines[0].level; got != level-2*block {
			t.Errorf("%s: two blocks used %d bytes of Up", what, level-got)
		}
	}
	check("no buffer", func(s *scene, on bool) { s.buffers.none = on })
	check("busy", func(s *scene, on bool) {
		if s.store.busy = 0; on {
			s.store.busy = 1000
		}
	})
}
