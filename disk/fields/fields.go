// Package fields takes apart, field by field, what the program has written of
// itself: resume states, records of torrents. What a format is made of beyond
// fields, its limits above all, is that format's.
//
// # Contract
//
// A Decoder is one goroutine's. A field that is not there, or is too large, makes
// it Bad for good: all that follows is empty, so that a format is read to its end
// and asks once. Nothing is allocated; what Take returns is a part of the input.
package fields

import (
	"encoding/binary"
	"math"
)

// Decoder takes fields off bytes, from the front. The zero value has none.
type Decoder struct {
	rest []byte
	bad  bool
}

// New makes a Decoder of b, which it keeps.
func New(b []byte) Decoder { return Decoder{rest: b} }

// Left is how many bytes were not taken.
func (d *Decoder) Left() int { return len(d.rest) }

// Bad tells whether a field was not there or too large.
func (d *Decoder) Bad() bool { return d.bad }

// Fail makes the Decoder Bad: a field is not what the format allows.
func (d *Decoder) Fail() { d.bad = true }

// Take takes n bytes (0 or more), a part of the input; nil when they are not
// there.
func (d *Decoder) Take(n int) []byte {
	if d.bad || n > len(d.rest) {
		d.bad = true
		return nil
	}
	field := d.rest[:n]
	d.rest = d.rest[n:]
	return field
}

// Byte takes one byte.
func (d *Decoder) Byte() byte {
	if field := d.Take(1); field != nil {
		return field[0]
	}
	return 0
}

// Uint32 takes four bytes, big-endian.
func (d *Decoder) Uint32() uint32 {
	if field := d.Take(4); field != nil {
		return binary.BigEndian.Uint32(field)
	}
	return 0
}

// Int64 takes eight bytes, big-endian.
func (d *Decoder) Int64() int64 {
	if field := d.Take(8); field != nil {
		return int64(binary.BigEndian.Uint64(field))
	}
	return 0
}

// Number takes an unsigned varint of at most math.MaxInt64.
func (d *Decoder) Number() int64 {
	v, n := binary.Uvarint(d.rest)
	if d.bad || n <= 0 || v > math.MaxInt64 {
		d.bad = true
		return 0
	}
	d.Take(n)
	return int64(v)
}

// Signed takes a signed varint.
func (d *Decoder) Signed() int64 {
	v, n := binary.Varint(d.rest)
	if d.bad || n <= 0 {
		d.bad = true
		return 0
	}
	d.Take(n)
	return v
}
