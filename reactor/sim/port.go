package sim

import (
	"time"

	"spate/reactor/fifo"
)

// lineTurn is a stream's place in the line of a port.
type lineTurn struct {
	waiting bool // it stands there
	credit  int  // bytes that it may send before others come
}

// port is one direction of a host's access line. It serves the streams that
// have something to send in turn, a segment each, at its rate: a fluid, fairly
// shared line in the grain of a segment. A host without a limit has no port.
type port struct {
	w     *World
	rate  int64 // bytes per second, 1 or more
	up    bool  // sends out of the host, otherwise into it
	busy  bool
	carry int64 // what is owed to the next service, in byte-nanoseconds
	line  fifo.Queue[*stream]
}

// quantum is what a stream may send in its turn, in bytes: a block.
const quantum = 16 << 10

// add puts s in the line; a stream stands there once.
func (p *port) add(s *stream) {
	turn := s.turn(p.up)
	if turn.waiting {
		return
	}
	*turn = lineTurn{waiting: true, credit: quantum}
	p.line.Push(s)
	if !p.busy {
		p.serve()
	}
}

// express tells whether n bytes of s pass without a place in the line, as they
// do when they are few: they take no event, but their time from a busy line.
func (p *port) express(s *stream, n int) bool {
	if n > p.w.cfg.Express || s.turn(p.up).waiting {
		return false
	}
	if p.busy {
		p.carry += int64(n) * int64(time.Second)
	}
	return true
}

// serve takes the next segment and occupies the line for as long as it takes.
// The first stream stays first until its credit is used up, then goes to the
// end; a segment larger than the credit is made up for in later rounds. That is
// surplus round robin: even in bytes, whatever the sizes.
func (p *port) serve() {
	p.busy = false
	for p.line.Len() > 0 {
		s := *p.line.First()
		turn := s.turn(p.up)
		if turn.credit <= 0 {
			turn.credit += quantum
			p.line.Push(p.line.Pop())
			continue
		}
		n := s.take(p.up)
		if n == 0 {
			turn.waiting = false
			p.line.Pop()
			continue
		}
		turn.credit -= n
		p.busy = true
		work := int64(n)*int64(time.Second) + p.carry
		p.carry = work % p.rate
		p.w.at(p.w.now+time.Duration(work/p.rate), p)
		return
	}
}

// fire ends the service of the first stream's segment.
func (p *port) fire() {
	s := *p.line.First()
	s.served(p.up)
	p.serve()
}
