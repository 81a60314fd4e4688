package swarm

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"spate/picker"
	"spate/picker/choke"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/blame"
	"spate/reactor/loop"
	"spate/reactor/wirecache"
)

// Torrent is one torrent on one loop.
type Torrent struct {
	host     *Host
	meta     *metainfo.Torrent
	store    Store
	images   *wirecache.Table // nil for none
	counters *Counters
	owner    any
	home     bool

	pick *picker.Picker // nil once everything is had
	have *bitfield.Bits // pieces written; nil once everything is had
	all  *bitfield.Bits // shared by the peers that are seeds
	open map[uint32]*openPiece
	book blame.Book // pieces that failed

	slots  []*Peer // by picker.PeerID
	free   []picker.PeerID
	active []*Peer  // peers past their handshake, in no particular order
	tags   []uint64 // by place in active: the first bytes of the peer id

	flows [directions]flow
	goal  *Goal // nil for none
	room  *Room // nil for no end

	roster  roster
	handles []heldFile // by file of the torrent; made when first used
	choker  *choke.Choker

	stopped   bool       // storage failed: nothing more is asked for
	stuck     *openPiece // one that could not be written; nil for none
	trying    bool       // it is being written once more
	removed   bool
	committed int64 // this torrent's part of host.Committed

	puts int // pieces given to the store that are not done

	nextSecond  time.Duration
	nextChoke   time.Duration
	lastChoke   time.Duration
	nextPlea    time.Duration // when Starving may be said again
	contentFail bool
}

func newTorrent(h *Host, p Params) *Torrent {
	t := &Torrent{host: h, meta: p.Meta, store: p.Store, images: p.Images, counters: p.Counters, owner: p.Owner, home: p.Home,
		goal: p.Limits.Goal, room: p.Limits.Room, choker: choke.New(h.Rand)}
	t.flows[up].limit, t.flows[down].limit = p.Limits.Up, p.Limits.Down
	t.nextSecond, t.lastChoke = h.Loop.Now()+time.Second, h.Loop.Now()
	t.nextChoke = t.lastChoke + choke.Interval
	if d := p.Download; d != nil {
		info := p.Meta.Info
		t.have = d.Have
		t.open = make(map[uint32]*openPiece)
		t.pick = picker.New(picker.Config{
			Pieces: info.NumPieces(), PieceLength: info.PieceLength, Length: info.Length, Rand: h.Rand,
			Policy: h.Policy.Picker,
		})
		for i, prio := range d.Priorities {
			t.pick.SetPriority(i, prio)
		}
		t.pick.SetSequential(d.Sequential)
		for i := d.Have.Next(0); i >= 0; i = d.Have.Next(i + 1) {
			t.pick.MarkHave(i)
		}
		t.counters.Left.Store(t.pick.Left())
	}
	return t
}

// Meta is the torrent's metainfo.
func (t *Torrent) Meta() *metainfo.Torrent { return t.meta }

// Owner is what Params.Owner was.
func (t *Torrent) Owner() any { return t.owner }

// Have returns the pieces written so far, nil when all of them are. Owned by
// the loop.
func (t *Torrent) Have() *bitfield.Bits { return t.have }

// Downloading tells whether wanted pieces are missing.
func (t *Torrent) Downloading() bool { return t.pick != nil && !t.pick.Done() }

// Peers is the number of peers past their handshake.
func (t *Torrent) Peers() int { return len(t.active) }

// full returns a bitfield with every piece, shared; nobody may change it.
func (t *Torrent) full() *bitfield.Bits {
	if t.all == nil {
		t.all = bitfield.New(t.meta.Info.NumPieces())
		t.all.SetAll()
	}
	return t.all
}

// inside tells whether r lies within one piece of the torrent.
func (t *Torrent) inside(r wire.Request) bool {
	info := t.meta.Info
	if int(r.Index) >= info.NumPieces() || r.Length == 0 || r.Length > MaxBlock {
		return false
	}
	return int64(r.Begin)+int64(r.Length) <= int64(info.PieceSize(int(r.Index)))
}

// AddPeers makes addresses known, to be dialed as the torrent has need. Those
// that the user named are not held back by DialRate and maxPorts.
func (t *Torrent) AddPeers(addrs []netip.AddrPort, named bool) {
	for _, a := range addrs {
		t.roster.add(a, named)
	}
	t.dialMore()
}

// dialMore dials known addresses up to the torrent's wish for peers.
func (t *Torrent) dialMore() {
	if !t.home || t.removed {
		return
	}
	wish := seedPeers
	if t.Downloading() && !t.stopped {
		wish = leechPeers
	}
	now := t.host.Loop.Now()
	for len(t.active)+t.roster.busy < wish && t.roster.busy < t.room.Free(dialBurst) {
		if t.host.Admit != nil && !t.host.Admit(false) {
			return
		}
		addr, named, ok := t.roster.next(now, t.host.Dials.allows(now))
		if !ok {
			break
		}
		if t.host.Own != nil && t.host.Own(addr) {
			t.roster.forget(addr, now)
			continue
		}
		if !named {
			t.host.Dials.take(now)
		}
		t.host.census.dialing++
		t.host.Loop.Dial(addr, dialTimeout, &dialing{t: t, addr: addr})
	}
	if t.Downloading() && !t.stopped && len(t.active)+t.roster.busy < wish/2 && now >= t.nextPlea {
		t.nextPlea = now + 30*time.Second
		t.host.Observer.Starving(t)
	}
}

// join admits a peer whose handshake named this torrent.
func (t *Torrent) join(p *Peer) error {
	h := t.host
	if t.removed {
		return ErrRemoved
	}
	if p.hs.PeerID == h.PeerID {
		t.roster.forget(p.conn.Remote(), h.Loop.Now())
		return ErrSelf
	}
	if t.roster.bans.Has(p.conn.Remote()) {
		return ErrBanned
	}
	if err := t.duplicate(p); err != nil {
		return err
	}
	if !t.room.Take() {
		return ErrTorrentFull
	}
	h.gone(p)
	p.t = t
	p.giver = t.known(p)
	if n := len(t.free); n > 0 {
		p.id = t.free[n-1]
		t.free = t.free[:n-1]
		t.slots[p.id] = p
	} else {
		p.id = picker.PeerID(len(t.slots))
		t.slots = append(t.slots, p)
	}
	p.at = len(t.active)
	t.active = append(t.active, p)
	t.tags = append(t.tags, tag(p.hs.PeerID))
	p.joined = true
	t.counters.Peers.Add(1)

	p.fast, p.ext = p.hs.Fast(), p.hs.Extensions()
	p.m.SetPieces(t.meta.Info.NumPieces())
	p.m.SetFast(p.fast)
	p.down.pipe.Init(0)
	if p.conn.Inbound() {
		p.sendHandshake(t.meta.InfoHash)
		p.flush() // in a segment of its own, see sendGreeting
	} else {
		t.roster.connected(p.conn.Remote())
	}
	if !p.closed {
		p.sendGreeting()
	}
	return nil
}

// dialed starts the conversation on a connection that we made.
func (t *Torrent) dialed(c loop.Conn) {
	if t.removed {
		c.Close(ErrRemoved)
		return
	}
	p := newPeer(t.host, c, t)
	t.host.strangers = append(t.host.strangers, p)
	p.sendHandshake(t.meta.InfoHash)
	p.flush()
}

// tag shortens a peer id for comparing; its random end is what differs.
func tag(id [20]byte) uint64 { return binary.LittleEndian.Uint64(id[12:]) }

// duplicate refuses p when the same peer is connected already: one with the same
// id at the same address, since an id is no secret, and who sends another's
// must not take its place. When both sides dialed at once, the connection of the
// one with the greater id stays, so that both sides keep the same one.
func (t *Torrent) duplicate(p *Peer) error {
	mine := tag(p.hs.PeerID)
	for i, other := range t.tags {
		if other != mine || t.active[i].hs.PeerID != p.hs.PeerID {
			continue
		}
		o := t.active[i]
		if o.conn.Remote().Addr() != p.conn.Remote().Addr() {
			continue
		}
		ours := bytes.Compare(t.host.PeerID[:], p.hs.PeerID[:]) > 0
		if o.conn.Inbound() != p.conn.Inbound() && p.conn.Inbound() != ours {
			o.Close(ErrDuplicate)
			return nil
		}
		if !p.conn.Inbound() {
			t.roster.forget(p.conn.Remote(), t.host.Loop.Now())
		}
		return ErrDuplicate
	}
	return nil
}

// leave forgets a peer that had joined.
func (t *Torrent) leave(p *Peer, reason error) {
	last := len(t.active) - 1
	t.active[p.at], t.tags[p.at] = t.active[last], t.tags[last]
	t.active[p.at].at = p.at
	t.active[last] = nil
	t.active, t.tags = t.active[:last], t.tags[:last]
	t.counters.Peers.Add(-1)
	t.room.Give()
	if t.pick != nil {
		if p.have != nil {
			t.pick.PeerGone(p.id)
		}
		t.poke()
	}
	t.slots[p.id] = nil
	t.free = append(t.free, p.id)

	now := t.host.Loop.Now()
	switch {
	case reason == ErrBothSeeds || reason == ErrDuplicate || reason == ErrSelf:
		t.roster.forget(p.conn.Remote(), now)
	case p.listen.IsValid():
		t.roster.ended(p.listen, now, useful(reason))
	case !p.conn.Inbound():
		t.roster.ended(p.conn.Remote(), now, useful(reason))
	}
}

// tick passes time: cheap most times, the rest once a second.
func (t *Torrent) tick(now time.Duration) {
	if t.pick != nil {
		t.shareMemory()
	}
	if now < t.nextSecond {
		return
	}
	t.nextSecond = now + time.Second
	for i := 0; i < len(t.active); i++ {
		p := t.active[i]
		p.check(now)
		p.vacate()
		if t.pick != nil && !p.closed {
			t.tend(p, now)
		}
	}
	if now >= t.nextChoke {
		t.nextChoke = now + choke.Interval
		t.chokeRound(now)
	}
	t.dialMore()
	t.releaseHandles(now, idleHandles)
}

// tend looks after one peer of a download: is it snubbing us, does it still
// have what we want, is there more to ask for.
func (t *Torrent) tend(p *Peer, now time.Duration) {
	if p.down.pipe.Expired(now) {
		t.releaseRequests(p)
		t.poke()
	}
	if p.down.wanting || t.pick.Outstanding(p.id) == 0 {
		t.host.later(p)
	}
}

// Stop closes every peer of the torrent and takes it off the loop. Pieces on
// their way to the disk are still written.
func (t *Torrent) Stop() {
	t.removed = true
	for i := len(t.active) - 1; i >= 0; i-- {
		t.active[i].Close(ErrRemoved)
	}
	for _, o := range t.open {
		t.host.Buffers.Put(o.buf) // no peer writes to it: all are closing
	}
	clear(t.open)
	t.dropStuck()
	t.returnMemory()
	t.closeHandles()
	t.host.remove(t)
	if t.puts == 0 {
		t.host.Observer.Drained(t)
	}
}
