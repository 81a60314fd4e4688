// Package fifo is a queue for things that wait in line on one loop: first in,
// first out, in one slice that grows to what it once held and then allocates
// nothing.
//
// A Queue belongs to one goroutine. It has no limit of its own: whoever pushes
// knows how many can wait.
package fifo

// Queue is a first-in, first-out queue. It never shrinks; the zero value is
// empty.
type Queue[T any] struct {
	buf  []T // its length is a power of two, or 0
	head int
	n    int
}

// Len is how many elements wait.
func (q *Queue[T]) Len() int { return q.n }

// First is the oldest element, of a queue that has one. It is valid until the
// next Push or Pop.
func (q *Queue[T]) First() *T { return &q.buf[q.head] }

// Push appends v.
func (q *Queue[T]) Push(v T) {
	if q.n == len(q.buf) {
		grown := make([]T, max(4, 2*len(q.buf)))
		k := copy(grown, q.buf[q.head:])
		copy(grown[k:], q.buf[:q.head])
		q.buf, q.head = grown, 0
	}
	q.buf[(q.head+q.n)&(len(q.buf)-1)] = v
	q.n++
}

// Pop takes the oldest element of a queue that has one.
func (q *Queue[T]) Pop() T {
	v := q.buf[q.head]
	var zero T
	q.buf[q.head] = zero
	q.head = (q.head + 1) & (len(q.buf) - 1)
	q.n--
	return v
}
