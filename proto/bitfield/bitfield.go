package bitfield

import (
	"errors"
	"math/bits"
)

// Errors of FromWire. A peer that causes one is to be disconnected (BEP 3).
var (
	// ErrLength says that a bitfield has more or fewer bytes than its torrent
	// needs.
	ErrLength = errors.New("bitfield of the wrong length")
	// ErrSpare says that a bit behind the last piece is set.
	ErrSpare = errors.New("bitfield with spare bits set")
)

// Bits is a set of the indices 0 to Len()-1. The zero value is the empty set
// of length 0.
type Bits struct {
	data  []byte // (n+7)/8 bytes, spare bits clear
	n     int
	count int // bits set in data
}

// New makes an empty set for the indices 0 to n-1. It panics when n is
// negative.
func New(n int) *Bits {
	if n < 0 {
		panic("bitfield: negative length")
	}
	return &Bits{data: make([]byte, wireLen(n)), n: n}
}

// FromWire makes a set of length n from the payload of a bitfield message, of
// which it takes a copy. It returns ErrLength or ErrSpare when b is not one.
func FromWire(b []byte, n int) (*Bits, error) {
	if n < 0 || len(b) != wireLen(n) {
		return nil, ErrLength
	}
	if n%8 != 0 && b[len(b)-1]<<(n%8) != 0 {
		return nil, ErrSpare
	}
	s := New(n)
	copy(s.data, b)
	for at := 0; at < n; at += wordBits {
		s.count += bits.OnesCount64(word(s.data, at))
	}
	return s, nil
}

// Len is the length of the set: one more than its greatest possible member.
func (b *Bits) Len() int { return b.n }

// Count is the number of members, 0 to Len.
func (b *Bits) Count() int { return b.count }

// All tells whether every index is a member; true for the set of length 0.
func (b *Bits) All() bool { return b.count == b.n }

// None tells whether no index is a member; true for the set of length 0.
func (b *Bits) None() bool { return b.count == 0 }

// Has tells whether i is a member. It is false for an i out of range.
func (b *Bits) Has(i int) bool {
	return uint(i) < uint(b.n) && b.data[i>>3]&mask(i) != 0
}

// Set makes i a member and tells whether that changed anything.
func (b *Bits) Set(i int) bool {
	if uint(i) >= uint(b.n) || b.data[i>>3]&mask(i) != 0 {
		return false
	}
	b.data[i>>3] |= mask(i)
	b.count++
	return true
}

// Clear removes i and tells whether that changed anything.
func (b *Bits) Clear(i int) bool {
	if !b.Has(i) {
		return false
	}
	b.data[i>>3] &^= mask(i)
	b.count--
	return true
}

// SetAll makes every index a member.
func (b *Bits) SetAll() {
	for i := range b.data {
		b.data[i] = 0xff
	}
	if b.n%8 != 0 {
		b.data[len(b.data)-1] = ^byte(0xff >> (b.n % 8))
	}
	b.count = b.n
}

// AppendWire appends the payload of a bitfield message to dst.
func (b *Bits) AppendWire(dst []byte) []byte { return append(dst, b.data...) }

// Bytes is the payload of a bitfield message as a view: b owns it, and it
// changes with b. The caller must not write to it.
func (b *Bits) Bytes() []byte { return b.data }

// Clone makes an independent copy.
func (b *Bits) Clone() *Bits {
	return &Bits{data: append([]byte(nil), b.data...), n: b.n, count: b.count}
}

// wireLen is the number of bytes of a set of n indices.
func wireLen(n int) int { return n/8 + (n%8+7)/8 }

// mask selects index i within its byte.
func mask(i int) byte { return 0x80 >> (i & 7) }
