package swarm

import (
	"slices"

	"spate/proto/wire"
)

// requestQueue is the FIFO of a peer's requests, 12 bytes each. The zero value
// is empty.
type requestQueue struct {
	buf  []wire.Request
	head int
	all  *int // counts the requests of all queues of the loop; may be nil
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
	q.count(1)
	return true
}

// unpop puts the request that was taken last back to the front.
func (q *requestQueue) unpop(r wire.Request) {
	q.count(1)
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
	q.count(-1)
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
	q.count(-1)
	q.buf = slices.Delete(q.buf, q.head+i, q.head+i+1)
	q.rewind()
	return i, true
}

func (q *requestQueue) clear() {
	q.count(-q.len())
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

func (q *requestQueue) count(n int) {
	if q.all != nil {
		*q.all += n
	}
}
