package catalog

import (
	"encoding/binary"
	"math"

	"spate/disk/vfs"
)

// minFile is the least that a file takes, in bytes.
const minFile = 1 + 1 + 8

// decoder takes fields off b; bad says that one was not there or too large.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n > len(d.b) {
		d.bad = true
		return nil
	}
	field := d.b[:n]
	d.b = d.b[n:]
	return field
}

func (d *decoder) byte() byte {
	if field := d.take(1); field != nil {
		return field[0]
	}
	return 0
}

// number takes a number that is not negative.
func (d *decoder) number() int64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > math.MaxInt64 {
		d.bad = true
		return 0
	}
	d.take(n)
	return int64(v)
}

// count takes a number of fields that have at least size bytes each, and so is
// no larger than what follows.
func (d *decoder) count(size int) int {
	n := d.number()
	if d.bad || n > int64(len(d.b)/size) {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *decoder) text() []byte { return d.take(d.count(1)) }

func (d *decoder) stamp() vfs.Stamp {
	size, n := binary.Varint(d.b)
	if n <= 0 {
		d.bad = true
		return vfs.Stamp{}
	}
	d.take(n)
	at := d.take(8)
	if at == nil {
		return vfs.Stamp{}
	}
	return vfs.Stamp{Size: size, ModTime: int64(binary.BigEndian.Uint64(at))}
}
