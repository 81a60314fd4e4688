package swarm

import (
	"testing"
	"time"
)

// TestNothingAllocatesUnderALimit: blocks that wait for a rate cost no memory.
func TestNothingAllocatesUnderALimit(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	r.host.Up = NewLimiter(100<<20, 1)
	peers := crowd(t, r, 20)
	piece := r.piece(0)
	tick := func() {
		for _, p := range peers {
			for p.up.queue.len() < ReqQ {
				if err := p.OnRequest(piece[p.up.queue.len()%len(piece)]); err != nil {
					t.Fatal(err)
				}
			}
			p.turn()
		}
		r.loop.now += 50 * time.Millisecond
		r.host.serveWaiting()
		r.loop.run()
	}
	before := r.sum.Uploaded.Load()
	for range 20 {
		tick()
	}
	if up := r.sum.Uploaded.Load() - before; up < 95<<20 || up > 115<<20 {
		t.Errorf("%d bytes in a second at %d", up, 100<<20)
	}
	if n := testing.AllocsPerRun(100, tick); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// TestUnlimitedTorrentsHaveTurns: without a limit each peer of a busy loop has
// the same turns, whichever torrent it is of: one with a single peer is not
// starved by one with hundreds.
func TestUnlimitedTorrentsHaveTurns(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	many := crowd(t, r, 500)
	other := *r
	other.t = r.host.NewTorrent(Params{Meta: r.t.meta, Store: r.store, Counters: &Counters{}})
	lone := loner(t, &other)
	all := append(many, lone)
	for range 1600 { // some thirteen turns each
		for _, p := range all {
			fill(t, r, p)
			p.turn()
		}
		r.loop.step()
	}
	total := int64(0)
	for _, p := range many {
		total += p.up.total
	}
	if mean := total / int64(len(many)); lone.up.total < mean*8/10 {
		t.Errorf("a lone peer got %d bytes, those of the large torrent %d", lone.up.total, mean)
	}
}

// loner joins one peer to another torrent of the rig's loop.
func loner(t *testing.T, r *rig) *Peer {
	t.Helper()
	r.connect(t)
	r.conn.drop = true
	r.ask(t, r.piece(0)[0])
	return r.p
}

// TestGoal: nothing is sent beyond a goal but the end of a block, and what a
// peer that left did not take is another's.
func TestGoal(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	goal := int64(3*block + 5000)
	r.t.goal = NewGoal(goal)
	r.conn.room = block + 1000
	r.ask(t, r.piece(0)...)
	if r.t.goal.Reached() {
		t.Error("reached by two blocks")
	}
	first := r.p
	r.conn.room = 2*block + 1000
	first.writable()
	r.loop.run()
	if !r.t.goal.Reached() {
		t.Error("not reached by four blocks")
	}
	first.ended(ErrStalled)
	if r.t.goal.Reached() {
		t.Error("reached, though a block was left half sent")
	}
	r.connect(t)
	r.ask(t, r.piece(0)...)
	r.host.serveWaiting()
	r.loop.run()
	if up := r.sum.Uploaded.Load(); up < goal || up > goal+block {
		t.Errorf("%d bytes were sent for a goal of %d", up, goal)
	}
	if !r.t.goal.Reached() {
		t.Error("not reached in the end")
	}
}

func TestRoom(t *testing.T) {
	r := NewRoom(2)
	for i, want := range []bool{true, true, false} {
		if r.Take() != want {
			t.Errorf("place %d of 2: want %v", i+1, want)
		}
	}
	if r.Free(5) != 0 {
		t.Errorf("%d places are free", r.Free(5))
	}
	if r.Give(); r.Free(5) != 1 || !r.Take() {
		t.Error("who left made no room")
	}
	var none *Room
	if none.Give(); !none.Take() || none.Free(7) != 7 {
		t.Error("no room has an end")
	}
}
