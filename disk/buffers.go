package disk

import (
	"math/bits"
	"sync"
)

// minBuffer is the smallest size class, in bytes: one block. Smaller buffers
// cost as much.
const minBuffer = 16 << 10

// Buffers hands out piece buffers under a budget of bytes, and keeps some of
// those returned for the next piece. All loops of an engine share one. Safe
// for use by several goroutines; it is asked once a piece, not once a block.
type Buffers struct {
	budget, maxIdle int64

	mu    sync.Mutex
	inUse int64
	idle  int64
	free  map[int][][]byte // by capacity, last returned first out
}

// NewBuffers makes a pool that hands out at most budget bytes at a time and
// keeps at most maxIdle bytes of returned buffers.
func NewBuffers(budget, maxIdle int64) *Buffers {
	return &Buffers{budget: budget, maxIdle: maxIdle, free: map[int][][]byte{}}
}

// Get returns a buffer of n bytes (1 or more) with arbitrary content, or nil
// when that would go beyond the budget: a piece is then not begun. A buffer
// larger than the whole budget is given only while none is in use, so that no
// torrent is stuck for ever.
func (b *Buffers) Get(n int) []byte {
	class := sizeClass(n)
	b.mu.Lock()
	if b.inUse > 0 && b.inUse+int64(class) > b.budget {
		b.mu.Unlock()
		return nil
	}
	b.inUse += int64(class)
	var buf []byte
	if list := b.free[class]; len(list) > 0 {
		buf = list[len(list)-1]
		list[len(list)-1] = nil
		b.free[class] = list[:len(list)-1]
		b.idle -= int64(class)
	}
	b.mu.Unlock()
	if buf == nil {
		buf = make([]byte, class)
	}
	return buf[:n]
}

// Put takes a buffer of Get back; the caller must not use it any more. Nil is
// ignored.
func (b *Buffers) Put(buf []byte) {
	class := cap(buf)
	if class == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inUse -= int64(class)
	if b.idle+int64(class) > b.maxIdle {
		return
	}
	b.idle += int64(class)
	b.free[class] = append(b.free[class], buf[:class])
}

// Trim gives all returned buffers to the garbage collector, as when the last
// download has ended.
func (b *Buffers) Trim() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.free)
	b.idle = 0
}

// InUse is the number of bytes handed out and not returned, rounded up to size
// classes.
func (b *Buffers) InUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inUse
}

// Idle is the number of bytes kept for the next Get.
func (b *Buffers) Idle() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.idle
}

// sizeClass rounds n up to one of four steps between two powers of two, so
// that at most a fifth of a buffer is not used, and pieces of odd lengths (the
// last ones) share few classes.
func sizeClass(n int) int {
	if n <= minBuffer {
		return minBuffer
	}
	step := 1 << (bits.Len(uint(n-1)) - 3)
	return (n + step - 1) / step * step
}
