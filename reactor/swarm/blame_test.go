package swarm

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spate/proto/wire"
)

// witness is a source that answers by its own lights.
type witness struct {
	*sceneConn
	lies  func(n int, q wire.Request) bool // of its n-th block
	given int
	lied  bool
	due   []wire.Request // asked for, and not given
}

func honest(int, wire.Request) bool { return false }
func always(int, wire.Request) bool { return true }

// oneIn lies once in n blocks.
func oneIn(n int) func(int, wire.Request) bool {
	return func(i int, _ wire.Request) bool { return i%n == n-1 }
}

// once lies about the first block only.
func once(n int, _ wire.Request) bool { return n == 0 }

func (s *scene) witness(lies func(int, wire.Request) bool) *witness {
	return &witness{sceneConn: s.source(), lies: lies}
}

// answer gives up to n of the blocks that were asked for, and returns how many.
func (w *witness) answer(n int) int {
	w.due = append(w.due, w.asked()...)
	n = min(n, len(w.due))
	for i := range n {
		if w.closed != nil {
			return i
		}
		q := w.due[0]
		w.due = w.due[1:]
		b := w.s.block(q)
		if w.lies(w.given, q) {
			b[len(b)-1] ^= 1
			w.lied = true
		}
		w.given++
		w.give(b)
	}
	return n
}

// trial has all witnesses answer, in turns of one block, until the torrent is
// complete or nothing more happens for a while.
func (s *scene) trial(all ...*witness) {
	for idle := 0; idle < 200 && !s.completed; {
		moved := 0
		for _, w := range all {
			if w.closed == nil {
				moved += w.answer(1 << 20)
			}
		}
		if idle++; moved > 0 {
			idle = 0
		}
		s.pass(time.Second)
	}
}

// TestLiars: exactly those who gave a wrong block are banned, whatever the others
// gave to the same pieces, and the download completes with one honest seed.
func TestLiars(t *testing.T) {
	check := func(what string, lies ...func(int, wire.Request) bool) {
		t.Helper()
		s := newLeech(t, 8*block, 64*8*block)
		all := []*witness{s.witness(honest)}
		for _, l := range lies {
			all = append(all, s.witness(l))
		}
		s.trial(all...)
		if !s.completed {
			t.Errorf("%s: not complete: %d pieces had a wrong hash", what, s.sum.HashFails.Load())
		}
		banned := int64(0)
		for i, w := range all {
			if (w.closed == ErrBadData) != w.lied || s.t.roster.bans.Has(w.remote) != w.lied {
				t.Errorf("%s: witness %d lied: %v, gave %d blocks and was closed by %v", what, i, w.lied, w.given, w.closed)
			}
			if w.lied {
				banned++
			}
		}
		if n := s.host.Figures.Banned.Load(); n != banned || banned == 0 {
			t.Errorf("%s: %d addresses banned, want %d", what, n, banned)
		}
		if n, most := s.sum.HashFails.Load(), int64(8*len(lies)); n == 0 || n > most {
			t.Errorf("%s: %d pieces had a wrong hash, want 1 to %d", what, n, most)
		}
		if s.buffers.inUse != 0 {
			t.Errorf("%s: %d bytes of buffers are left", what, s.buffers.inUse)
		}
	}
	check("one that always lies", always)
	check("one block in a hundred", oneIn(100))
	check("once, and right the second time", once)
	check("two that lie", always, always)
	check("one that lies beside one honest", once, honest)
	check("a majority that lies about everything", always, always, always, always, always)
	check("now and then, several", oneIn(100), oneIn(50), once, honest)
}

// shared has two peers give two blocks each to the only piece; the first one's
// block is wrong.
func shared(t *testing.T) (s *scene, liar, good *witness) {
	t.Helper()
	s = newLeech(t, 4*block, 4*block)
	liar, good = s.witness(once), s.witness(honest)
	if liar.answer(2) != 2 || good.answer(2) != 2 || s.sum.HashFails.Load() != 1 {
		t.Fatal("the piece was not shared")
	}
	if liar.closed != nil || good.closed != nil {
		t.Fatalf("somebody is blamed without proof: %v, %v", liar.closed, good.closed)
	}
	return s, liar, good
}

// TestSuspectsGiveWholePieces: a piece that failed is asked of one peer at a time.
func TestSuspectsGiveWholePieces(t *testing.T) {
	s, liar, good := shared(t)
	s.pass(time.Second)
	for range 30 {
		if s.completed {
			break
		}
		if n := len(s.t.active); n != 2 {
			t.Fatalf("%d peers are left before it is known who lied", n)
		}
		a, b := liar.answer(1), good.answer(1)
		if a > 0 && b > 0 {
			t.Fatal("both give to a piece that failed")
		}
		if a+b == 0 {
			s.pass(time.Second)
		}
		s.loop.run()
	}
	if liar.closed != ErrBadData || good.closed == ErrBadData {
		t.Errorf("closed by %v and %v", liar.closed, good.closed)
	}
	if n := liar.given + good.given; n != 8 || !s.completed {
		t.Errorf("%d blocks were given, completed %v", n, s.completed)
	}
}

// TestLiarThatLeft: who is gone before the piece is verified is banned by its
// address, and what it says of itself.
func TestLiarThatLeft(t *testing.T) {
	s, liar, good := shared(t)
	s.host.Closed(liar, errors.New("gone"))
	liar.closed = errors.New("gone")
	back := s.accept()
	back.remote = netip.AddrPortFrom(liar.remote.Addr(), 77)
	back.greet(60, true)
	if !back.state().giver.Suspected() {
		t.Error("who comes back is under no suspicion")
	}
	s.trial(good)
	if !s.completed || good.closed == ErrBadData || !s.t.roster.bans.Has(liar.remote) || s.t.roster.bans.Has(good.remote) {
		t.Errorf("completed %v, the honest one was closed by %v", s.completed, good.closed)
	}
	if back.closed != ErrBadData {
		t.Errorf("the liar that came back is closed by %v", back.closed)
	}
	again := s.accept()
	again.remote = back.remote
	again.greet(61, true)
	if again.closed != ErrBanned {
		t.Errorf("it comes once more and is closed by %v", again.closed)
	}
}

// TestLiarInEndgame: of a block that two peers give, the one that counts is
// judged.
func TestLiarInEndgame(t *testing.T) {
	check := func(liarFirst bool) {
		t.Helper()
		s := newLeech(t, 4*block, 4*block)
		a, b := s.witness(honest), s.witness(honest)
		a.answer(2)
		left := b.asked()
		s.pass(30 * time.Second)
		twice := a.asked()
		if len(left) != 2 || !slices.Contains(twice, left[0]) {
			t.Fatalf("not asked twice: %v, %v", left, twice)
		}
		wrong := s.block(left[0])
		wrong[20] ^= 1
		if liarFirst {
			b.give(wrong) // counts
			a.give(s.block(left[0]))
		} else {
			b.give(wrong[:100])
			a.give(s.block(left[0])) // counts
			b.give(wrong[100:])
		}
		for _, q := range left[1:] {
			a.give(s.block(q))
		}
		s.trial(a)
		fails := int64(0)
		if liarFirst {
			fails = 1
		}
		if !s.completed || s.sum.HashFails.Load() != fails || (b.closed == ErrBadData) != liarFirst || a.closed == ErrBadData {
			t.Errorf("liar first %v: completed %v, %d pieces failed, closed by %v and %v",
				liarFirst, s.completed, s.sum.HashFails.Load(), a.closed, b.closed)
		}
	}
	check(true)
	check(false)
}

// TestSpoilerThatLeavesTheRest: who gives a wrong block of a piece that failed
// and leaves the rest to others does not spoil it: they give all of it.
func TestSpoilerThatLeavesTheRest(t *testing.T) {
	s, liar, good := shared(t)
	liar.lies = always
	for range 300 {
		s.pass(time.Second)
		if liar.closed == nil && liar.answer(1) > 0 {
			out := wire.AppendChoke(nil)
			for _, q := range append(liar.due, liar.asked()...) {
				out = wire.AppendReject(out, q)
			}
			liar.give(out)
			liar.due = nil
			s.pass(time.Second)
			liar.give(wire.AppendUnchoke(nil))
		}
		if good.answer(1 << 20); s.completed {
			break
		}
	}
	if !s.completed || good.closed == ErrBadData || liar.closed != ErrBadData {
		t.Errorf("completed %v, closed by %v and %v", s.completed, good.closed, liar.closed)
	}
	if n := s.sum.HashFails.Load(); n != 1 {
		t.Errorf("%d pieces had a wrong hash", n)
	}
}

// TestLiarsOtherBlocks: what a liar gave to pieces under way is fetched again,
// before they fail.
func TestLiarsOtherBlocks(t *testing.T) {
	s := newLeech(t, 2*block, 6*block)
	liar := s.witness(always)
	first := liar.asked()
	b := s.block(first[0])
	b[20] ^= 1
	liar.give(b)
	more := liar.asked()
	other := slices.IndexFunc(more, func(q wire.Request) bool { return q.Index != first[0].Index })
	if other < 0 {
		t.Fatalf("asked for %v and %v", first, more)
	}
	wrong := s.block(more[other])
	wrong[20] ^= 1
	liar.give(wrong)
	liar.give(s.block(first[1]))
	if liar.closed != ErrBadData {
		t.Fatalf("closed by %v", liar.closed)
	}
	good := s.witness(honest)
	s.trial(good)
	if n := s.sum.HashFails.Load(); n != 1 || !s.completed {
		t.Errorf("%d pieces had a wrong hash, completed %v", n, s.completed)
	}
	if n := s.sum.Wasted.Load(); n != 3*block {
		t.Errorf("%d bytes in vain, want %d", n, 3*block)
	}
}

// TestSameAddress: a ban closes all that comes from the address.
func TestSameAddress(t *testing.T) {
	s := newLeech(t, block, 4*block)
	neighbour := s.accept()
	neighbour.remote = netip.MustParseAddrPort("10.0.0.77:5")
	neighbour.greet(70, true)
	liar := s.accept()
	liar.remote = netip.MustParseAddrPort("10.0.0.77:6")
	liar.greet(71, true)
	liar.out = liar.out[:0]
	liar.give(wire.AppendUnchoke(wire.AppendHaveAll(nil)))
	q := liar.asked()[0]
	liar.give(append(wire.AppendPieceHeader(nil, q.Index, q.Begin, q.Length), garbage(block)...))
	if liar.closed != ErrBadData || neighbour.closed != ErrBanned {
		t.Errorf("closed by %v and %v", liar.closed, neighbour.closed)
	}
}

// TestLiarsWithoutEnd: a piece that fails again and again is waited with, however
// many addresses its liars have.
func TestLiarsWithoutEnd(t *testing.T) {
	s := newLeech(t, block, block)
	const span = 10 * time.Minute
	for s.loop.now < span {
		liar := s.witness(always)
		for range 10 {
			liar.answer(1)
			s.pass(time.Second)
		}
		if liar.closed == nil {
			liar.closed = errors.New("gone")
			s.host.Closed(liar, liar.closed)
		}
	}
	if n := s.sum.HashFails.Load(); n < 5 || n > 5+10+7 {
		t.Errorf("a piece failed %d times in %v", n, span)
	}
	s.trial(s.witness(honest))
	if !s.completed {
		t.Error("not complete with an honest seed")
	}
}

// TestBadWriteBlamesNobody: pieces are verified in memory, before they are
// written: a disk that fails is nobody's fault.
func TestBadWriteBlamesNobody(t *testing.T) {
	s := newLeech(t, 2*block, 4*block)
	s.store.broken = true
	a := s.witness(honest)
	a.answer(2)
	s.pass(time.Second)
	if a.closed != nil || s.host.Figures.Banned.Load() != 0 || s.sum.HashFails.Load() != 0 || !s.t.stopped {
		t.Errorf("closed by %v, %d banned, stopped %v", a.closed, s.host.Figures.Banned.Load(), s.t.stopped)
	}
}
