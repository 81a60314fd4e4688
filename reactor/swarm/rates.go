package swarm

import (
	"math"

	"spate/proto/metainfo"
	"spate/reactor/fifo"
)

// Limits are what holds a torrent back. They are shared by its parts on all
// loops; nil fields, and the zero value, hold nothing back.
type Limits struct {
	// Up and Down are the torrent's own rates. Those of rate 0 are useful where
	// there is a rate over all torrents and more than one loop: they count
	// where the torrent's peers are.
	Up, Down *Limiter
	// Goal is how much the torrent gives before it ends.
	Goal *Goal
	// Room is for how many peers there is a place.
	Room *Room
}

// direction is that of payload.
type direction uint8

const (
	up direction = iota
	down
	directions
)

// flow is a torrent's part in the rates of one direction on its loop.
type flow struct {
	limit   *Limiter          // the torrent's own; may be nil
	waiting fifo.Queue[*Peer] // its peers that wait for it or for the rate of all
	takers  int               // peers that took or wanted some since the last tick
	active  bool              // in dealer.active
	inLine  bool              // in dealer.line or dealer.resting
	gone    bool              // some of those that wait are closed
	share   share
}

// pace is a peer's part in the rates of one direction.
type pace struct {
	waiting bool   // in flow.waiting
	tick    uint32 // the tick in which it is counted in flow.takers
	owes    int32  // bytes that it took beyond its turn
}

// dealer shares the rate over all torrents in one direction among those of its
// loop: by torrent first (see share) and then by peer, a turn each. So a torrent with one
// peer has what one with fifty has, and the peers of each have the same; what a
// torrent or a peer cannot use is the others'. Whoever wants some while nobody
// waits takes it at once.
type dealer struct {
	line    fifo.Queue[*Torrent]
	resting []*Torrent // waiting for their own rate or share, till the next tick
	active  []*Torrent // with takers since the last tick
	peers   int        // that wait, of all torrents

	served *Peer // whose turn it is
	grant  int64 // bytes left of the turn
}

const (
	// turnBlocks is the most blocks of a peer's turn: a run of the wire cache.
	turnBlocks = batchBlocks
	// dealBlocks is how many blocks are dealt before the loop looks at its
	// sockets again: 4 MiB, or about a millisecond.
	dealBlocks = 256
	// demandUnit is the demand of one torrent, so that parts of it count.
	demandUnit = 1 << 16
)

// rate is the limit over all torrents, nil for none.
func (h *Host) rate(d direction) *Limiter {
	if d == up {
		return h.Up
	}
	return h.Down
}

// free tells whether no rate concerns a torrent.
func (h *Host) free(d direction, t *Torrent) bool {
	return !h.rate(d).Limited() && !t.flows[d].limit.Limited()
}

// want counts p among those that want some.
func (h *Host) want(d direction, p *Peer) {
	w := &p.paces[d]
	if w.tick == h.ticks {
		return
	}
	w.tick = h.ticks
	f := &p.t.flows[d]
	f.takers++
	if !f.active {
		f.active = true
		h.deals[d].active = append(h.deals[d].active, p.t)
	}
}

// wait lets p have a turn behind those that wait already.
func (h *Host) wait(d direction, p *Peer) {
	if p.paces[d].waiting {
		return
	}
	p.paces[d].waiting = true
	deal, f := &h.deals[d], &p.t.flows[d]
	f.waiting.Push(p)
	deal.peers++
	if !f.inLine {
		f.inLine = true
		deal.line.Push(p.t)
	}
	if deal.served == nil {
		h.wake()
	}
}

// left is how many bytes p may take now: the rest of its turn, or where nobody
// waits what there is.
func (h *Host) left(d direction, p *Peer) int64 {
	most := int64(math.MaxInt64)
	if h.free(d, p.t) {
		return most
	}
	deal, f := &h.deals[d], &p.t.flows[d]
	switch {
	case deal.served == p:
		most = deal.grant
	case deal.line.Len() > 0 || f.waiting.Len() > 0:
		return 0
	}
	now, loop := h.Loop.Now(), h.Loop.Index()
	if most = min(most, h.rate(d).Left(loop, now, deal.peers > 0)); most <= 0 {
		return most
	}
	return min(most, f.limit.Left(loop, now, f.waiting.Len() > 0), f.share.left(now))
}

// take takes n bytes for p, which may be more than what is left: the next turns
// are then for others.
func (h *Host) take(d direction, p *Peer, n int) {
	if h.free(d, p.t) {
		return
	}
	loop := h.Loop.Index()
	h.rate(d).Take(loop, n)
	f := &p.t.flows[d]
	f.limit.Take(loop, n)
	f.share.take(n)
	if deal := &h.deals[d]; deal.served == p {
		deal.grant -= int64(n)
	}
}

// give returns n bytes that a peer of t took and will not use.
func (h *Host) give(d direction, t *Torrent, n int) {
	h.rate(d).Give(h.Loop.Index(), n)
	t.flows[d].limit.Give(h.Loop.Index(), n)
	t.flows[d].share.take(-n)
}

// deal gives turns while there is something to give, to as many as have time in
// one turn of the loop.
func (h *Host) deal(d direction) {
	deal := &h.deals[d]
	loop, now := h.Loop.Index(), h.Loop.Now()
	for budget := int64(dealBlocks * metainfo.BlockSize); deal.line.Len() > 0; {
		left := h.rate(d).Left(loop, now, true)
		if left <= 0 {
			return
		}
		if budget <= 0 {
			h.wake()
			return
		}
		t := deal.line.Pop()
		f := &t.flows[d]
		if f.waiting.Len() == 0 {
			f.inLine = false
			continue
		}
		own := min(f.limit.Left(loop, now, true), f.share.left(now))
		if own <= 0 {
			deal.resting = append(deal.resting, t)
			continue
		}
		share := min(left/int64(deal.peers), own/int64(f.waiting.Len()))
		turn := min(max(share, metainfo.BlockSize), turnBlocks*metainfo.BlockSize)
		deal.line.Push(t) // before the peer, which looks whether it is there
		p := f.waiting.Pop()
		deal.peers--
		p.paces[d].waiting = false
		budget -= max(metainfo.BlockSize, h.turn(d, p, turn))
	}
}

// turn lets p have its turn of so many bytes and returns what it took. Where p
// took more the last time, that is deducted; it may have none of its turn left.
func (h *Host) turn(d direction, p *Peer, bytes int64) int64 {
	if p.closing {
		return 0
	}
	deal, w := &h.deals[d], &p.paces[d]
	grant := bytes - int64(w.owes)
	deal.served, deal.grant = p, grant
	if d == down {
		p.request()
	}
	p.flush()
	deal.served = nil
	w.owes = int32(max(0, -deal.grant))
	return grant - deal.grant
}

// passRates passes time for those who wait: torrents whose own rate was used up
// may have some again, and the loops learn where the demand is.
func (h *Host) passRates(d direction) {
	deal, loop := &h.deals[d], h.Loop.Index()
	for _, t := range deal.resting {
		deal.line.Push(t)
	}
	clear(deal.resting)
	deal.resting = deal.resting[:0]
	demand := 0.0
	active := deal.active[:0]
	for _, t := range deal.active {
		f := &t.flows[d]
		wanting := max(f.takers, f.waiting.Len())
		f.takers = 0
		f.limit.Demand(loop, int64(wanting))
		if f.active = wanting > 0; f.active {
			f.sweep(deal)
			f.share.weight, _ = f.limit.Share(loop)
			demand += f.share.weight
			active = append(active, t)
		} else {
			f.share = share{}
		}
	}
	clear(deal.active[len(active):])
	deal.active = active
	h.rate(d).Demand(loop, int64(math.Ceil(demand*demandUnit)))
	h.deal(d)
	if l := h.rate(d); l.Limited() {
		now := h.Loop.Now()
		part, _ := l.Share(loop)
		deal.divide(now, d, float64(l.rate)*part, l.Left(loop, now, deal.peers > 0))
	}
}

// sweep takes closed peers out of those that wait, which may be long.
func (f *flow) sweep(deal *dealer) {
	if !f.gone {
		return
	}
	f.gone = false
	for range f.waiting.Len() {
		if p := f.waiting.Pop(); !p.closed {
			f.waiting.Push(p)
		} else {
			deal.peers--
		}
	}
}

// ratesIdle tells whether nobody waits for a rate and all demand was taken back.
func (h *Host) ratesIdle() bool {
	for d := range h.deals {
		if deal := &h.deals[d]; len(deal.active) > 0 || deal.line.Len() > 0 || len(deal.resting) > 0 {
			return false
		}
	}
	return true
}

// upAllows takes n bytes of the rates and of the goal for p, or lets it wait.
func (h *Host) upAllows(p *Peer, n int) bool {
	t := p.t
	if t.goal.Reached() && !t.Downloading() {
		h.throttle(p) // there may be a rest, when a peer leaves with a block half sent
		return false
	}
	if !h.free(up, p.t) {
		h.want(up, p)
		if h.left(up, p) <= 0 {
			h.wait(up, p)
			return false
		}
	}
	h.upTake(p, n)
	return true
}

// upTake takes n bytes for p, whatever is left.
func (h *Host) upTake(p *Peer, n int) {
	h.take(up, p, n)
	p.t.goal.Take(n)
}

// upGive returns n bytes that a peer of t took and will not be sent.
func (h *Host) upGive(t *Torrent, n int) {
	h.give(up, t, n)
	t.goal.Give(n)
}

// upLeft is how many more bytes may be sent to p without asking again.
func (h *Host) upLeft(p *Peer) int64 {
	most := h.left(up, p)
	if g := p.t.goal; g != nil && !p.t.Downloading() {
		most = min(most, g.left.Load())
	}
	return most
}

// downLeft is how many blocks p may ask for now, most at the most.
func (h *Host) downLeft(p *Peer, most int) int {
	if h.free(down, p.t) {
		return most
	}
	h.want(down, p)
	left := min(h.left(down, p), int64(most)*metainfo.BlockSize)
	return int((left + metainfo.BlockSize - 1) / metainfo.BlockSize)
}
