package wirecache

import (
	"sync/atomic"

	"spate/proto/metainfo"
)

// Source is where the pieces of a torrent are read: a swarm.Store.
type Source interface {
	// Read reads length bytes of a piece from begin into buf, which belongs
	// to the source until done is called: once, from any goroutine.
	Read(index, begin, length int, buf []byte, done func(error))
}

// Table is one torrent's images, by piece. A nil Table has none and takes no
// notes.
type Table struct {
	cache  *Cache
	id     uint64
	info   *metainfo.Info
	source Source
	fault  func(piece int, err error)

	images atomic.Pointer[[]atomic.Pointer[Image]] // made with the first image
	closed bool                                    // guarded by Cache.mu
	told   bool                                    // fault was called; guarded by Cache.mu
}

// NewTable makes the table of a torrent whose pieces are read from source.
// fault is told, once and off the loops, of content that does not have its
// hash. A nil cache gives a nil table.
func (c *Cache) NewTable(info *metainfo.Info, source Source, fault func(piece int, err error)) *Table {
	if c == nil {
		return nil
	}
	return &Table{cache: c, id: c.tables.Add(1), info: info, source: source, fault: fault}
}

// Acquire returns the image of a piece if there is one and the range is one of
// its whole blocks, nil otherwise. The caller releases it.
func (t *Table) Acquire(piece, begin, n uint32) *Image {
	m := t.find(int(piece))
	if m == nil || !m.Whole(begin, n) || !m.hold() {
		return nil
	}
	return m
}

// find returns what the table has for a piece.
func (t *Table) find(piece int) *Image {
	if t == nil {
		return nil
	}
	images := t.images.Load()
	if images == nil {
		return nil
	}
	return (*images)[piece].Load()
}

// Note says that a range of a piece that is had was served without an image.
// When that has happened often enough, an image is built.
func (t *Table) Note(piece, begin, n uint32) {
	if t == nil {
		return
	}
	length := t.info.PieceSize(int(piece))
	if !whole(length, int(begin), int(n)) {
		return // an image would not serve this peer
	}
	c := t.cache
	blocks := blocksOf(length)
	demand := c.demand.add(t.key(int(piece)))
	if demand <= max(Passes, c.bar.Load())*blocks || (demand-1)%blocks != 0 || t.find(int(piece)) != nil {
		return
	}
	c.want(t, int(piece), demand)
}

// key tells a piece from all others of the cache, by chance.
func (t *Table) key(piece int) uint64 { return mix(t.id<<32 | uint64(piece)) }

// slot returns the place of a piece; Cache.mu is held.
func (t *Table) slot(piece int) *atomic.Pointer[Image] {
	images := t.images.Load()
	if images == nil {
		made := make([]atomic.Pointer[Image], t.info.NumPieces())
		images = &made
		t.images.Store(images)
	}
	return &(*images)[piece]
}

// Close has the torrent's images evicted soon; no more are built.
func (t *Table) Close() {
	if t != nil {
		t.cache.cfg.Go(t.close)
	}
}

func (t *Table) close() {
	c := t.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	t.closed = true
	for i := len(c.ring) - 1; i >= 0; i-- {
		if c.ring[i].table == t {
			c.evict(c.ring[i])
		}
	}
}
