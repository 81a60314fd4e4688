package disk

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// DefaultMapped is how many bytes of content files are mapped at the most
	// when the engine does not say: more than is asked for often, as a rule, and
	// 4 MiB of page tables.
	DefaultMapped = 2 << 30
	// window is what is counted as mapped once anything of it was asked for, in
	// bytes: as much as one page of a page table describes.
	window = 2 << 20
	// fewWindows is how many are unmapped by whoever gives the file back, which may
	// be a loop: a window takes it some 10 us.
	fewWindows = 16
)

// mapping is a whole content file in the address space, for the kernel to find its
// pages by. None of it is ever read here: of a file that has become shorter that
// would end the process. Pages are entered by the kernel as it is asked for them.
type mapping struct {
	maps    *mappings
	bytes   []byte
	entered []atomic.Uint64 // a bit for each window that may have pages
	gone    bool            // guarded by maps.mu
}

// span is n bytes from off, nil where the file has not that many.
func (m *mapping) span(off int64, n int) []byte {
	if off < 0 || n <= 0 || off+int64(n) > int64(len(m.bytes)) {
		return nil
	}
	for i := off / window; i <= (off+int64(n)-1)/window; i++ {
		if m.entered[i/64].Load()>>(i%64)&1 == 0 {
			m.maps.enter(m, i)
		}
	}
	return m.bytes[off : off+int64(n) : off+int64(n)]
}

// slice is a window's bytes.
func (m *mapping) slice(i int64) []byte {
	return m.bytes[i*window : min((i+1)*window, int64(len(m.bytes)))]
}

// mappings bounds what all mappings have entered: who enters a window beyond the
// limit takes the pages of the oldest out. A loop that is just then sending from
// that has them entered again, uncounted: a run of blocks at the most.
type mappings struct {
	limit int64 // in windows

	mu     sync.Mutex
	oldest []entry      // in the order in which they were entered
	gone   int          // how many of them belong to mappings that have ended
	count  atomic.Int64 // the others; written under mu
}

// entry is a window with pages.
type entry struct {
	m *mapping
	i int64
}

func newMappings(limit int64) *mappings {
	return &mappings{limit: max(limit/window, 1)}
}

// size is how many bytes are entered.
func (s *mappings) size() int64 { return s.count.Load() * window }

// enter counts a window.
func (s *mappings) enter(m *mapping, i int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.entered[i/64].Load()>>(i%64)&1 != 0 {
		return // another loop was first
	}
	for s.count.Load() >= s.limit {
		s.leave()
	}
	m.entered[i/64].Or(1 << (i % 64))
	s.oldest = append(s.oldest, entry{m, i})
	s.count.Add(1)
}

// leave takes the oldest window's pages out. mu is held.
func (s *mappings) leave() {
	e := s.oldest[0]
	s.oldest = s.oldest[1:]
	if e.m.gone {
		s.gone--
		return
	}
	e.m.entered[e.i/64].And(^(uint64(1) << (e.i % 64)))
	s.count.Add(-1)
	empty(e.m.slice(e.i))
}

// end takes a mapping back, which nobody uses any more.
func (s *mappings) end(m *mapping) {
	s.mu.Lock()
	m.gone = true
	n := 0
	for i := range m.entered {
		n += bits.OnesCount64(m.entered[i].Load())
	}
	s.count.Add(int64(-n))
	if s.gone += n; s.gone > len(s.oldest)/2 {
		s.oldest = slices.DeleteFunc(s.oldest, func(e entry) bool { return e.m.gone })
		s.gone = 0
	}
	s.mu.Unlock()
	if n > fewWindows {
		go unmap(m.bytes)
		return
	}
	unmap(m.bytes)
}

// newMapping maps n bytes of a file, and returns nil where that is not possible.
func (s *mappings) newMapping(fd int, n int64) *mapping {
	b := mapFile(fd, n)
	if b == nil {
		return nil
	}
	windows := (n + window - 1) / window
	return &mapping{maps: s, bytes: b, entered: make([]atomic.Uint64, (windows+63)/64)}
}
