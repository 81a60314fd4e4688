package wirecache

import "sync/atomic"

// demandSlots is the number of groups whose requests are counted at a time:
// 512 KiB of memory. Budgets hold far fewer images than that.
const demandSlots = 64 << 10

// countBits is the width of a slot's count; the rest is a mark that tells
// groups apart.
const countBits = 24

const mostCount = 1<<countBits - 1

// demand counts the blocks of groups that have no image. Each group has one
// slot; of two groups that share one, the one asked for more keeps it. A count
// may lose a block when two loops meet in a slot, as nothing depends on one.
type demand struct {
	slots []atomic.Uint64
}

// mix spreads keys over all bits (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// add counts one block of a group and returns how many there were.
func (d *demand) add(key uint64) int64 {
	s := &d.slots[key%demandSlots]
	mark := key &^ mostCount
	old := s.Load()
	count := old & mostCount
	switch {
	case old&^mostCount == mark:
		if count < mostCount {
			s.CompareAndSwap(old, old+1)
		}
		return int64(count) + 1
	case count > 0:
		s.CompareAndSwap(old, old-1)
		return 0
	default:
		s.CompareAndSwap(old, mark|1)
		return 1
	}
}

// clear forgets a group.
func (d *demand) clear(key uint64) {
	s := &d.slots[key%demandSlots]
	if old := s.Load(); old&^mostCount == key&^mostCount {
		s.CompareAndSwap(old, 0)
	}
}

// age halves all counts.
func (d *demand) age() {
	for i := range d.slots {
		s := &d.slots[i]
		if old := s.Load(); old != 0 {
			s.CompareAndSwap(old, old&^mostCount|old&mostCount>>1)
		}
	}
}
