package pipeline

import "time"

// Deadline is when the peer will have been silent for too long. It returns
// false while nothing is outstanding.
func (p *Pipeline) Deadline() (at time.Duration, ok bool) {
	patience := MaxSnub
	if p.delay > 0 {
		patience = min(max(snubFactor*p.delay, MinSnub), MaxSnub)
	}
	return p.last + patience, p.outstanding > 0
}

// Expired tells whether the Deadline has passed. It then counts the peer as
// snubbed and begins to wait anew; the caller releases all outstanding requests
// (Lost) for other peers to take, and may ask for Target, one block, again.
func (p *Pipeline) Expired(now time.Duration) bool {
	if at, ok := p.Deadline(); !ok || now < at {
		return false
	}
	p.snubbed, p.last = true, now
	return true
}

// Snubbed tells whether the peer let the Deadline pass and has sent nothing
// since.
func (p *Pipeline) Snubbed() bool { return p.snubbed }

// revive begins afresh with a peer that was snubbed.
func (p *Pipeline) revive(now time.Duration) {
	p.snubbed, p.trying, p.window = false, true, MinOutstanding
	p.rate, p.reference = 0, 0
	p.restart(now)
}
