package pipes

import (
	"errors"
	"sort"
	"syscall"
)

const (
	// slotBytes is what one slot refers to at the most: the longest run of pages
	// that the kernel gives a socket's bytes.
	slotBytes = 32 << 10
	// slots is how many of a pipe are used. Who sends from the middle of one
	// duplicates all before it: with 128, a fortieth of all that is done for
	// 5,000 peers.
	slots = 32
	// room is how many it has while it is filled: the kernel puts no more into it
	// at a time than it has free slots for, at a page each.
	room = 2 * slots
	// PipeBytes is how much lies in one pipe, in bytes, when memory comes in long
	// runs.
	PipeBytes = slots * slotBytes
	// maxSpread is how many times as many pipes as that a Set may have.
	maxSpread = 4
)

// ErrScattered says that memory is in runs too short to be of use.
var ErrScattered = errors.New("memory is scattered")

// Unfit is the error of a Sender that cannot send from a pipe at all: who has it
// copies, by ReadAt.
const Unfit = syscall.EMSGSIZE

// Set is bytes that lie in pipes, one after the other. It is a loop.Piped.
type Set struct {
	fds  []int
	ends []int64 // where each pipe's bytes end
}

// FD implements loop.File: there is no file.
func (*Set) FD() int { return -1 }

// Pipe implements loop.Piped. off is within the Set.
func (s *Set) Pipe(off int64) (fd, before, left int) {
	i := sort.Search(len(s.ends), func(i int) bool { return s.ends[i] > off })
	begin := int64(0)
	if i > 0 {
		begin = s.ends[i-1]
	}
	return s.fds[i], int(off - begin), int(s.ends[i] - off)
}

// Size is the length of the Set in bytes.
func (s *Set) Size() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}
