package sim

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"spate/reactor/loop"
)

// conn is a socket as a handler sees it, from Opened to Closed or Move.
type conn struct {
	s    *socket
	ctx  any
	gone bool
}

// endpoints are the addresses of a connection, from one end's point of view.
type endpoints struct{ local, remote netip.AddrPort }

// use checks the rules of package loop: on the loop's own turn, and not after
// the end. Breaking them is a bug of the engine that real networks do not
// forgive as clearly.
func (c *conn) use() *socket {
	if c.gone {
		panic("sim: a connection is used after Closed or Move")
	}
	if c.s.w.turn != c.s.loop {
		panic("sim: a connection is used outside of its loop")
	}
	return c.s
}

// Context implements loop.Conn.
func (c *conn) Context() any { return c.ctx }

// SetContext implements loop.Conn.
func (c *conn) SetContext(v any) { c.ctx = v }

// Remote implements loop.Conn.
func (c *conn) Remote() netip.AddrPort { return c.s.addrs.remote }

// Local implements loop.Conn.
func (c *conn) Local() netip.AddrPort { return c.s.addrs.local }

// Inbound implements loop.Conn.
func (c *conn) Inbound() bool { return c.s.inbound }

// Readv implements loop.Conn.
func (c *conn) Readv(bufs [][]byte) (int, error) {
	s := c.use()
	if s.closing {
		return 0, loop.ErrClosed
	}
	if err := s.w.trip(OpReceive); err != nil {
		return 0, err
	}
	n, empty := 0, true
	for _, b := range bufs {
		empty = empty && len(b) == 0
		k := min(len(b), s.in.ready)
		s.in.read(b[:k])
		n += k
	}
	switch {
	case n > 0 || empty:
		return n, nil
	case s.in.ended():
		return 0, io.EOF
	default:
		return 0, loop.ErrAgain
	}
}

// Discard implements loop.Conn.
func (c *conn) Discard(n int) (int, error) {
	s := c.use()
	if s.closing {
		return 0, loop.ErrClosed
	}
	if err := s.w.trip(OpReceive); err != nil {
		return 0, err
	}
	switch {
	case n > 0 && s.in.ready == 0 && s.in.ended():
		return 0, io.EOF
	case n > 0 && s.in.ready == 0:
		return 0, loop.ErrAgain
	}
	n = max(0, min(n, s.in.ready))
	s.in.discard(n)
	return n, nil
}

// space is how many of n bytes the send buffer takes. When that is not all,
// Writable is due later.
func (s *socket) space(n int) int {
	room := max(0, s.w.cfg.SendBuffer-s.out.unsent)
	if n > 0 && oneIn(s.w.rand, s.w.cfg.Faults.ShortWrite) {
		room = min(room, scale(s.w.rand.Uint32(), n))
	}
	if room < n {
		s.out.starved = true
		s.out.mark()
	}
	return min(n, room)
}

// wrote accounts for n bytes that were added to the outgoing stream.
func (s *socket) wrote(n int) {
	s.out.unsent += n
	s.out.mark()
}

// Writev implements loop.Conn. What a turn writes leaves together in any case,
// so more changes nothing.
func (c *conn) Writev(bufs [][]byte, _ bool) (int, error) {
	s := c.use()
	if s.closing {
		return 0, loop.ErrClosed
	}
	if err := s.w.trip(OpWrite); err != nil {
		return 0, err
	}
	total := 0
	for _, b := range bufs {
		total += len(b)
	}
	n := s.space(total)
	if n == 0 && total > 0 {
		return 0, loop.ErrAgain
	}
	left := n
	for _, b := range bufs {
		b = b[:min(len(b), left)]
		s.out.buf.write(&s.w.chunks, b)
		left -= len(b)
	}
	s.wrote(n)
	return n, nil
}

// SendFile implements loop.Conn by copying; in a sparse world it refers to the
// content.
func (c *conn) SendFile(f loop.File, off int64, n int, _ bool) (int, error) {
	s := c.use()
	if s.closing {
		return 0, loop.ErrClosed
	}
	if err := s.w.trip(OpWrite); err != nil {
		return 0, err
	}
	todo := s.space(n)
	if todo == 0 && n > 0 {
		return 0, loop.ErrAgain
	}
	done := 0
	if h, ok := f.(*handle); ok && s.w.cfg.Sparse {
		k, err := h.refer(&s.out.buf, off, todo)
		s.wrote(k)
		if errors.Is(err, io.EOF) {
			err = loop.ErrShort
		}
		return k, err
	}
	for done < todo {
		room := s.out.buf.room(&s.w.chunks, todo-done)
		k, err := f.ReadAt(room, off+int64(done))
		s.out.buf.added(k)
		s.wrote(k)
		done += k
		if k == len(room) {
			continue
		}
		if errors.Is(err, io.EOF) {
			err = loop.ErrShort
		}
		return done, err
	}
	return done, nil
}

// SendFrames implements loop.Conn. Where writes are short, frames are unfit now and
// then.
func (c *conn) SendFrames(f loop.File, frames []loop.Frame, resident bool) (int, error) {
	s := c.use()
	sent := 0
	for i := range frames {
		if oneIn(s.w.rand, s.w.cfg.Faults.ShortWrite) {
			return sent, loop.ErrUnfit
		}
		n, err := c.Writev([][]byte{frames[i].Header}, true)
		sent += n
		if err == nil && n == len(frames[i].Header) {
			n, err = c.SendFile(f, frames[i].Off, frames[i].N, resident)
			sent += n
			if err == nil && n == frames[i].N {
				continue
			}
		}
		if err == loop.ErrAgain && sent > 0 {
			err = nil
		}
		return sent, err
	}
	return sent, nil
}

// Cork implements loop.Conn. What a turn writes leaves together in any case.
func (c *conn) Cork(bool) { c.use() }

// SetReadLowWater implements loop.Conn. As in kernels, more than half of the
// window is not waited for.
func (c *conn) SetReadLowWater(n int) {
	s := c.use()
	s.lowWater = max(1, min(n, s.w.cfg.Window/2))
	s.draining = false
	s.again()
}

// Close implements loop.Conn.
func (c *conn) Close(reason error) { c.use().end(reason) }

// moveDelay is the longest time that a socket spends between two loops.
const moveDelay = time.Millisecond

// Move implements loop.Conn.
func (c *conn) Move(to loop.Loop, ctx any) error {
	s := c.use()
	l, ok := to.(*evLoop)
	if !ok || l.host != s.host {
		return errors.New("move to a loop of another network")
	}
	if s.closing {
		return loop.ErrClosed
	}
	w := s.w
	c.gone = true
	s.conn = nil
	s.moving = true
	s.ctx = ctx
	s.loop = l
	w.log.add(w.now, s.host.number, evMoved, s.id, l.index, "")
	fails := oneIn(w.rand, w.cfg.Faults.MoveFails) || w.trip(OpMove) != nil
	w.After(upTo(w.rand, moveDelay), func() { s.moved(fails) })
	return nil
}

// moved ends the way between two loops.
func (s *socket) moved(fails bool) {
	if s.gone {
		return // the host stopped
	}
	s.moving = false
	if !fails {
		s.opening = true
		s.queue()
		return
	}
	s.vanish()
	s.loop.dialFailed(s.ctx, ErrMove)
}
