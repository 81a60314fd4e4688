package bitfield

import (
	"encoding/binary"
	"math/bits"
)

// wordBits is how many indices the scans look at in one step.
const wordBits = 64

// Next is the smallest member that is at least i, or -1. A negative i counts
// as 0.
func (b *Bits) Next(i int) int { return b.next(i, 0) }

// NextClear is the smallest index that is at least i and no member, or -1. A
// negative i counts as 0.
func (b *Bits) NextClear(i int) int { return b.next(i, ^uint64(0)) }

// next finds the first index from i on whose bit, flipped by flip, is set.
func (b *Bits) next(i int, flip uint64) int {
	i = max(i, 0)
	if i >= b.n {
		return -1
	}
	at := i - i%wordBits
	w := (word(b.data, at) ^ flip) << (i % wordBits) >> (i % wordBits)
	for w == 0 {
		at += wordBits
		if at >= b.n {
			return -1
		}
		w = word(b.data, at) ^ flip
	}
	if at += bits.LeadingZeros64(w); at < b.n {
		return at
	}
	return -1 // a spare bit, flipped
}

// AnyNotIn tells whether b has a member that o has not. Indices behind the end
// of a shorter o are not in o.
func (b *Bits) AnyNotIn(o *Bits) bool {
	for at := 0; at < b.n; at += wordBits {
		if word(b.data, at)&^word(o.data, at) != 0 {
			return true
		}
	}
	return false
}

// word is the 64 indices from at on (a multiple of 64), the first in the
// highest bit; what lies behind the end of data is clear.
func word(data []byte, at int) uint64 {
	from := at / 8
	if from+8 <= len(data) {
		return binary.BigEndian.Uint64(data[from:])
	}
	var w uint64
	for i := from; i < len(data); i++ {
		w |= uint64(data[i]) << (56 - 8*(i-from))
	}
	return w
}
