package swarm

import (
	"encoding/binary"
	"testing"

	"spate/proto/wire"
)

// crowd joins n more peers to r, unchoked, each on a connection of its own that
// forgets what it takes.
func crowd(t *testing.T, r *rig, n int) []*Peer {
	t.Helper()
	r.ask(t, r.piece(0)[0]) // opens the file
	peers := make([]*Peer, n)
	for i := range peers {
		p := newPeer(r.host, &testConn{room: 1 << 62, drop: true}, nil)
		p.greeted = true
		binary.LittleEndian.PutUint64(p.hs.PeerID[12:], uint64(i+3))
		p.hs.SetFast()
		if err := r.t.join(p); err != nil {
			t.Fatal(err)
		}
		if err := p.OnInterested(); err != nil {
			t.Fatal(err)
		}
		peers[i] = p
	}
	r.loop.run()
	return peers
}

// fill queues as many requests for p as fit, without a turn.
func fill(t *testing.T, r *rig, p *Peer) {
	t.Helper()
	for piece := r.piece(0); p.up.queue.len() < ReqQ; {
		for _, q := range piece[:min(len(piece), ReqQ-p.up.queue.len())] {
			if err := p.OnRequest(q); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// step runs what is posted so far, but not what that posts.
func (l *testLoop) step() {
	due := l.queue
	l.queue = nil
	for _, fn := range due {
		fn()
	}
}

const turnBytes = flushBlocks * block

func TestARoundIsBounded(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	peers := crowd(t, r, 100)
	for _, p := range peers {
		fill(t, r, p)
	}
	sent := func() (total int64) {
		for _, p := range peers {
			total += p.up.total
		}
		return total
	}
	check := func(what string, got int64) {
		t.Helper()
		if got < roundBytes-turnBytes || got > roundBytes+turnBytes {
			t.Errorf("%s: %d bytes, want about %d", what, got, roundBytes)
		}
	}
	for _, p := range peers {
		p.turn()
	}
	if got := sent(); got > roundBytes+turnBytes {
		t.Errorf("inputs before the first round: %d bytes", got)
	}
	for range 20 {
		before := sent()
		r.loop.step()
		check("a round", sent()-before)
	}
}

func TestTurnsAreFair(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	peers := crowd(t, r, 70)
	for _, p := range peers {
		fill(t, r, p)
		p.turn()
	}
	for range 60 {
		for _, p := range peers { // some ask more often than others
			if p == peers[0] || r.host.Rand.IntN(3) == 0 {
				fill(t, r, p)
				p.turn()
			}
		}
		r.loop.step()
	}
	least, most := peers[0].up.total, peers[0].up.total
	for _, p := range peers {
		least, most = min(least, p.up.total), max(most, p.up.total)
	}
	if most-least > 2*turnBytes { // one before anybody waited, one for the place in line
		t.Errorf("peers got from %d to %d turns", least/turnBytes, most/turnBytes)
	}
}

func TestControlDoesNotWaitInLine(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	peers := crowd(t, r, 50)
	for _, p := range peers {
		fill(t, r, p)
		p.turn()
	}
	last := peers[49]
	conn := last.conn.(*testConn)
	if last.up.total != 0 || !last.again {
		t.Fatal("the last of many was served out of turn")
	}
	conn.drop = false
	last.control(wire.AppendHave(last.ctl, 0))
	r.host.turns.dirty.empty(func(p *Peer) { p.dirty = false; p.flush() })
	if want := wire.AppendHave(nil, 0); string(conn.out) != string(want) {
		t.Errorf("%d bytes went to a peer in line, want its control message", len(conn.out))
	}
	last.Close(ErrStalled)
	conn.out = nil
	r.loop.run()
	if len(conn.out) > 0 {
		t.Error("a closed peer had its turn")
	}
	for _, p := range peers[:49] {
		if p.up.queue.len() > 0 || p.up.total != ReqQ*block {
			t.Fatalf("a peer is left with %d requests", p.up.queue.len())
		}
	}
}

// A round counts turns as well, so that a crowd of peers with a small block
// each does not stretch it.
func TestSmallTurnsCount(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	peers := crowd(t, r, 2*roundBytes/turnCost)
	for _, p := range peers {
		if err := p.OnRequest(wire.Request{Length: 1}); err != nil {
			t.Fatal(err)
		}
		r.host.later(p)
	}
	r.loop.step()
	if left := r.host.turns.line.Len(); left != len(peers)/2 {
		t.Errorf("%d of %d wait after a round", left, len(peers))
	}
}

// A peer that reads nothing is closed with the first control message beyond
// maxControl.
func TestControlIsBounded(t *testing.T) {
	r := newRig(t, testPiece, 0, testPiece)
	r.conn.room = 0
	have := wire.AppendHave(nil, 0)
	for n := 0; n+len(have) <= maxControl; n += len(have) {
		r.p.control(append(r.p.ctl, have...))
		r.loop.run()
	}
	if r.conn.closed != nil {
		t.Fatalf("closed by %v with %d bytes of control messages", r.conn.closed, len(r.p.ctl))
	}
	r.p.control(append(r.p.ctl, have...))
	if r.conn.closed != ErrControlFull {
		t.Errorf("closed by %v with %d bytes of control messages", r.conn.closed, len(r.p.ctl))
	}
}
