package swarm

import (
	"errors"

	"spate/reactor/loop"
)

// The Host is the loop.Handler of its loop.
var _ loop.Shedder = (*Host)(nil)

// Opened starts a peer: accepted, dialed, or moved here from another loop.
func (h *Host) Opened(c loop.Conn) {
	switch ctx := c.Context().(type) {
	case *dialing:
		h.census.dialing--
		ctx.t.dialed(c)
	case *transfer:
		p := newPeer(h, c, nil)
		h.strangers = append(h.strangers, p)
		p.m, p.hs, p.greeted = ctx.m, ctx.hs, true
		if err := p.enter(ctx.rest); err != nil {
			p.Close(err)
			return
		}
		p.turn()
	default:
		if h.Admit != nil && !h.Admit(true) {
			h.Shed(1)
			c.Close(ErrTooMany)
			return
		}
		h.strangers = append(h.strangers, newPeer(h, c, nil))
	}
}

// DialFailed ends a dial. That we had no room for it says nothing of the
// address, which is tried again soon.
func (h *Host) DialFailed(ctx any, err error) {
	if d, ok := ctx.(*dialing); ok {
		h.census.dialing--
		d.t.roster.ended(d.addr, h.Loop.Now(), errors.Is(err, loop.ErrLimit))
	}
}

// Readable passes a peer's bytes on.
func (h *Host) Readable(c loop.Conn, data []byte) {
	if p, ok := c.Context().(*Peer); ok && !p.closing {
		p.readable(data)
	}
}

// Writable goes on sending to a peer.
func (h *Host) Writable(c loop.Conn) {
	if p, ok := c.Context().(*Peer); ok && !p.closed {
		p.writable()
	}
}

// Closed forgets a peer.
func (h *Host) Closed(c loop.Conn, reason error) {
	if p, ok := c.Context().(*Peer); ok && !p.closed {
		p.ended(reason)
	}
}

// gone takes p off the list of peers without a torrent.
func (h *Host) gone(p *Peer) {
	if p.joined {
		return
	}
	for i, s := range h.strangers {
		if s == p {
			last := len(h.strangers) - 1
			h.strangers[i] = h.strangers[last]
			h.strangers[last] = nil
			h.strangers = h.strangers[:last]
			return
		}
	}
}
