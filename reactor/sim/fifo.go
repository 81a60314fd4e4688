package sim

// fifo is a first-in, first-out queue in one slice. It never shrinks; the zero
// value is empty.
type fifo[T any] struct {
	buf  []T // length is a power of two, or 0
	head int
	n    int
}

func (q *fifo[T]) len() int { return q.n }

// first is the oldest element, of a queue that has one.
func (q *fifo[T]) first() *T { return &q.buf[q.head] }

func (q *fifo[T]) push(v T) {
	if q.n == len(q.buf) {
		grown := make([]T, max(4, 2*len(q.buf)))
		k := copy(grown, q.buf[q.head:])
		copy(grown[k:], q.buf[:q.head])
		q.buf, q.head = grown, 0
	}
	q.buf[(q.head+q.n)&(len(q.buf)-1)] = v
	q.n++
}

// pop takes the oldest element of a queue that has one.
func (q *fifo[T]) pop() T {
	v := q.buf[q.head]
	var zero T
	q.buf[q.head] = zero
	q.head = (q.head + 1) & (len(q.buf) - 1)
	q.n--
	return v
}
