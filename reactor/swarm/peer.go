package swarm

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"spate/picker"
	"spate/picker/choke"
	"spate/picker/pipeline"
	"spate/proto/bitfield"
	"spate/proto/peer"
	"spate/proto/wire"
	"spate/reactor/blame"
	"spate/reactor/loop"
)

type addrPort = netip.AddrPort

// Peer is one connection and all that is known of its other end. It belongs to
// its loop.
type Peer struct {
	host *Host
	conn loop.Conn
	t    *Torrent // nil until the handshake named one
	m    peer.Machine
	hs   wire.Handshake
	id   picker.PeerID // slot in t
	at   int           // place in t.active

	greeted        bool // the peer's handshake was read
	joined         bool // past its handshake, counted in t
	closed         bool // Closed has come
	closing        bool // Close was called: nothing more is read or sent
	fast           bool // both sides speak BEP 6
	ext            bool // both sides speak BEP 10
	amChoking      bool
	amInterested   bool
	peerChoking    bool
	peerInterested bool
	seed           bool // the peer has everything
	blocked        bool // the socket is full; Writable will come
	dirty          bool // in host.turns.dirty
	again          bool // in host.turns.line
	throttled      bool // in host.busy
	lowWater       bool // requests are left in the kernel
	waiting        bool // its torrent is being loaded
	served         bool // blocks have gone either way

	held []byte // what was read while waiting

	have      *bitfield.Bits // nil while nothing is known, for seeds, and once we have all ourselves
	haveCount int            // pieces told of while have is nil
	giver     *blame.Giver   // whom its blocks are of, from when it has joined

	choke  choke.State
	ctl    []byte // control messages not yet sent
	up     upload
	down   download
	listen addrPort // where the peer can be dialed, if known
	paces  [directions]pace
	noted  standing // what is counted of it in host.census

	opened    time.Duration
	lastBlock time.Duration // when a part of a block last went either way, from opened on
	lastHeard time.Duration // when the last message of the peer was complete
	lastSend  time.Duration
	lastMoved time.Duration // when the socket last took something, or nothing was waiting
}

// download is the receiving half's state.
type download struct {
	pipe    pipeline.Pipeline
	block   wire.Request // the block whose payload is under way, Length 0 for none
	into    *openPiece   // where it goes, nil when it is discarded
	aside   []byte       // memory for it while another peer writes its place
	total   int64        // payload bytes
	round   int64        // payload bytes since the last choke round
	rate    float64      // bytes/s over the last rounds
	rejects int          // since the last block
	yields  bool         // it refused a block: those who wait are to ask before it
	wanting bool         // more could be asked for once blocks come back or Down allows
}

// newPeer starts a connection; t is set when we dialed for it.
func newPeer(h *Host, c loop.Conn, t *Torrent) *Peer {
	now := h.Loop.Now()
	p := &Peer{
		host: h, conn: c, t: t,
		amChoking: true, peerChoking: true,
		opened: now, lastBlock: now, lastHeard: now, lastSend: now, lastMoved: now,
	}
	p.up.queue.intake = &h.intake
	p.m.Init(peer.Config{MaxBlock: MaxBlock})
	c.SetContext(p)
	p.note()
	return p
}

// Remote is the peer's address.
func (p *Peer) Remote() netip.AddrPort { return p.conn.Remote() }

// Close ends the connection with reason.
func (p *Peer) Close(reason error) {
	if !p.closing {
		p.closing = true
		p.conn.Close(reason)
	}
}

// readable takes what the socket has: data first, then straight from the
// socket into the piece buffers while a payload is due.
func (p *Peer) readable(data []byte) {
	if err := p.input(data); err != nil {
		p.Close(err)
		return
	}
	for budget := readBudget; budget > 0 && !p.closing; {
		iov := p.host.forecast.Layout(&p.m, p)
		if len(iov) == 0 {
			break
		}
		want := 0
		for _, b := range iov {
			want += len(b)
		}
		n, err := p.conn.Readv(iov)
		if err == loop.ErrAgain {
			break
		}
		if err == nil {
			budget -= n
			err = p.host.forecast.Filled(&p.m, n, p)
		}
		if err != nil {
			p.Close(err)
			return
		}
		if n < want {
			break
		}
	}
	if p.m.Heard() {
		p.lastHeard = p.host.Loop.Now()
	}
	p.turn()
}

// turn does what follows any input: ask for more, and send what is due.
func (p *Peer) turn() {
	if p.closing {
		return
	}
	if p.joined {
		p.request()
	}
	p.flush()
}

// input feeds the machine, and stops at the peer's handshake to find its
// torrent before anything else is read for it.
func (p *Peer) input(data []byte) error {
	if p.waiting {
		return p.hold(data)
	}
	n, err := p.m.Input(data, p)
	if !errors.Is(err, peer.ErrPause) {
		return err
	}
	return p.enter(data[n:])
}

// enter joins the torrent that the peer's handshake names, and goes on with
// what was read behind it; or it has the connection moved to where the torrent
// is.
func (p *Peer) enter(rest []byte) error {
	t := p.t
	if t == nil {
		var moved bool
		var err error
		t, moved, err = p.host.Observer.Greet(p, p.hs, rest)
		if err == ErrLater {
			return p.hold(rest)
		}
		if err != nil || moved {
			return err
		}
	} else if p.hs.InfoHash != t.meta.InfoHash {
		return ErrWrongTorrent
	}
	if err := t.join(p); err != nil {
		return err
	}
	return p.input(rest)
}

// transfer is the Context of a connection on its way to another loop.
type transfer struct {
	m    peer.Machine
	hs   wire.Handshake
	rest []byte
}

// Move hands the connection to another loop, with the bytes read behind its
// handshake; only from within Greet.
func (p *Peer) Move(to loop.Loop, rest []byte) error {
	tr := &transfer{m: p.m, hs: p.hs, rest: append([]byte(nil), rest...)}
	if err := p.conn.Move(to, tr); err != nil {
		return err
	}
	p.closed, p.closing = true, true
	p.host.gone(p)
	p.uncount()
	return nil
}

// writable goes on sending.
func (p *Peer) writable() {
	p.blocked = false
	p.flush()
}

// ended is the last thing to happen to a peer.
func (p *Peer) ended(reason error) {
	p.closed, p.closing = true, true
	p.host.gone(p)
	t := p.t
	if p.joined {
		for d := range p.paces {
			t.flows[d].gone = t.flows[d].gone || p.paces[d].waiting
		}
		t.leave(p, reason)
	} else if t != nil && !p.conn.Inbound() {
		t.roster.ended(p.conn.Remote(), p.host.Loop.Now(), false)
	}
	p.freeAside()
	p.up.release(p)
	p.host.Observer.PeerClosed(p, t, reason)
	p.uncount()
	p.letGo()
	p.ctl, p.have, p.t = nil, nil, nil
}

// check closes the peer when one of its time-outs has passed; once a second.
func (p *Peer) check(now time.Duration) {
	switch {
	case !p.greeted:
		if now-p.opened > handshakeTimeout {
			p.Close(ErrHandshake)
		}
		return
	case p.waiting && now-p.opened > handshakeTimeout:
		p.Close(ErrUnready)
		return
	case now-p.lastHeard > idleTimeout && !p.lowWater:
		p.Close(ErrIdle)
		return
	case p.pending() && now-p.lastMoved > stallTimeout:
		p.Close(ErrStalled)
		return
	}
	if now-p.lastSend > keepAliveAfter && len(p.ctl) == 0 && !p.up.sending() {
		p.ctl = wire.AppendKeepAlive(p.ctl)
		p.host.markDirty(p)
	}
	p.up.queue.shrink()
	p.note()
}

// pending tells whether the peer has something to take from us that it could
// have taken.
func (p *Peer) pending() bool {
	return p.blocked && (len(p.ctl) > 0 || p.up.sending() || p.up.queue.len() > 0)
}

// useful tells whether a connection that ended so did its work, for the roster.
func useful(reason error) bool {
	return reason == io.EOF || reason == ErrBothSeeds || reason == ErrRemoved
}
