package swarm

// ring is a first-in, first-out queue in one slice, which grows to what it once
// held and then allocates nothing. The zero value is empty.
type ring[T any] struct {
	buf  []T // its length is a power of two, or 0
	head int
	n    int
}

func (r *ring[T]) len() int { return r.n }

// push appends v.
func (r *ring[T]) push(v T) {
	if r.n == len(r.buf) {
		grown := make([]T, max(4, 2*len(r.buf)))
		k := copy(grown, r.buf[r.head:])
		copy(grown[k:], r.buf[:r.head])
		r.buf, r.head = grown, 0
	}
	r.buf[(r.head+r.n)&(len(r.buf)-1)] = v
	r.n++
}

// pop takes the oldest element of a ring that has one.
func (r *ring[T]) pop() T {
	v := r.buf[r.head]
	var zero T
	r.buf[r.head] = zero
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.n--
	return v
}
