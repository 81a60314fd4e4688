package sim

// Sizes of the chunks that buffers are made of, in bytes: small ones for the
// requests and haves of idle connections, large ones for blocks.
const (
	smallChunk = 512
	largeChunk = 16 << 10
)

// chunk is a part of a buffer: bytes, or a range of content in their place.
type chunk struct {
	next     *chunk
	off, end int // the unread bytes are data[off:end], or those of span
	data     []byte
	span     *span // of a sparse world; nil where there is data
}

// copy takes bytes from the front.
func (c *chunk) copy(dst []byte) int {
	if c.span == nil {
		return copy(dst, c.data[c.off:c.end])
	}
	n := min(len(dst), c.end-c.off)
	c.span.stamp(c.off, dst[:n])
	return n
}

// chunkPool keeps the chunks that no buffer holds, by size. A world has one, so
// that thousands of connections need as much memory as is in flight at once.
type chunkPool struct{ small, large, spans *chunk }

func (p *chunkPool) get(n int) *chunk {
	free, size := &p.large, largeChunk
	if n <= smallChunk {
		free, size = &p.small, smallChunk
	}
	c := *free
	if c == nil {
		return &chunk{data: make([]byte, size)}
	}
	*free = c.next
	c.next, c.off, c.end = nil, 0, 0
	return c
}

// getSpan makes a chunk of n bytes of content.
func (p *chunkPool) getSpan(s span, n int) *chunk {
	c := p.spans
	if c == nil {
		return &chunk{end: n, span: &s}
	}
	p.spans = c.next
	c.next, c.off, c.end, *c.span = nil, 0, n, s
	return c
}

func (p *chunkPool) put(c *chunk) {
	free := &p.large
	switch {
	case c.span != nil:
		free = &p.spans
	case len(c.data) == smallChunk:
		free = &p.small
	}
	c.next = *free
	*free = c
}

// buffer is a queue of bytes. Its owner bounds its length.
type buffer struct {
	head, tail *chunk
	n          int
}

// room returns free space at the end, of up to want bytes, want being 1 or
// more; what is written there joins the buffer by added.
func (b *buffer) room(p *chunkPool, want int) []byte {
	if b.tail == nil || b.tail.span != nil || b.tail.end == len(b.tail.data) {
		b.append(p.get(want))
	}
	t := b.tail
	return t.data[t.end:min(len(t.data), t.end+want)]
}

// append adds a chunk.
func (b *buffer) append(c *chunk) {
	if b.tail == nil {
		b.head = c
	} else {
		b.tail.next = c
	}
	b.tail = c
}

// refer appends n bytes of content without copying them.
func (b *buffer) refer(p *chunkPool, s span, n int) {
	b.append(p.getSpan(s, n))
	b.n += n
}

// added makes the first n bytes of the last room a part of the buffer.
func (b *buffer) added(n int) {
	b.tail.end += n
	b.n += n
}

// write appends src.
func (b *buffer) write(p *chunkPool, src []byte) {
	for len(src) > 0 {
		n := copy(b.room(p, len(src)), src)
		b.added(n)
		src = src[n:]
	}
}

// read takes the first len(dst) bytes, which must be there.
func (b *buffer) read(p *chunkPool, dst []byte) {
	b.n -= len(dst)
	for len(dst) > 0 {
		c := b.head
		n := c.copy(dst)
		c.off += n
		dst = dst[n:]
		if c.off == c.end {
			b.drop(p)
		}
	}
}

// discard drops the first n bytes, which must be there.
func (b *buffer) discard(p *chunkPool, n int) {
	b.n -= n
	for n > 0 {
		c := b.head
		k := min(n, c.end-c.off)
		c.off += k
		n -= k
		if c.off == c.end {
			b.drop(p)
		}
	}
}

// drop gives the first chunk back.
func (b *buffer) drop(p *chunkPool) {
	c := b.head
	b.head = c.next
	if b.head == nil {
		b.tail = nil
	}
	p.put(c)
}

// at is the byte at place i, which is less than n.
func (b *buffer) at(i int) *byte {
	c := b.head
	for ; i >= c.end-c.off; c = c.next {
		i -= c.end - c.off
	}
	return &c.data[c.off+i]
}

// reset gives everything back.
func (b *buffer) reset(p *chunkPool) {
	for b.head != nil {
		b.drop(p)
	}
	b.n = 0
}

// poison is what spoil writes.
const poison = 0xdb

// spoil overwrites memory that its user has given back, so that whoever kept a
// view of it reads nonsense.
func spoil(b []byte) {
	if len(b) == 0 {
		return
	}
	b[0] = poison
	for n := 1; n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}
