package pipeline

import (
	"math"
	"time"
)

const (
	// BlockSize is the length of a block in bytes (BEP 3).
	BlockSize = 16 << 10
	// MinOutstanding keeps a peer from idling while its last block travels.
	MinOutstanding = 2
	// MaxOutstanding bounds the requests to one peer whatever it advertises:
	// 31 MiB of data on their way, the bandwidth-delay product of 2.6 Gbit/s
	// at 100 ms.
	MaxOutstanding = 2000
	// DefaultReqq is assumed of a peer that advertises no reqq (BEP 10): the
	// value that the common clients take and offer.
	DefaultReqq = 250
	// MinCover is the least time that the queue of requests covers at the
	// measured rate: below it a loop that waits for its processor behind
	// hashing would let the peer idle.
	MinCover = 50 * time.Millisecond
	// MaxCover is the most: beyond it requests wait in a slow peer's queue that
	// a faster one could serve.
	MaxCover = 2 * time.Second
	// MinSnub is the least silence after which a peer is snubbed: one whose
	// blocks come within seconds is given up sooner than BEP 3's 60 s.
	MinSnub = 20 * time.Second
	// MaxSnub is the most, and what holds while the peer's delay is unknown.
	MaxSnub = 60 * time.Second
)

const (
	// minRound is the shortest time over which a rate is measured, so that a
	// batch that was read at once is not taken for a rate.
	minRound = time.Millisecond
	// grown is the gain of rate by which twice the requests must pay.
	grown = 1.5
	// spare is how long the queue is in percent of the delay: the rate of a peer
	// that gets faster can rise by so much in a round trip.
	spare = 150
	// longRound is the longest round in times to cover: a window that is too
	// large for a peer that became slow is not waited for.
	longRound = 2
	// collapsed is the share of the reference rate below which the queue is
	// taken to be too short for the peer's delay, and is tried longer.
	collapsed = 0.5
	// snubFactor is how many times a request's usual delay a silence may last.
	snubFactor = 4
)

// Pipeline is the state of the requests to one peer. Init makes it usable.
type Pipeline struct {
	reqq        int32
	outstanding int32 // requests without answer
	window      int32 // what Target answers within its bounds
	trying      bool  // the window is on trial
	snubbed     bool

	rate      float64       // bytes/s, 0 unknown
	reference float64       // the rate that the next one is compared with
	cover     time.Duration // time that the window is to cover

	started time.Duration // when the round began
	blocks  int32         // what has come in it
	bytes   int64

	last    time.Duration // latest block, or when waiting began
	delay   time.Duration // mean delay of a request, 0 unknown
	latest  time.Duration // and the latest one
	timedAt time.Duration // when the timed request was sent
	timed   int32         // answers up to and with its own, 0 when none is timed
}

// Init begins with a peer that takes reqq requests at a time (BEP 10), 0 when
// it did not say.
func (p *Pipeline) Init(reqq int) {
	*p = Pipeline{window: MinOutstanding, trying: true}
	p.SetReqq(reqq)
}

// SetReqq sets how many requests the peer takes at a time, DefaultReqq with 0.
func (p *Pipeline) SetReqq(reqq int) {
	if reqq <= 0 {
		reqq = DefaultReqq
	}
	p.reqq = int32(min(reqq, MaxOutstanding))
}

// Target is the number of requests to keep outstanding, 1 to the peer's reqq.
func (p *Pipeline) Target() int {
	if p.snubbed {
		return 1
	}
	return int(min(p.window, p.reqq))
}

// Outstanding is the number of requests without answer.
func (p *Pipeline) Outstanding() int { return int(p.outstanding) }

// Sent counts n requests that were sent.
func (p *Pipeline) Sent(now time.Duration, n int) {
	if n <= 0 {
		return
	}
	if p.outstanding == 0 {
		if d := p.last - p.started; d > 0 && d < minRound {
			// The round goes on, but for the time without requests: answers
			// that always come sooner would never end one.
			p.started += now - p.last
		} else {
			p.restart(now)
		}
		p.last = now
	}
	p.outstanding += int32(n)
	if p.timed == 0 {
		p.timed, p.timedAt = p.outstanding, now
	}
}

// Received counts a requested block of so many bytes that has come.
func (p *Pipeline) Received(now time.Duration, bytes int) {
	p.outstanding = max(p.outstanding-1, 0)
	p.last = now
	if p.timed > 0 {
		if p.timed--; p.timed == 0 {
			p.took(now - p.timedAt)
		}
	}
	if p.snubbed {
		p.revive(now)
		return
	}
	p.blocks++
	p.bytes += int64(bytes)
	d := now - p.started
	full := int(p.blocks) >= p.Target() || p.cover > 0 && d >= longRound*p.cover
	if full && d >= minRound {
		p.round(float64(p.bytes) / d.Seconds())
		p.restart(now)
	}
}

// Lost counts n requests that will not be answered: rejected, canceled,
// released, or dropped by a choke.
func (p *Pipeline) Lost(n int) {
	p.outstanding = max(p.outstanding-int32(n), 0)
	p.timed = 0
}

// Rate is the peer's rate in bytes/s while requests were outstanding, 0 until
// it is known. It sinks during a silence that is long for this peer.
func (p *Pipeline) Rate(now time.Duration) float64 {
	usual := max(2*p.delay, MinCover)
	if silence := now - p.last; p.outstanding > 0 && silence > usual {
		return p.rate * float64(usual) / float64(silence)
	}
	return p.rate
}

// Delay is the mean time from a request to its block, with the wait in the
// peer's queue; 0 until it is known.
func (p *Pipeline) Delay() time.Duration { return p.delay }

// restart begins to measure a round.
func (p *Pipeline) restart(now time.Duration) { p.started, p.blocks, p.bytes = now, 0, 0 }

// took takes in the delay of one request, in the mean with a weight of a
// quarter.
func (p *Pipeline) took(d time.Duration) {
	if p.delay == 0 {
		p.delay = d
	}
	p.delay += (d - p.delay) / 4
	p.latest = d
}

// round sizes the window after as many blocks as it holds came at a rate.
func (p *Pipeline) round(rate float64) {
	switch {
	case p.trying && rate >= grown*p.reference:
		p.pay(rate)
		return
	case p.trying:
		p.rate = rate
	default:
		p.rate += (rate - p.rate) / 2
	}
	p.trying = false
	p.window = p.fit()
	p.reference = max(p.reference, p.rate)
	if p.rate < collapsed*p.reference {
		p.trying, p.reference = true, p.rate
		p.window = min(2*p.window, p.reqq)
	}
}

// pay doubles a window on trial that was worth it. With fewer requests the
// rate was lower, so there is no queue to speak of yet, and the delay of a
// request is the peer's own.
func (p *Pipeline) pay(rate float64) {
	p.rate, p.reference = rate, rate
	p.cover = min(max(p.latest*spare/100, MinCover), MaxCover)
	if p.trying = p.window < p.reqq; p.trying {
		p.window = min(2*p.window, p.reqq)
	}
}

// fit is the window that covers the time to cover at the measured rate.
func (p *Pipeline) fit() int32 {
	n := math.Ceil(p.rate * p.cover.Seconds() / BlockSize)
	return int32(min(max(n, MinOutstanding), MaxOutstanding))
}
