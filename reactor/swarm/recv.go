package swarm

import (
	"net/netip"

	"spate/picker"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/peer"
	"spate/proto/wire"
)

// A Peer is the peer.Handler of its own machine: each method applies one
// message of the other end.
var _ peer.Handler = (*Peer)(nil)

// OnHandshake keeps the peer's handshake and pauses the machine, so that
// nothing behind it is read before its torrent is found.
func (p *Peer) OnHandshake(hs wire.Handshake) error {
	p.hs, p.greeted = hs, true
	return peer.ErrPause
}

// OnKeepAlive needs nothing done: every byte counts as a sign of life.
func (p *Peer) OnKeepAlive() error { return nil }

// OnChoke takes back what was asked of the peer. With the fast extension each
// request is rejected by a message of its own.
func (p *Peer) OnChoke() error {
	p.peerChoking = true
	t := p.t
	if t.pick == nil || p.fast {
		return nil
	}
	p.down.rejects += t.pick.Outstanding(p.id)
	t.releaseRequests(p)
	return p.refuses()
}

// OnUnchoke lets requests flow.
func (p *Peer) OnUnchoke() error {
	p.peerChoking = false
	return nil
}

// OnInterested may unchoke the peer at once.
func (p *Peer) OnInterested() error {
	if !p.peerInterested {
		p.peerInterested = true
		p.t.welcome(p)
	}
	return nil
}

// OnNotInterested leaves the peer's slot to the next choke round: who is
// unchoked and asks for nothing costs nothing.
func (p *Peer) OnNotInterested() error {
	p.peerInterested = false
	return nil
}

// OnHave adds one piece to what the peer has.
func (p *Peer) OnHave(index uint32) error {
	t := p.t
	n := t.meta.Info.NumPieces()
	if int(index) >= n {
		return ErrBadRequest
	}
	if p.seed {
		return nil
	}
	if t.pick == nil {
		// Only whether it has everything matters now.
		if p.haveCount++; p.haveCount >= n {
			return p.isSeed()
		}
		return nil
	}
	if p.have == nil {
		p.have = bitfield.New(n)
		t.meet(p)
	}
	if !t.pick.PeerHave(p.id, int(index)) {
		return nil
	}
	t.reroute(p, int(index))
	if p.have.All() {
		return p.isSeed()
	}
	t.updateInterest()
	return nil
}

// OnBitfield tells in full what the peer has. One that comes in the middle of a
// transfer adds to what is known.
func (p *Peer) OnBitfield(bits []byte) error {
	t := p.t
	n := t.meta.Info.NumPieces()
	have, err := bitfield.FromWire(bits, n)
	if err != nil {
		return err
	}
	switch {
	case have.All():
		return p.OnHaveAll()
	case p.seed:
		return nil
	case t.pick == nil:
		p.haveCount = have.Count()
		return nil
	case p.have == nil:
		p.have = have
		t.meet(p)
	default:
		for i := have.Next(0); i >= 0; i = have.Next(i + 1) {
			t.pick.PeerHave(p.id, i)
		}
	}
	t.updateInterest()
	return nil
}

// OnHaveAll makes the peer a seed.
func (p *Peer) OnHaveAll() error {
	t := p.t
	switch {
	case p.seed || t.pick == nil:
	case p.have == nil:
		p.have = t.full()
		t.meet(p)
	default:
		for i := p.have.NextClear(0); i >= 0; i = p.have.NextClear(i + 1) {
			t.pick.PeerHave(p.id, i)
		}
	}
	return p.isSeed()
}

// OnHaveNone says that the peer has nothing yet.
func (p *Peer) OnHaveNone() error { return nil }

// isSeed notes that the peer has everything, and ends the connection when we
// have too.
func (p *Peer) isSeed() error {
	p.seed = true
	if p.t.pick == nil {
		return ErrBothSeeds
	}
	p.t.updateInterest()
	return nil
}

// OnRequest queues a request of the peer.
func (p *Peer) OnRequest(r wire.Request) error {
	t := p.t
	if !t.inside(r) {
		return ErrBadRequest
	}
	if p.amChoking || (t.have != nil && !t.have.Has(int(r.Index))) {
		p.reject(r)
	} else if !p.up.queue.push(r, p.queueLimit()) {
		p.overflow(r)
	}
	return nil
}

// OnCancel takes a request out of the queue again. What that costs grows with
// the queue, so a peer has only so much of it.
func (p *Peer) OnCancel(r wire.Request) error {
	if p.up.searched += p.up.queue.len(); p.up.searched > maxSearched {
		return ErrFlood
	}
	if place, ok := p.up.queue.remove(r); ok {
		if place < p.up.warm {
			p.up.warm--
		}
		if p.fast {
			p.control(wire.AppendReject(p.ctl, r))
		}
	}
	return nil
}

// OnReject returns a request to the picker.
func (p *Peer) OnReject(r wire.Request) error {
	t := p.t
	if t.pick == nil || !t.inside(r) {
		return nil
	}
	if p.down.block == r {
		p.dropPayload()
	}
	p.lost(r)
	if !p.peerChoking && !p.down.yields {
		p.down.yields = true
		t.poke()
	}
	p.down.rejects++
	return p.refuses()
}

// refuses closes a peer that lets us ask and then answers nothing.
func (p *Peer) refuses() error {
	if p.down.rejects > maxRejects {
		return ErrRejects
	}
	return nil
}

// OnSuggest is advice that rarest first does not need (BEP 6).
func (p *Peer) OnSuggest(uint32) error { return nil }

// OnAllowedFast is not used: requests wait for the unchoke (BEP 6).
func (p *Peer) OnAllowedFast(uint32) error { return nil }

// OnPort names the peer's DHT port (BEP 5), which nothing here uses.
func (p *Peer) OnPort(uint16) error { return nil }

// OnExtended reads the extension handshake (BEP 10); no other extension
// message was offered, so none is expected.
func (p *Peer) OnExtended(id byte, payload []byte) error {
	if id != 0 {
		return nil
	}
	hs, err := wire.ParseExtHandshake(payload)
	if err != nil {
		return ErrExtension
	}
	if hs.Reqq > 0 {
		p.down.pipe.SetReqq(hs.Reqq)
	}
	if hs.P != 0 && p.conn.Inbound() && !p.listen.IsValid() { // one place a peer
		p.listen = netip.AddrPortFrom(p.conn.Remote().Addr(), hs.P)
		p.giver.Listen = p.listen
		p.t.roster.connected(p.listen)
	}
	return nil
}

// OnPiece says where the payload of a block goes: into the piece buffer when
// the block was asked for; beside it while another peer is writing there (in
// endgame, the first one to be complete wins); nowhere otherwise. Where there is no memory
// for it, the request is over.
func (p *Peer) OnPiece(r wire.Request) ([]byte, error) {
	t := p.t
	d := &p.down
	d.block, d.into = r, nil
	if r.Length == 0 {
		return nil, p.refused(r) // that is how BitComet rejects
	}
	if t.pick == nil || !t.inside(r) {
		return nil, nil
	}
	place := t.pick.Wants(p.id, picker.Block(r))
	if place == picker.Discard {
		return nil, nil
	}
	into := t.piece(r.Index)
	if into == nil {
		p.lost(r)
		return nil, nil
	}
	if place == picker.Aside {
		if d.aside = p.host.Buffers.Get(int(r.Length)); d.aside == nil {
			p.lost(r)
			return nil, nil
		}
		d.into = into
		return d.aside, nil
	}
	d.into = into
	return into.buf[r.Begin : r.Begin+r.Length], nil
}

// Expect names the blocks that the peer should send next, so that several are
// read at once into their places.
func (p *Peer) Expect(i int) (wire.Request, []byte, bool) {
	t, h := p.t, p.host
	if i == 0 {
		h.expected = h.expected[:0]
		if t != nil && t.pick != nil && p.joined {
			h.expected = t.pick.Expected(p.id, peer.ForecastBlocks, h.expected)
		}
	}
	if i >= len(h.expected) {
		return wire.Request{}, nil, false
	}
	r := wire.Request(h.expected[i])
	into := t.piece(r.Index)
	if into == nil {
		return wire.Request{}, nil, false
	}
	return r, into.buf[r.Begin : r.Begin+r.Length], true
}

// OnBlock takes a block whose payload is complete.
func (p *Peer) OnBlock(r wire.Request) error {
	if r.Length == 0 {
		return nil
	}
	t, d := p.t, &p.down
	into := d.into
	d.block, d.into = wire.Request{}, nil
	defer p.freeAside()
	now := p.host.Loop.Now()
	n := int64(r.Length)
	d.rejects = 0
	d.total += n
	d.round += n
	t.downloaded(n)
	if t.pick == nil {
		t.wasted(n)
		return nil
	}
	if into == nil {
		// A request for it may be under way again, and counts.
		t.wasted(n)
		return nil
	}
	p.moved(now)
	d.pipe.Received(now, int(n))
	res := t.pick.Received(p.id, picker.Block(r))
	if !res.Accept {
		t.wasted(n)
		return nil
	}
	for _, id := range res.Cancels {
		if o := t.slots[id]; o != nil {
			if o.down.block == r {
				o.dropPayload()
			}
			o.down.pipe.Lost(1)
			o.control(wire.AppendCancel(o.ctl, r))
		}
	}
	if d.aside != nil {
		copy(into.buf[r.Begin:], d.aside)
	}
	giver := &into.givers[r.Begin/metainfo.BlockSize]
	if *giver != nil {
		t.wasted(n) // the piece is fetched again, from p alone
	}
	*giver = p.giver
	if res.PieceDone {
		t.finish(into)
	}
	return nil
}

// refused takes an empty block for the reject of the block that begins there.
func (p *Peer) refused(r wire.Request) error {
	info := p.t.meta.Info
	if int(r.Index) >= info.NumPieces() || int64(r.Begin) >= int64(info.PieceSize(int(r.Index))) {
		return ErrBadRequest
	}
	r.Length = uint32(min(metainfo.BlockSize, info.PieceSize(int(r.Index))-int(r.Begin)))
	return p.OnReject(r)
}

// lost returns one request to the picker, if it was under way.
func (p *Peer) lost(r wire.Request) {
	before := p.t.pick.Outstanding(p.id)
	p.t.pick.Lost(p.id, picker.Block(r))
	p.down.pipe.Lost(before - p.t.pick.Outstanding(p.id))
}
