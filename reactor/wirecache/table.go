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

// Table is one torrent's images, by group of pieces. A nil Table has none and
// takes no notes.
type Table struct {
	cache  *Cache
	id     uint64
	info   *metainfo.Info
	per    int // pieces a group
	source Source
	fault  func(piece int, err error)

	open   atomic.Bool
	images atomic.Pointer[[]atomic.Pointer[Image]] // by group; made with the first image
	closed bool                                    // guarded by Cache.mu
	told   bool                                    // fault was called; guarded by Cache.mu
}

// NewTable makes the table of a torrent whose pieces are read from source. It
// takes no notes until Open.
// fault is told, once and off the loops, of content that does not have its
// hash. A nil cache gives a nil table.
func (c *Cache) NewTable(info *metainfo.Info, source Source, fault func(piece int, err error)) *Table {
	if c == nil {
		return nil
	}
	per := max(1, int(c.cfg.Group/max(info.PieceLength, metainfo.BlockSize)))
	return &Table{cache: c, id: c.tables.Add(1), info: info, per: per, source: source, fault: fault}
}

// Open says that every piece of the torrent is there.
func (t *Table) Open() {
	if t != nil {
		t.open.Store(true)
	}
}

// Acquire returns the image of a piece if there is one and the range is one of
// its whole blocks, nil otherwise. The caller releases it.
func (t *Table) Acquire(piece, begin, n uint32) *Image {
	m := t.find(int(piece))
	if m == nil || !m.Has(piece, begin, n) || !m.hold() {
		return nil
	}
	return m
}

// Has tells whether Acquire would find an image, as far as nothing happens in
// between.
func (t *Table) Has(piece, begin, n uint32) bool {
	m := t.find(int(piece))
	return m != nil && m.Has(piece, begin, n)
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
	return (*images)[piece/t.per].Load()
}

// Note says that a range of a piece was served without an image. When that has
// happened often enough, an image is built.
func (t *Table) Note(piece, begin, n uint32) {
	if t == nil || !t.open.Load() {
		return
	}
	if !whole(t.info.PieceSize(int(piece)), int(begin), int(n)) {
		return // an image would not serve this peer
	}
	c := t.cache
	g := groupOf(t.info, t.per, int(piece))
	demand := c.demand.add(t.key(g.number))
	if demand <= max(Passes, c.bar.Load())*g.blocks || (demand-1)%g.blocks != 0 || t.find(int(piece)) != nil {
		return
	}
	c.want(t, g, demand)
}

// key tells a group from all others of the cache, by chance.
func (t *Table) key(group int) uint64 { return mix(t.id<<32 | uint64(group)) }

// slot returns the place of a group; Cache.mu is held.
func (t *Table) slot(group int) *atomic.Pointer[Image] {
	images := t.images.Load()
	if images == nil {
		made := make([]atomic.Pointer[Image], (t.info.NumPieces()+t.per-1)/t.per)
		images = &made
		t.images.Store(images)
	}
	return &(*images)[group]
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
