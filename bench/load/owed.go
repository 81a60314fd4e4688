package load

import (
	"time"

	"spate/proto/bitfield"
)

// sampleShare is one in how many requests is timed: a few per cent of the
// generator's CPU time go to the sample, as they would tenfold to all.
const sampleShare = 8

// owed is the blocks that a connection has asked for and that have not begun to
// come, by number, in the order of the requests.
type owed struct {
	set    *bitfield.Bits
	ring   []uint32 // of a power of two, from head on
	head   int
	count  int
	stamps []stamp // of the requests in the sample, oldest first
}

// stamp is when a block was asked for.
type stamp struct {
	block uint32
	at    time.Duration
}

func newOwed(blocks, limit int) owed {
	size := 1
	for size < limit {
		size *= 2
	}
	return owed{set: bitfield.New(blocks), ring: make([]uint32, size)}
}

// at is the i-th block that is owed, i below count.
func (o *owed) at(i int) int { return int(o.ring[(o.head+i)&(len(o.ring)-1)]) }

// sampled tells whether requests for a block are in the sample: by chance, as
// far as a client can tell, so that no place in a piece stands out.
func sampled(block int) bool {
	return uint32(block)*0x9e3779b1>>16%sampleShare == 0
}

// push notes that a block is asked for, which must not be owed, by a connection
// that owes less than its limit.
func (o *owed) push(block int, now time.Duration) {
	o.ring[(o.head+o.count)&(len(o.ring)-1)] = uint32(block)
	o.count++
	if sampled(block) {
		o.stamps = append(o.stamps, stamp{uint32(block), now})
	}
}

// remove takes a block out and tells whether it was owed, and since when if it
// is in the sample, or 0.
func (o *owed) remove(block int) (asked time.Duration, ok bool) {
	if !o.set.Clear(block) {
		return 0, false
	}
	mask := len(o.ring) - 1
	i := 0
	for o.at(i) != block {
		i++
	}
	for ; i > 0; i-- { // answers out of order are rare
		o.ring[(o.head+i)&mask] = o.ring[(o.head+i-1)&mask]
	}
	o.head = (o.head + 1) & mask
	o.count--
	if !sampled(block) {
		return 0, true
	}
	for i, s := range o.stamps {
		if int(s.block) == block {
			o.stamps = append(o.stamps[:i], o.stamps[i+1:]...)
			return s.at, true
		}
	}
	return 0, true
}

// clear forgets all requests.
func (o *owed) clear() {
	for o.count > 0 {
		o.remove(o.at(0))
	}
}
