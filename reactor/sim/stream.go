package sim

import (
	"time"

	"spate/reactor/fifo"
)

// stream is one direction of a connection. All its bytes lie in one buffer, in
// order; where they are on their way is a matter of counts:
//
//	       ready | waiting | downlink | flying | uplink | unsent
//	reader <-----------------------------------------------------<- writer
//	       \_______________ at most window ____________/ \ at most sendBuffer
//
// A segment is flying from the end of its uplink service until it arrives; its
// length is all that is kept of it.
type stream struct {
	w        *World
	from, to *socket
	buf      buffer
	delay    time.Duration // one way

	ready    int // may be read
	waiting  int // arrived, not served by the downlink
	downlink int // being served by the downlink
	uplink   int // being served by the uplink
	unsent   int

	flying fifo.Queue[int32] // segments, 0 for the end of the stream

	upTurn, downTurn   lineTurn // at the ports
	dirty              bool     // to be pumped at the end of the turn
	dead               bool     // reset: what it carried is lost
	finQueued, finSent bool
	finArrived         bool
	starved            bool // the writer was told that there is no room
}

// turn is the stream's place in the line of one of its ports.
func (s *stream) turn(up bool) *lineTurn {
	if up {
		return &s.upTurn
	}
	return &s.downTurn
}

// sendable is how much may leave: what the window takes. A window nearly shut
// stays so, lest a slow reader is sent crumbs.
func (s *stream) sendable() int {
	if s.dead || s.unsent == 0 || s.from.host.cut || s.to.host.cut {
		return 0
	}
	room := s.w.cfg.Window - (s.buf.n - s.unsent)
	if room < s.unsent && room < s.w.cfg.Window/4 {
		return 0
	}
	return min(room, s.unsent)
}

// wants tells whether a port has something to do for s.
func (s *stream) wants(up bool) bool {
	if up {
		return s.sendable() > 0
	}
	return s.waiting > 0 && !s.dead
}

// take gives a port its next segment.
func (s *stream) take(up bool) int {
	if !s.wants(up) {
		return 0
	}
	if up {
		n := min(s.w.cfg.Segment.draw(s.w.rand), s.sendable())
		s.unsent -= n
		s.uplink += n
		return n
	}
	n := min(s.w.cfg.Segment.draw(s.w.rand), s.waiting)
	s.waiting -= n
	s.downlink += n
	return n
}

// served ends a port's work on the segment that it took.
func (s *stream) served(up bool) {
	if s.dead {
		return
	}
	if up {
		n := s.uplink
		s.uplink = 0
		s.launch(n)
		s.relieve()
		s.finish()
		return
	}
	n := s.downlink
	s.downlink = 0
	s.deliver(n)
}

// mark has s pumped once the current turn is over, so that all that a turn
// writes leaves together.
func (s *stream) mark() {
	if !s.dirty {
		s.dirty = true
		s.w.dirty = append(s.w.dirty, s)
	}
}

// pump moves on what can be moved.
func (s *stream) pump() {
	if s.dead {
		return
	}
	if up := s.from.host.up; up != nil {
		switch n := s.sendable(); {
		case n == 0:
		case n == s.unsent && s.uplink == 0 && up.express(s, n):
			s.unsent = 0
			s.launch(n)
		default:
			up.add(s)
		}
	} else {
		for room := s.sendable(); room > 0; room = s.sendable() {
			n := min(s.w.cfg.Segment.draw(s.w.rand), room)
			s.unsent -= n
			s.launch(n)
		}
	}
	s.relieve()
	s.finish()
}

// relieve wakes a writer that waits once half of the send buffer is free, as
// kernels do, so that it writes again in large parts.
func (s *stream) relieve() {
	if s.starved && s.unsent <= s.w.cfg.SendBuffer/2 {
		s.starved = false
		s.from.wantWritable = true
		s.from.queue()
	}
}

// finish sends the end of the stream behind its last byte.
func (s *stream) finish() {
	if s.finQueued && !s.finSent && s.unsent == 0 && s.uplink == 0 && !s.from.host.cut && !s.to.host.cut {
		s.finSent = true
		s.launch(0)
	}
}

// launch puts a segment on the way. Segments do not overtake each other: the
// arrival of one is that of the first on the way.
func (s *stream) launch(n int) {
	w := s.w
	if n > 0 && (oneIn(w.rand, w.cfg.Faults.Reset) || w.trip(OpSegment) != nil) {
		s.from.abort()
		return
	}
	s.flying.Push(int32(n))
	w.at(w.now+s.delay+upTo(w.rand, w.cfg.Jitter), s)
}

// fire is the arrival of the segment that has flown longest.
func (s *stream) fire() {
	n := int(s.flying.Pop())
	if s.dead {
		return
	}
	if n == 0 {
		s.finArrived = true
		if s.ended() {
			s.to.arrived()
		}
		return
	}
	if down := s.to.host.down; down != nil && (s.waiting+s.downlink > 0 || !down.express(s, n)) {
		s.waiting += n
		down.add(s)
		return
	}
	s.deliver(n)
}

// deliver hands n bytes to the receiving socket.
func (s *stream) deliver(n int) {
	if oneIn(s.w.rand, s.w.cfg.Faults.Corrupt) {
		*s.buf.at(s.ready + s.w.rand.IntN(n)) ^= byte(1 + s.w.rand.IntN(255))
	}
	s.ready += n
	s.w.bytes += uint64(n)
	s.w.log.add(s.w.now, s.to.host.number, evSegment, s.to.id, n, "")
	s.to.arrived()
}

// ended tells whether nothing follows the bytes that are ready.
func (s *stream) ended() bool { return s.finArrived && s.waiting+s.downlink == 0 }

// read takes len(dst) bytes of those that are ready.
func (s *stream) read(dst []byte) {
	s.buf.read(&s.w.chunks, dst)
	s.ready -= len(dst)
	if s.unsent > 0 {
		s.mark() // the window has grown
	}
}

// discard throws away n bytes of those that are ready.
func (s *stream) discard(n int) {
	s.buf.discard(&s.w.chunks, n)
	s.ready -= n
	if s.unsent > 0 {
		s.mark() // the window has grown
	}
}

// kill ends the stream with all that it carries. Segments in flight arrive at
// nothing.
func (s *stream) kill() {
	s.dead = true
	s.buf.reset(&s.w.chunks)
	s.ready, s.waiting, s.downlink, s.uplink, s.unsent = 0, 0, 0, 0, 0
}
