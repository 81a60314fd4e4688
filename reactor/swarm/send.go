package swarm

import (
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// sendHandshake queues our handshake.
func (p *Peer) sendHandshake(infoHash metainfo.Hash) {
	hs := wire.Handshake{InfoHash: infoHash, PeerID: p.host.PeerID}
	hs.SetFast()
	hs.SetExtensions()
	p.ctl = wire.AppendHandshake(p.ctl, hs)
}

// flush sends what is due to the peer: as much as a turn allows, or control
// messages alone where blocks have to wait for it.
func (p *Peer) flush() {
	switch {
	case p.closing || p.blocked:
		return
	case !p.up.ready() || p.host.mayServe(p):
		p.serve()
	default:
		if len(p.ctl) == 0 || p.up.sending() || p.writeControl() {
			p.host.later(p)
		}
	}
	if !p.blocked {
		p.lastMoved = p.host.Loop.Now()
	}
	p.backPressure()
	p.note()
}

// serve sends, in order, the rest of a block that has begun, control messages,
// then blocks, until the socket is full, nothing is left, or the peer's turn is
// over. A block may become due while the socket has taken half of a control
// message, the rest of which goes first.
func (p *Peer) serve() {
	now := p.host.Loop.Now()
	ways := &p.host.ways
	corked := false
	for sent := 0; ; {
		if len(p.ctl) > 0 && !p.up.begun() && !p.writeControl() {
			break
		}
		if p.up.sending() {
			if !corked && p.up.image == nil && p.up.staged == 0 && !p.up.framed && p.up.queue.len() > 0 {
				corked = true
				p.conn.Cork(true)
			}
			before, from := p.up.total, p.up.tier()
			blocks, err := p.push()
			if n := p.up.total - before; n > 0 {
				p.lastMoved, p.lastSend = now, now
				p.moved(now)
				p.t.uploaded(n, from)
				ways.turn.count(n, from)
			}
			if err != nil {
				ways.end()
				p.Close(err)
				return
			}
			if p.up.sending() {
				p.blocked = true
				break
			}
			sent += blocks
		}
		if len(p.ctl) > 0 && !p.writeControl() {
			break
		}
		if sent >= flushBlocks {
			p.host.later(p)
			break
		}
		if !p.nextBlock() {
			break
		}
	}
	if corked {
		p.conn.Cork(false)
	}
	ways.end()
}

// writeControl sends the control queue and tells whether all of it went.
func (p *Peer) writeControl() bool {
	h := p.host
	h.iov = append(h.iov[:0], p.ctl)
	n, err := p.conn.Writev(h.iov, p.up.queue.len() > 0)
	h.iov = h.iov[:0]
	if err != nil && err != loop.ErrAgain {
		p.Close(err)
		return false
	}
	if n > 0 {
		now := h.Loop.Now()
		p.lastSend, p.lastMoved = now, now
	}
	if n == len(p.ctl) {
		if cap(p.ctl) > 4<<10 {
			p.ctl = nil
		}
		p.ctl = p.ctl[:0]
		return true
	}
	p.ctl = p.ctl[:copy(p.ctl, p.ctl[n:])]
	p.blocked = true
	return false
}

// backPressure leaves further requests in the kernel while many wait here.
func (p *Peer) backPressure() {
	backlog := p.up.queue.len() >= backlogRequests && p.blocked
	if backlog == p.lowWater {
		return
	}
	p.lowWater = backlog
	if backlog {
		p.conn.SetReadLowWater(restWater)
	} else {
		p.conn.SetReadLowWater(1)
		p.lastHeard = p.host.Loop.Now() // what it said meanwhile was not looked at
	}
}

// control makes p flush b, appended to its control queue, after this input.
func (p *Peer) control(b []byte) {
	p.ctl = b
	if len(p.ctl) > maxControl {
		p.Close(ErrControlFull)
		return
	}
	p.host.markDirty(p)
}

func (p *Peer) sendChoke() {
	if p.amChoking {
		return
	}
	p.amChoking = true
	p.ctl = wire.AppendChoke(p.ctl)
	p.dropQueue()
	p.host.markDirty(p)
}

func (p *Peer) sendUnchoke() {
	if !p.amChoking {
		return
	}
	p.amChoking = false
	p.control(wire.AppendUnchoke(p.ctl))
}

// sendInterest tells the peer whether it has something we want.
func (p *Peer) sendInterest(want bool) {
	if want == p.amInterested {
		return
	}
	p.amInterested = want
	if want {
		p.control(wire.AppendInterested(p.ctl))
	} else {
		p.control(wire.AppendNotInterested(p.ctl))
	}
}

// sendGreeting sends what follows our handshake: the extension handshake and
// what we have. It is a write of its own behind the handshake, and an empty
// bitfield stands for have-none: some clients (aria2) hang up on a have-none
// that comes together with the handshake.
func (p *Peer) sendGreeting() {
	t := p.t
	if p.ext {
		hs := wire.ExtHandshake{V: p.host.Client, Reqq: p.reqq(), P: p.host.Port(), YourIP: p.conn.Remote().Addr()}
		hs.UploadOnly = t.pick == nil
		p.ctl = wire.AppendExtHandshake(p.ctl, hs)
	}
	switch {
	case t.have == nil && p.fast:
		p.ctl = wire.AppendHaveAll(p.ctl)
	case t.have == nil:
		p.ctl = wire.AppendBitfield(p.ctl, t.full().Bytes())
	case p.fast || !t.have.None():
		p.ctl = wire.AppendBitfield(p.ctl, t.have.Bytes())
	}
	p.host.markDirty(p)
}

// reqq is how many requests of the peer are kept at the most, which it is told
// where it understands that.
func (p *Peer) reqq() int {
	if p.fast {
		return ReqQ
	}
	return plainRequests
}

// queueLimit is how many requests of the peer are kept at the moment. One that
// cannot be told of a refusal gets more, as long as the loop's queues are small
// altogether: rtorrent keeps up to a request for each 5 KiB/s under way and never
// repeats one that was dropped.
func (p *Peer) queueLimit() int {
	if p.host.intake.queued > loopRequests {
		return ReqQ
	}
	return p.reqq()
}

// overflow refuses a request for which there is no room. A peer that does not
// speak the fast extension is choked for a moment, which withdraws all its
// requests (BEP 3), so that it asks again.
func (p *Peer) overflow(r wire.Request) {
	if p.fast {
		p.reject(r)
		return
	}
	p.t.rejected()
	p.sendChoke()
	p.host.overflowed = append(p.host.overflowed, overflowed{p, p.host.Loop.Now() + overflowPause})
}

// reject refuses a request: told where the fast extension is spoken (BEP 6),
// silently dropped elsewhere. A peer that does not heed it is closed.
func (p *Peer) reject(r wire.Request) {
	p.t.rejected()
	if !p.fast {
		return
	}
	if p.up.refused++; p.up.refused > maxRefused {
		p.Close(ErrFlood)
		return
	}
	p.control(wire.AppendReject(p.ctl, r))
}
