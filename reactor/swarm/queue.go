package swarm

import (
	"slices"
	"time"

	"spate/proto/wire"
	"spate/reactor/histogram"
)

// intake is what the request queues of a loop share.
type intake struct {
	queued int // requests in all queues
	// received counts requests that were queued; of these, served were taken to
	// be sent, cancelled taken back, and dropped left unserved.
	received, served, cancelled, dropped int64

	clock func() time.Duration
	waits *histogram.Histogram // of one in sampleRequests
}

// requestQueue is the FIFO of a peer's requests, 12 bytes each. The zero value
// is empty.
type requestQueue struct {
	buf  []wire.Request
	head int
	// intake is what the queues of the loop share; nil counts nothing.
	intake *intake
	// asked is when a request was taken up that is being followed until it
	// leaves, and ahead how many requests are before it, itself included; 0
	// while none is followed.
	asked time.Duration
	ahead int32
}

func (q *requestQueue) len() int { return len(q.buf) - q.head }

// push appends r unless there are most requests already, and tells whether it
// did.
func (q *requestQueue) push(r wire.Request, most int) bool {
	if q.len() >= most {
		return false
	}
	if q.head > 0 && len(q.buf) == cap(q.buf) {
		n := copy(q.buf, q.buf[q.head:])
		q.buf, q.head = q.buf[:n], 0
	}
	q.buf = append(q.buf, r)
	if in := q.intake; in != nil {
		in.queued++
		if in.received++; in.received%sampleRequests == 0 && q.ahead == 0 {
			q.ahead, q.asked = int32(q.len()), in.clock()
		}
	}
	return true
}

// unpop puts the request that was taken last back to the front.
func (q *requestQueue) unpop(r wire.Request) {
	if q.intake != nil {
		q.intake.queued++
		q.intake.served--
	}
	if q.ahead > 0 {
		q.ahead++
	}
	if q.head > 0 {
		q.head--
		q.buf[q.head] = r
		return
	}
	q.buf = slices.Insert(q.buf, 0, r)
}

// at returns the i-th request from the front.
func (q *requestQueue) at(i int) wire.Request { return q.buf[q.head+i] }

// pop removes the front.
func (q *requestQueue) pop() {
	if in := q.intake; in != nil {
		in.queued--
		in.served++
		if q.ahead > 0 {
			if q.ahead--; q.ahead == 0 {
				in.waits.Observe(in.clock() - q.asked)
			}
		}
	}
	q.head++
	q.rewind()
}

// remove takes r out, wherever it is, and tells whether it was there and at
// which place from the front.
func (q *requestQueue) remove(r wire.Request) (place int, ok bool) {
	i := slices.Index(q.buf[q.head:], r)
	if i < 0 {
		return 0, false
	}
	if q.intake != nil {
		q.intake.queued--
		q.intake.cancelled++
	}
	switch place := int32(i) + 1; {
	case place == q.ahead:
		q.ahead = 0
	case place < q.ahead:
		q.ahead--
	}
	q.buf = slices.Delete(q.buf, q.head+i, q.head+i+1)
	q.rewind()
	return i, true
}

func (q *requestQueue) clear() {
	if q.intake != nil {
		q.intake.queued -= q.len()
		q.intake.dropped += int64(q.len())
	}
	q.ahead = 0
	q.buf, q.head = q.buf[:0], 0
	q.shrink()
}

// rewind begins at the front of the memory again once the queue is empty.
func (q *requestQueue) rewind() {
	if q.head == len(q.buf) {
		q.buf, q.head = q.buf[:0], 0
	}
}

// shrink gives the memory of an empty queue back.
func (q *requestQueue) shrink() {
	if q.len() == 0 && cap(q.buf) > shrinkQueue {
		q.buf, q.head = nil, 0
	}
}
