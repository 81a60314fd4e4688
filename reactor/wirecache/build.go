package wirecache

import (
	"errors"

	"spate/disk/sha1lanes"
)

// ErrHash says that a piece read for an image has not the hash that the
// metainfo has for it: the content was changed behind the engine's back.
var ErrHash = errors.New("content does not match its hash")

// build is one image in the making.
type build struct {
	t *Table
	group
	demand int64 // blocks asked for
	size   int64 // of the image, in whole pages
	buf    []byte
	read   int // pieces
}

// want starts a build unless enough are under way; a loop calls it.
func (c *Cache) want(t *Table, g group, demand int64) {
	if c.building.Load() >= maxBuilds {
		return
	}
	size := (g.wireSize() + page - 1) / page * page
	if g.length > MaxPiece || size > c.budget.Load() {
		return
	}
	c.building.Add(1)
	b := &build{t: t, group: g, demand: demand, size: size}
	c.cfg.Go(b.start)
}

// start finds room and memory.
func (b *build) start() {
	c := b.t.cache
	c.mu.Lock()
	ok := !b.t.closed && b.t.find(b.first) == nil && c.reserve(b.size, b.demand, b.blocks)
	if !ok {
		c.stats.Refused++
		c.mu.Unlock()
		c.building.Add(-1)
		return
	}
	c.jobs.Add(1)
	c.mu.Unlock()
	if b.buf = c.cfg.Buffers.Get(b.length); b.buf == nil {
		b.end(nil, b.first, nil)
		return
	}
	b.next(nil)
}

// next reads one piece after the other. A piece that cannot be read is no matter
// of the cache's: it may be that the torrent is being closed, and who serves it
// without an image finds out the same.
func (b *build) next(err error) {
	if err != nil || b.read == b.pieces {
		b.t.cache.cfg.Go(func() { b.make(err) })
		return
	}
	piece := b.first + b.read
	at := b.read * int(b.info.PieceLength)
	b.read++
	n := b.info.PieceSize(piece)
	b.t.source.Read(piece, 0, n, b.buf[at:at+n], b.next)
}

// make verifies what was read and lays it out.
func (b *build) make(err error) {
	if err != nil {
		b.end(nil, b.first, err)
		return
	}
	if piece, bad := b.bad(); bad {
		b.end(nil, piece, ErrHash)
		return
	}
	m, err := b.t.cache.cfg.Create(b.parts(b.buf), b.wireSize())
	b.end(m, b.first, err)
}

// bad returns the first piece that has not its hash, if there is one. They are
// hashed together, which is most of what an image costs.
func (b *build) bad() (piece int, is bool) {
	var h sha1lanes.Hasher
	bufs := make([][]byte, b.pieces)
	sums := make([][sha1lanes.Size]byte, b.pieces)
	for i := range bufs {
		at := i * int(b.info.PieceLength)
		bufs[i] = b.buf[at : at+b.info.PieceSize(b.first+i)]
	}
	h.SumAll(bufs, sums)
	for i, sum := range sums {
		if sum != b.info.PieceHash(b.first+i) {
			return b.first + i, true
		}
	}
	return 0, false
}

// end publishes the image in m, if there is one, or gives everything back. piece
// is what err is about.
func (b *build) end(m Memory, piece int, err error) {
	t, c := b.t, b.t.cache
	if b.buf != nil {
		c.cfg.Buffers.Put(b.buf)
	}
	tell := false
	c.mu.Lock()
	switch {
	case m != nil && !t.closed && !c.closed && t.find(b.first) == nil && c.used <= c.budget.Load():
		image := &Image{Memory: m, cache: c, table: t, group: b.group, size: b.size, place: len(c.ring)}
		image.refs.Store(1)
		image.uses.Store(b.demand) // its place is earned until these have aged
		c.ring = append(c.ring, image)
		c.stats.Builds++
		c.stats.Built += int64(b.length)
		c.demand.clear(t.key(b.number))
		t.slot(b.number).Store(image)
	case err == ErrHash && !t.closed: // files of a torrent that ended may change
		c.stats.Faults++
		t.slot(b.number).Store(&c.refused)
		tell, t.told = !t.told, true
		c.free(b.size)
	default:
		c.stats.Refused++
		if m != nil {
			_ = m.Close() // see close
		}
		c.free(b.size)
	}
	c.mu.Unlock()
	c.building.Add(-1)
	if tell {
		t.fault(piece, err)
	}
	c.jobs.Done()
}
