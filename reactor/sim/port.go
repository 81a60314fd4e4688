package sim

import "time"

// port is one direction of a host's access line. It serves the streams that
// have something to send in turn, a segment each, at its rate: a fluid, fairly
// shared line in the grain of a segment. A host without a limit has no port.
type port struct {
	w     *World
	rate  int64 // bytes per second, 1 or more
	up    bool  // sends out of the host, otherwise into it
	busy  bool
	carry int64 // remainder of the last service, in byte-nanoseconds
	line  fifo[*stream]
}

// add puts s in the line; a stream stands there once.
func (p *port) add(s *stream) {
	if *s.inLine(p.up) {
		return
	}
	*s.inLine(p.up) = true
	p.line.push(s)
	if !p.busy {
		p.serve()
	}
}

// serve takes the next stream with something to send and occupies the line for
// as long as its segment takes.
func (p *port) serve() {
	for p.line.len() > 0 {
		s := *p.line.first()
		n := s.take(p.up)
		if n == 0 {
			*s.inLine(p.up) = false
			p.line.pop()
			continue
		}
		p.busy = true
		work := int64(n)*int64(time.Second) + p.carry
		p.carry = work % p.rate
		p.w.at(p.w.now+time.Duration(work/p.rate), p)
		return
	}
	p.busy = false
}

// fire ends the service of the first stream in line, which goes to the end.
func (p *port) fire() {
	s := p.line.pop()
	*s.inLine(p.up) = false
	s.served(p.up)
	if s.wants(p.up) {
		*s.inLine(p.up) = true
		p.line.push(s)
	}
	p.serve()
}
