package sim

import (
	"io"

	"spate/reactor/loop"
)

// socket is one end of a connection: what stays the same when it moves between
// loops. It is its own event; what is due is kept in flags, so that at most one
// event of a socket is queued.
//
//	connecting -> opening -> open -> closing -> gone
//	                 ^        |
//	                 +--------+ Move
type socket struct {
	w       *World
	host    *Host
	id      int
	slot    int // in host.sockets
	loop    *evLoop
	conn    *conn // what the handler knows, nil while connecting or moving
	ctx     any   // Context of the conn to come
	inbound bool
	addrs   endpoints

	out, in *stream

	lowWater     int
	draining     bool // the mark was reached: what waits is handed over to the last byte
	queued       bool // its event is scheduled
	opening      bool // Opened is due
	moving       bool // between two loops
	wantWritable bool // Writable is due
	closing      bool // Closed is due, nothing else
	gone         bool
	wasEmpty     bool // the last Readable had no data
	reason       error
}

// queue schedules the socket's event at this instant.
func (s *socket) queue() {
	if !s.queued && !s.gone {
		s.queued = true
		s.w.at(s.w.now, s)
	}
}

// fire does one thing that is due and schedules the rest.
func (s *socket) fire() {
	if s.host.holds(s) {
		return
	}
	s.queued = false
	if s.gone {
		return
	}
	switch {
	case s.opening:
		s.opening = false
		s.open()
	case s.conn == nil: // between two loops
	case s.closing:
		s.close()
		return
	case s.wantWritable:
		s.wantWritable = false
		s.w.log.add(s.w.now, s.host.number, evWritable, s.id, s.out.unsent, "")
		s.loop.enter()
		s.guarded(s.writable)
		s.w.leave()
	case s.due():
		s.read()
		return
	}
	s.again()
}

// again schedules what is left to do.
func (s *socket) again() {
	if s.conn != nil && (s.closing || s.wantWritable || s.due()) {
		s.queue()
	}
}

// open makes the conn and announces it.
func (s *socket) open() {
	s.conn = &conn{s: s, ctx: s.ctx}
	s.ctx = nil
	s.w.log.add(s.w.now, s.host.number, evOpened, s.id, s.loop.index, "")
	s.loop.enter()
	s.guarded(s.opened)
	s.w.leave()
}

// due tells whether Readable is.
func (s *socket) due() bool {
	return !s.closing && !s.host.deaf && !s.host.frozen && (s.in.ready >= s.lowWater || s.draining && s.in.ready > 0 || s.in.ended())
}

// arrived is called when bytes or the end of the stream have come in.
func (s *socket) arrived() {
	if s.gone || s.closing {
		s.sink()
		return
	}
	if s.conn == nil || s.opening || s.queued {
		return // what is due first leads on to reading
	}
	if s.due() {
		s.read()
	}
}

// read hands the first bytes to the handler, or ends the connection when the
// peer has ended it and everything was read. Of both ways in which a network
// may tell that (a Readable without data, or Closed at once) one is drawn.
func (s *socket) read() {
	w := s.w
	n := min(s.in.ready, w.cfg.FirstRead.draw(w.rand))
	if s.in.ready == 0 && (s.wasEmpty || w.rand.Uint32()&1 == 0) {
		s.end(io.EOF)
		return
	}
	if n > 0 && !s.wasEmpty && oneIn(w.rand, w.cfg.Faults.EmptyRead) {
		n = 0
	}
	s.wasEmpty = n == 0
	data := w.scratch[:n]
	s.in.read(data)
	s.draining = s.in.ready > 0
	w.log.add(w.now, s.host.number, evReadable, s.id, n, "")
	w.reading = data
	s.loop.enter()
	s.guarded(s.readable)
	w.leave()
	spoil(data)
	s.again()
}

// The callbacks in the form that guarded takes.
func (s *socket) opened()   { s.loop.handler.Opened(s.conn) }
func (s *socket) writable() { s.loop.handler.Writable(s.conn) }
func (s *socket) readable() { s.loop.handler.Readable(s.conn, s.w.reading) }
func (s *socket) closed()   { s.loop.handler.Closed(s.conn, s.reason) }

// end begins the end of the connection at this side: Closed follows. The first
// reason stays.
func (s *socket) end(reason error) {
	if s.closing || s.gone {
		return
	}
	s.closing = true
	s.reason = reason
	switch {
	case s.in.dead: // reset
	case s.in.ended():
		s.in.kill()
		s.out.kill() // nobody is there to read it
	case s.in.ready > 0:
		s.reset()
	default:
		s.out.finQueued = true
		s.out.starved = false
		s.out.mark()
	}
	s.queue()
}

// sink answers what arrives for a closed connection, as kernels do: with a
// reset, except for the end of the stream.
func (s *socket) sink() {
	if s.in.ready > 0 {
		s.reset()
		return
	}
	s.in.kill()
}

// reset ends both directions at once; the peer learns it when the reset
// arrives, unless it cannot be reached.
func (s *socket) reset() {
	s.in.kill()
	s.out.kill()
	peer := s.out.to
	if s.host.cut || peer.host.cut {
		return
	}
	s.w.log.add(s.w.now, s.host.number, evReset, s.id, 0, "")
	s.w.After(s.out.delay, func() { peer.end(errReset) })
}

// vanish ends a socket that no handler knows: the peer sees a reset.
func (s *socket) vanish() {
	s.reset()
	s.gone = true
	s.host.remove(s)
}

// abort breaks the connection from outside, as a middlebox would: both ends
// see a reset.
func (s *socket) abort() {
	s.w.log.add(s.w.now, s.host.number, evReset, s.id, 0, "")
	peer := s.out.to
	s.in.kill()
	s.out.kill()
	s.end(errReset)
	peer.end(errReset)
}

// close is the last thing that the handler hears of the connection.
func (s *socket) close() {
	s.w.log.add(s.w.now, s.host.number, evClosed, s.id, 0, s.reason.Error())
	s.loop.enter()
	s.guarded(s.closed)
	s.w.leave()
	s.gone = true
	s.conn.gone = true
	s.host.remove(s)
}

// guarded runs a callback. With RecoverPanics set one that panics ends its
// connection and not the world.
func (s *socket) guarded(f func()) {
	if s.w.cfg.RecoverPanics {
		defer func() {
			if p := recover(); p != nil {
				s.end(loop.ErrPanic)
			}
		}()
	}
	f()
}
