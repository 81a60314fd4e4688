package swarm

import (
	"slices"

	"spate/proto/wire"
)

// requestQueue is the FIFO of a peer's requests, 12 bytes each, at most ReqQ.
// The zero value is empty.
type requestQueue struct {
	buf  []wire.Request
	head int
}

func (q *requestQueue) len() int { return len(q.buf) - q.head }

// push appends r and tells whether there was room.
func (q *requestQueue) push(r wire.Request) bool {
	if q.len() >= ReqQ {
		return false
	}
	if q.head > 0 && len(q.buf) == cap(q.buf) {
		n := copy(q.buf, q.buf[q.head:])
		q.buf, q.head = q.buf[:n], 0
	}
	q.buf = append(q.buf, r)
	return true
}

// unpop puts the request that was taken last back to the front.
func (q *requestQueue) unpop(r wire.Request) {
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
	q.head++
	if q.head == len(q.buf) {
		q.buf, q.head = q.buf[:0], 0
	}
}

// remove takes r out, wherever it is, and tells whether it was there and at
// which place from the front.
func (q *requestQueue) remove(r wire.Request) (place int, ok bool) {
	for i := q.head; i < len(q.buf); i++ {
		if q.buf[i] == r {
			q.buf = append(q.buf[:i], q.buf[i+1:]...)
			if q.head == len(q.buf) {
				q.buf, q.head = q.buf[:0], 0
			}
			return i - q.head, true
		}
	}
	return 0, false
}

func (q *requestQueue) clear() { q.buf, q.head = q.buf[:0], 0 }

// shrink gives the memory of an empty queue back.
func (q *requestQueue) shrink() {
	if q.len() == 0 && cap(q.buf) > shrinkQueue {
		q.buf, q.head = nil, 0
	}
}
