package sha1lanes

import (
	"crypto/sha1"
	"encoding/binary"
	"hash"
)

const (
	// Size is the length of a sum, in bytes.
	Size = sha1.Size
	// BlockSize is what Write takes multiples of, in bytes.
	BlockSize = sha1.BlockSize
	// Width is how many messages a Hasher takes at most: the lanes of 32 bits of
	// the widest register.
	Width = 16

	// wideFrom is the number of messages from which all lanes together are less
	// work than pairs.
	wideFrom = 5
)

// way is how a Hasher's messages are worked on.
type way uint8

const (
	oneByOne way = iota // crypto/sha1
	inPairs
	inLanes
)

// states is the five words of each lane, word by word.
type states [5][Width]uint32

// initial is the state before the first block (FIPS 180-4, 5.3.1).
var initial = [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}

// Hasher computes the sums of up to Width messages of one length. The zero
// value is ready for Reset.
type Hasher struct {
	count  int // messages
	way    way
	length uint64 // of each message so far, in bytes

	lanes states
	pairs [Width][5]uint32
	alone [Width]hash.Hash // made when first needed

	// end is the last one or two blocks of each message, while Sum works.
	end [Width][2 * BlockSize]byte
}

// Together is the number of messages of the least work for each on this
// processor: Width, 2, or 1 where several at once gain nothing.
func Together() int {
	switch {
	case hasWide:
		return Width
	case hasPairs:
		return 2
	}
	return 1
}

// Reset begins anew, with count messages of 1 to Width.
func (h *Hasher) Reset(count int) { h.reset(count, best(count)) }

// best is the way of the least work for count messages on this processor.
func best(count int) way {
	switch {
	case hasWide && count >= wideFrom:
		return inLanes
	case hasPairs && count > 1:
		return inPairs
	}
	return oneByOne
}

func (h *Hasher) reset(count int, w way) {
	if count < 1 || count > Width {
		panic("sha1lanes: number of messages out of range")
	}
	h.count, h.way, h.length = count, w, 0
	switch w {
	case inLanes:
		for word, v := range initial {
			for lane := range Width {
				h.lanes[word][lane] = v
			}
		}
	case inPairs:
		for i := range Width {
			h.pairs[i] = initial
		}
	case oneByOne:
		for i := range count {
			if h.alone[i] == nil {
				h.alone[i] = sha1.New()
			}
			h.alone[i].Reset()
		}
	}
}

// Write adds parts[i] to message i. There are as many parts as messages, each
// of the same length, which is a multiple of BlockSize.
func (h *Hasher) Write(parts [][]byte) {
	h.length += uint64(h.measure(parts))
	if len(parts[0])%BlockSize != 0 {
		panic("sha1lanes: part of a block")
	}
	if h.way == oneByOne {
		for i, part := range parts {
			h.alone[i].Write(part)
		}
		return
	}
	h.blocks(parts)
}

// Sum adds rests[i] to message i, as Write does but of any length, and puts the
// sum of message i into sums[i]. The Hasher is to be Reset before it is used
// again.
func (h *Hasher) Sum(rests [][]byte, sums [][Size]byte) {
	n := h.measure(rests)
	if h.way == oneByOne {
		for i, rest := range rests {
			h.alone[i].Write(rest)
			h.alone[i].Sum(sums[i][:0])
		}
		return
	}
	var parts [Width][]byte
	whole := n - n%BlockSize
	for i, rest := range rests {
		parts[i] = rest[:whole]
	}
	h.blocks(parts[:h.count])
	h.length += uint64(n)
	for i, rest := range rests {
		parts[i] = pad(&h.end[i], rest[whole:], h.length)
	}
	h.blocks(parts[:h.count])
	for i := range h.count {
		for word := range 5 {
			v := h.pairs[i][word]
			if h.way == inLanes {
				v = h.lanes[word][i]
			}
			binary.BigEndian.PutUint32(sums[i][4*word:], v)
		}
	}
}

// SumAll puts the sum of messages[i], of any number and of any lengths, into
// sums[i]: neighbours of one length are worked on together, up to Width. It
// calls Reset itself.
func (h *Hasher) SumAll(messages [][]byte, sums [][Size]byte) {
	for len(messages) > 0 {
		n := 1
		for n < min(len(messages), Width) && len(messages[n]) == len(messages[0]) {
			n++
		}
		h.Reset(n)
		h.Sum(messages[:n], sums[:n])
		messages, sums = messages[n:], sums[n:]
	}
}

// pad fills end with what is left of a message and its padding (FIPS 180-4,
// 5.1.1), and returns the one or two blocks that are used.
func pad(end *[2 * BlockSize]byte, left []byte, length uint64) []byte {
	size := BlockSize
	if len(left)+1+8 > BlockSize {
		size *= 2
	}
	clear(end[:])
	copy(end[:], left)
	end[len(left)] = 0x80
	binary.BigEndian.PutUint64(end[size-8:], length*8)
	return end[:size]
}

// measure is the length of each part.
func (h *Hasher) measure(parts [][]byte) int {
	if len(parts) != h.count {
		panic("sha1lanes: another number of parts than messages")
	}
	for _, part := range parts {
		if len(part) != len(parts[0]) {
			panic("sha1lanes: parts differ in length")
		}
	}
	return len(parts[0])
}

// blocks adds whole blocks in pairs or in lanes.
func (h *Hasher) blocks(parts [][]byte) {
	n := len(parts[0]) / BlockSize
	if n == 0 {
		return
	}
	if h.way == inLanes {
		// An idle lane works on the first message once more.
		var from [Width]*byte
		for i := range from {
			from[i] = &parts[0][0]
		}
		for i, part := range parts {
			from[i] = &part[0]
		}
		blocks16(&h.lanes, &from, n)
		return
	}
	for i := 0; i < len(parts); i += 2 {
		// One without a partner works beside itself, into a state nobody reads.
		partner := parts[min(i+1, len(parts)-1)]
		blocks2(&h.pairs[i], &h.pairs[i+1], &parts[i][0], &partner[0], n)
	}
}
