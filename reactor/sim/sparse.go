package sim

import "encoding/binary"

// Stamps of a sparse world: the first stampSize bytes of every stampStride of
// a piece are all that is ever written or compared.
const (
	stampStride = 16 << 10
	stampSize   = 8
)

// span is a range of content on its way in a sparse world: n bytes from begin
// of a piece, where n is kept beside it.
type span struct {
	content *Content
	piece   int
	begin   int
	rotten  bool // the disk that it came from has it spoiled
}

// stamp writes what is remembered of the range from off of s on, as far as dst
// reaches.
func (s *span) stamp(off int, dst []byte) {
	s.content.stamp(s.piece, s.begin+off, dst, s.rotten)
}

// stampOf tells one place of one content from all others.
func (c *Content) stampOf(piece, at int) uint64 {
	x := c.seed ^ uint64(piece)<<32 ^ uint64(at)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// stamps calls each with the stamps that a range of n bytes from begin of a
// piece touches: the part of the range that one covers, and its bytes.
func (c *Content) stamps(piece, begin, n int, each func(at int, stamp []byte) bool) bool {
	var bytes [stampSize]byte
	for at := begin / stampStride * stampStride; at < begin+n; at += stampStride {
		from, to := max(at, begin), min(at+stampSize, begin+n)
		if from >= to {
			continue
		}
		binary.LittleEndian.PutUint64(bytes[:], c.stampOf(piece, at))
		if !each(from-begin, bytes[from-at:to-at]) {
			return false
		}
	}
	return true
}

// stamp writes the stamps of a range to dst, which is as long as the range, and
// leaves the rest of dst as it is.
func (c *Content) stamp(piece, begin int, dst []byte, rotten bool) {
	c.stamps(piece, begin, len(dst), func(at int, stamp []byte) bool {
		for i, b := range stamp {
			if rotten {
				b ^= 0xff
			}
			dst[at+i] = b
		}
		return true
	})
}

// stamped tells whether data has the stamps of a range.
func (c *Content) stamped(piece, begin int, data []byte) bool {
	return c.stamps(piece, begin, len(data), func(at int, stamp []byte) bool {
		return string(data[at:at+len(stamp)]) == string(stamp)
	})
}

// spoilStamps overwrites where the stamps of a piece's buffer are, which is all
// that can tell whether it is used after it was given back.
func spoilStamps(b []byte) {
	for at := 0; at < len(b); at += stampStride {
		spoil(b[at:min(at+stampSize, len(b))])
	}
}

// blank clears what lies between the stamps of a piece's buffer, where nothing
// was ever written.
func blank(b []byte) {
	for at := 0; at < len(b); at += stampStride {
		clear(b[min(at+stampSize, len(b)):min(at+stampStride, len(b))])
	}
}
