package wirecache

import (
	"math"
	"sync"
	"sync/atomic"
)

const (
	// Passes is how often a piece is served whole without an image before one
	// is built. A build costs what some twelve passes save (0.4 CPU-seconds a GB
	// against 0.033, which is 0.074 by references to the file less 0.041): built
	// when that much was lost without, it costs about twice what would have been
	// right for whoever knows the future. A swarm round a seed that gives each
	// piece a few times gets no images at all.
	Passes = 12
	// doubt is how many standard deviations a piece must have been asked for more
	// often than an image, beyond Passes, to take its place: requests come by
	// chance, and where all pieces are wanted alike some always seem hotter.
	doubt = 3
	// GroupSize is the Config.Group for real networks, in bytes: groups fill four
	// pipes and little more (see pipes.PipeBytes), or two huge pages.
	GroupSize = 4 << 20
	// MaxPiece bounds the pieces that get images, in bytes: one that is
	// larger is read, hashed and copied for too long at a time.
	MaxPiece = 64 << 20
	// maxBuilds bounds the builds under way: one hashes while the other reads.
	maxBuilds = 2
	// page is what memory is counted in, in bytes.
	page = 4 << 10
)

// Buffers hands out the memory through which images are built.
type Buffers interface {
	// Get returns n bytes, nil where memory is short; Put takes them back.
	Get(n int) []byte
	Put(b []byte)
}

// Config sets a cache up; all of it but Group is needed.
type Config struct {
	// Limit bounds the budget, in bytes.
	Limit int64
	// Images bounds the number of images, each of which has descriptors: five as
	// a rule, see pipes.PipeBytes.
	Images int
	// Group is how many bytes of pieces share an image, where pieces are
	// smaller than that; 0 gives each piece an image of its own. What is larger
	// has fewer descriptors and longer runs.
	Group int64
	// Create lays parts out one after the other, size bytes in all. It may
	// block.
	Create func(parts [][]byte, size int64) (Memory, error)
	// Go runs a function off the loops and returns at once.
	Go func(func())
	// Buffers is asked for one group or piece at a time and build.
	Buffers Buffers
}

// Cache is the images of all torrents of an engine. Safe for use by several
// goroutines.
type Cache struct {
	cfg      Config
	tables   atomic.Uint64
	demand   demand
	refused  Image // stands for groups with a wrong hash; nobody can hold it
	building atomic.Int32
	buried   atomic.Pointer[Image]
	budget   atomic.Int64 // bytes; written under mu
	// bar is how many passes over a group are not enough for it to take
	// another's place: what spares loops vain attempts. 0 while there is room.
	bar atomic.Int64

	jobs sync.WaitGroup

	mu     sync.Mutex
	closed bool
	used   int64    // bytes of all images, and of those being built
	alive  int      // number of the same
	ring   []*Image // those that can be acquired
	stats  Stats
}

// Stats are a cache's figures.
type Stats struct {
	// Budget is what images may take, Bytes what they take, in bytes.
	Budget, Bytes int64
	// Images is their number.
	Images int
	// Builds and Evictions count images, Refused those that were not built for
	// lack of room or of memory, Faults pieces that have not their hash.
	Builds, Evictions, Refused, Faults int64
	// Built counts bytes of pieces that were laid out.
	Built int64
}

// New makes an empty cache with a budget of cfg.Limit.
func New(cfg Config) *Cache {
	c := &Cache{cfg: cfg, demand: demand{slots: make([]atomic.Uint64, demandSlots)}}
	c.budget.Store(cfg.Limit)
	return c
}

// Stats returns the cache's figures; zero for a nil cache.
func (c *Cache) Stats() Stats {
	if c == nil {
		return Stats{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Budget, s.Bytes, s.Images = c.budget.Load(), c.used, c.alive
	return s
}

// SetBudget changes the budget to n bytes, at most Config.Limit, and evicts what
// goes beyond it: first what was not used lately. What is held is freed when it
// is let go.
func (c *Cache) SetBudget(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	budget := max(0, min(n, c.cfg.Limit))
	c.budget.Store(budget)
	c.bar.Store(0)
	var hot int64
	for _, m := range c.ring {
		hot += m.size
	}
	for _, any := range []bool{false, true} {
		for i := len(c.ring) - 1; i >= 0 && hot > budget; i-- {
			if m := c.ring[i]; any || m.uses.Load() == 0 {
				hot -= m.size
				c.evict(m)
			}
		}
	}
}

// Age makes what was asked for count half, and evicts the images of which less
// than one pass then counts.
func (c *Cache) Age() {
	c.demand.age()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.ring) - 1; i >= 0; i-- {
		m := c.ring[i]
		n := m.uses.Load()
		m.uses.Add(n/2 - n)
		if n/2 < m.blocks {
			c.evict(m)
		}
	}
	c.bar.Store(0)
}

// Close evicts everything and waits for builds under way. No table may be used
// afterwards, and holds must have been released.
func (c *Cache) Close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.closed = true
	for len(c.ring) > 0 {
		c.evict(c.ring[len(c.ring)-1])
	}
	c.mu.Unlock()
	c.jobs.Wait()
}

// reserve makes room for an image of size bytes whose blocks were asked for
// demand times, at the cost of those that were asked for so much less that it
// is worth a build. Where none was, bar says how much would have been needed;
// where one is held, the room comes when it is let go. c.mu is held.
func (c *Cache) reserve(size, demand, blocks int64) bool {
	if c.closed || size > c.budget.Load() {
		return false
	}
	for c.used+size > c.budget.Load() || c.alive >= c.cfg.Images {
		m := c.coolest()
		if m == nil {
			return false
		}
		least := enough(float64(m.uses.Load()) / float64(m.blocks))
		if float64(demand)/float64(blocks) <= least {
			c.bar.Store(int64(least))
			return false
		}
		if c.evict(m); m.refs.Load() > 0 {
			return false
		}
	}
	c.used += size
	c.alive++
	return true
}

// enough is how many passes over a group are not enough for it to take the place
// of an image of which so many were served: d with
//
//	d = served + Passes + doubt * sqrt(d+served)
//
// Passes pay for the build, and the root is the deviation of the difference of
// two counts of what comes by chance. What served counts no further than
// mostUses may be any number, and is not to be replaced.
func enough(served float64) float64 {
	root := (doubt + math.Sqrt(doubt*doubt+4*(2*served+Passes))) / 2
	if d := root*root - served; d < mostUses {
		return d
	}
	return math.MaxInt32
}

// coolest is the image of which the fewest passes were served, nil where there
// is none. c.mu is held.
func (c *Cache) coolest() *Image {
	var least *Image
	var fewest float64
	for _, m := range c.ring {
		if passes := float64(m.uses.Load()) / float64(m.blocks); least == nil || passes < fewest {
			least, fewest = m, passes
		}
	}
	return least
}

// free gives back what reserve took. c.mu is held.
func (c *Cache) free(size int64) {
	c.used -= size
	c.alive--
	c.bar.Store(0)
}

// evict lets nobody acquire an image any more and closes it unless it is held.
// c.mu is held.
func (c *Cache) evict(m *Image) {
	m.table.slot(m.number).Store(nil)
	last := len(c.ring) - 1
	c.ring[m.place] = c.ring[last]
	c.ring[m.place].place = m.place
	c.ring[last] = nil
	c.ring = c.ring[:last]
	c.stats.Evictions++
	if m.refs.Add(-1) == 0 {
		c.close(m)
	}
}

// close frees an image that nobody holds. c.mu is held.
func (c *Cache) close(m *Image) {
	_ = m.Memory.Close() // memory has nothing to write back
	c.free(m.size)
}

// bury has an image closed that a loop was the last to hold: freeing its pages
// takes longer than a loop should stop for.
func (c *Cache) bury(m *Image) {
	for {
		m.next = c.buried.Load()
		if c.buried.CompareAndSwap(m.next, m) {
			break
		}
	}
	c.cfg.Go(c.reap)
}

// reap closes what was buried.
func (c *Cache) reap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for m := c.buried.Swap(nil); m != nil; m = m.next {
		c.close(m)
	}
}
