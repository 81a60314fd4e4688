package swarm

import (
	"spate/picker"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/blame"
)

// Download is what a torrent still has to fetch.
type Download struct {
	// Have are the pieces that are in the files already; the torrent owns it
	// from then on.
	Have *bitfield.Bits
	// Priorities has one entry a piece, 0 for those not wanted; nil wants all
	// alike.
	Priorities []picker.Priority
	// Sequential asks for pieces in order.
	Sequential bool
}

// openPiece is the buffer of a piece that is being received.
type openPiece struct {
	index  uint32
	buf    []byte
	givers []*blame.Giver // by block, nil where it has not come
}

// piece returns the buffer of a piece under way, made when its first payload
// arrives; nil when there is no memory for it.
func (t *Torrent) piece(index uint32) *openPiece {
	if o := t.open[index]; o != nil {
		return o
	}
	size := t.meta.Info.PieceSize(int(index))
	buf := t.host.Buffers.Get(size)
	if buf == nil {
		return nil
	}
	blocks := (size + metainfo.BlockSize - 1) / metainfo.BlockSize
	o := &openPiece{index: index, buf: buf, givers: make([]*blame.Giver, blocks)}
	t.open[index] = o
	return o
}

// request asks the peer for as many blocks as its pipeline has room for. It
// waits until a quarter of the room is free, so that requests leave in batches.
func (p *Peer) request() {
	t, h := p.t, p.host
	p.down.wanting = false
	if t.pick == nil || t.stopped || p.peerChoking || !p.amInterested || p.closed {
		return
	}
	if p.down.yields {
		p.down.yields, p.down.wanting = false, true
		h.later(p)
		return
	}
	target, out := p.down.pipe.Target(), t.pick.Outstanding(p.id)
	need := target - out
	if need <= 0 || (out > 0 && need*4 < target) {
		return
	}
	allowed := h.downLeft(p, need)
	if allowed <= 0 {
		h.wait(down, p)
		return
	}
	now := h.Loop.Now()
	h.blocks = t.pick.Pick(p.id, allowed, p.down.pipe.Rate(now), now, h.blocks[:0])
	t.withdraw(t.pick.Seized(h.withdrawn[:0]))
	h.take(down, p, len(h.blocks)*metainfo.BlockSize)
	if len(h.blocks) == allowed && allowed < need {
		h.wait(down, p)
	}
	if len(h.blocks) == 0 {
		p.down.wanting = true
		return
	}
	for _, b := range h.blocks {
		p.ctl = wire.AppendRequest(p.ctl, wire.Request(b))
	}
	p.down.pipe.Sent(now, len(h.blocks))
	if len(p.ctl) > maxControl {
		p.Close(ErrControlFull) // it lets us ask again and again, and reads nothing
	}
}

// shareMemory lets as many bytes of pieces be open as fit into PieceMemory
// together with those of all other torrents: what is open here, and a share of
// what is free.
func (t *Torrent) shareMemory() {
	h := t.host
	_, open := t.pick.OpenPieces()
	total := h.Committed.Add(open - t.committed)
	t.committed = open
	free := max(0, h.PieceMemory-total)
	t.pick.SetOpenBudget(open + free/int64(max(1, h.downloads)))
}

// returnMemory ends the torrent's part in PieceMemory.
func (t *Torrent) returnMemory() {
	t.host.Committed.Add(-t.committed)
	t.committed = 0
}

// releaseRequests returns all that was asked of p to the picker.
func (t *Torrent) releaseRequests(p *Peer) {
	p.dropPayload()
	t.host.blocks = t.pick.OutstandingBlocks(p.id, t.host.blocks[:0])
	for _, b := range t.host.blocks {
		t.pick.Lost(p.id, b)
	}
	p.down.pipe.Lost(len(t.host.blocks))
}

// dropPayload discards the rest of a payload under way: its place in the piece
// buffer is to be another peer's.
func (p *Peer) dropPayload() {
	if d := &p.down; d.into != nil {
		p.m.DropPayload()
		d.into = nil
		p.freeAside()
	}
}

// freeAside gives back the memory of a block received beside its piece.
func (p *Peer) freeAside() {
	if d := &p.down; d.aside != nil {
		p.host.Buffers.Put(d.aside)
		d.aside = nil
	}
}

// updateInterest tells those peers whose usefulness to us changed.
func (t *Torrent) updateInterest() {
	h := t.host
	h.ids = t.pick.InterestChanges(h.ids[:0])
	for _, id := range h.ids {
		if p := t.slots[id]; p != nil && !t.stopped {
			p.sendInterest(t.pick.Interesting(id))
		}
	}
}

// reroute takes blocks of a piece that p has just announced back from much
// slower peers; p is asked for them at the end of its turn.
func (t *Torrent) reroute(p *Peer, piece int) {
	if p.peerChoking {
		return
	}
	h := t.host
	t.withdraw(t.pick.Reroute(p.id, piece, h.Loop.Now(), h.withdrawn[:0]))
}

// withdraw tells peers of requests that the picker took back from them.
func (t *Torrent) withdraw(taken []picker.Withdrawn) {
	t.host.withdrawn = taken
	for _, w := range taken {
		slow, r := t.slots[w.Peer], wire.Request(w.Block)
		if slow == nil {
			continue
		}
		if slow.down.block == r {
			slow.dropPayload()
		}
		slow.down.pipe.Lost(1)
		slow.control(wire.AppendCancel(slow.ctl, r))
	}
}

// finish hands a complete piece to the store, which verifies and writes it.
func (t *Torrent) finish(o *openPiece) {
	delete(t.open, o.index)
	h := t.host
	t.puts++
	open := t.book.Has(int(o.index))
	t.store.Put(int(o.index), o.buf, func(res PutResult) {
		var sums []blame.Sum
		if res.Status == BadHash || open && res.Status == Written {
			sums = blame.Sums(o.buf)
		}
		h.Loop.Post(func() {
			if res.Status == PutFailed && t.stuck == nil && !t.removed {
				t.stuck = o
			} else {
				h.Buffers.Put(o.buf)
			}
			t.put(res, o.givers, sums)
		})
	})
}

// put applies what became of a piece, given so; sums are those of its blocks
// where somebody is to blame.
func (t *Torrent) put(res PutResult, givers []*blame.Giver, sums []blame.Sum) {
	t.puts--
	if t.removed {
		if res.Status == Written {
			t.have.Set(res.Index)
		}
		if t.puts == 0 {
			t.host.Observer.Drained(t)
		}
		return
	}
	switch res.Status {
	case Written:
		t.pick.PieceResult(res.Index, true)
		t.have.Set(res.Index)
		t.counters.Left.Store(t.pick.Left())
		t.announceHave(uint32(res.Index))
		t.updateInterest()
		t.settle(res.Index, sums)
		t.poke() // its memory is free for another piece
		if t.trying {
			t.proceed()
		}
		if t.pick.Done() {
			t.finished()
		}
	case BadHash:
		t.hashFailed()
		t.wasted(int64(t.meta.Info.PieceSize(res.Index)))
		t.pick.Doubt(res.Index, t.host.Loop.Now())
		t.pick.PieceResult(res.Index, false)
		t.blame(res.Index, givers, sums)
		t.poke()
	case PutFailed:
		if t.stuck == nil || t.stuck.index != uint32(res.Index) {
			t.pick.PieceResult(res.Index, false)
		}
		t.fail(res.Err)
	}
}

// announceHave tells every peer that lacks it of a new piece.
func (t *Torrent) announceHave(index uint32) {
	for _, p := range t.active {
		if !p.seed && (p.have == nil || !p.have.Has(int(index))) {
			p.control(wire.AppendHave(p.ctl, index))
		}
	}
}

// poke lets every peer ask again, after blocks came back to the picker.
func (t *Torrent) poke() {
	for _, p := range t.active {
		if p.down.wanting {
			t.host.later(p)
		}
	}
}

// finished is reached when all wanted pieces are written.
func (t *Torrent) finished() {
	whole := t.have.All()
	for _, p := range t.active {
		p.sendInterest(false)
	}
	if whole {
		t.returnMemory()
		t.pick, t.have, t.book = nil, nil, blame.Book{}
		for _, p := range t.active {
			if p.have != nil {
				p.haveCount = p.have.Count()
			}
			p.have = nil
			if p.seed {
				p.Close(ErrBothSeeds)
			}
		}
	}
	t.host.Observer.Completed(t)
}
