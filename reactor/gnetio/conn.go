package gnetio

import (
	"errors"
	"net/netip"

	"github.com/panjf2000/gnet/v2"

	"spate/reactor/loop"
)

// ErrOtherNetwork says that a connection cannot move to a loop of another
// network.
var ErrOtherNetwork = errors.New("loop of another network")

type connState uint8

const (
	stateNew    connState = iota // enrolled, not yet opened
	stateOpen                    // Opened was called
	stateMarked                  // Close or Move was called; the end follows
	stateClosed                  // the descriptor is not ours any more
)

// conn is one connection. All but the first five fields belong to the loop.
type conn struct {
	l             *eventLoop
	remote, local netip.AddrPort
	inbound       bool
	opened        bool // set once, before the enroller goes on

	state     connState
	moved     bool // to another loop: no Closed, and the budget stays taken
	watched   bool // the watch of writability knows it
	wantWrite bool // a write came short: Writable is due
	corked    bool
	lowWater  int32 // as set on the socket
	stride    int32 // see minStride; 0 before the first send from a pipe
	burst     int32 // see pipes.Burst; 0 before the first send from a pipe
	slot      int32 // when watched
	fd        int
	place     int // in the loop's conns
	g         gnet.Conn
	ctx       any
	reason    error
}

// Context implements loop.Conn.
func (c *conn) Context() any { return c.ctx }

// SetContext implements loop.Conn.
func (c *conn) SetContext(v any) { c.ctx = v }

// Remote implements loop.Conn.
func (c *conn) Remote() netip.AddrPort { return c.remote }

// Local implements loop.Conn.
func (c *conn) Local() netip.AddrPort { return c.local }

// Inbound implements loop.Conn.
func (c *conn) Inbound() bool { return c.inbound }

// Close implements loop.Conn.
func (c *conn) Close(reason error) {
	if c.state != stateOpen {
		return
	}
	c.reason = reason
	c.mark()
}

// mark has the connection closed once the handler has returned: by gnet itself
// when this is the call about this very connection, else by closeMarked.
func (c *conn) mark() {
	c.state = stateMarked
	if c != c.l.current {
		c.l.marked = append(c.l.marked, c)
	}
}

// Move implements loop.Conn. The duplicate descriptor keeps the socket open
// while this loop's end of it goes; SO_LINGER stays as it is, so that the close
// sends nothing. What this loop had set on the socket is taken back first.
func (c *conn) Move(to loop.Loop, ctx any) error {
	target, ok := to.(*eventLoop)
	if !ok || target.net != c.l.net {
		return ErrOtherNetwork
	}
	if c.state != stateOpen || c.l.stopping {
		return loop.ErrClosed
	}
	c.Cork(false)
	c.SetReadLowWater(1)
	fd, err := c.g.Dup()
	if err != nil {
		return err
	}
	c.moved = true
	c.mark()
	c.l.net.count.moves.Add(1)
	target.enroller.put(arrival{fd: fd, ctx: ctx, inbound: c.inbound, announce: true})
	return nil
}

// Cork implements loop.Conn.
func (c *conn) Cork(on bool) {
	if c.corked == on || c.fd < 0 {
		return
	}
	c.corked = on
	setCork(c.fd, on)
}

// SetReadLowWater implements loop.Conn. The kernel takes less than half of the
// receive buffer at most.
func (c *conn) SetReadLowWater(n int) {
	n = max(1, min(n, maxReadLowWater))
	if c.fd < 0 || c.lowWater == int32(n) {
		return
	}
	c.lowWater = int32(n)
	setReadLowWater(c.fd, n)
}
