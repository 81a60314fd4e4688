package wirecache

import (
	"crypto/sha1"
	"errors"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// ErrHash says that a piece read for an image has not the hash that the
// metainfo has for it: the content was changed behind the engine's back.
var ErrHash = errors.New("content does not match its hash")

// build is one image in the making.
type build struct {
	t      *Table
	piece  int
	demand int64 // blocks asked for
	length int   // of the piece, in bytes
	size   int64 // of the image, in whole pages
	buf    []byte
}

// want starts a build unless enough are under way; a loop calls it.
func (c *Cache) want(t *Table, piece int, demand int64) {
	if c.building.Load() >= maxBuilds {
		return
	}
	length := t.info.PieceSize(piece)
	size := (wireSize(length) + page - 1) / page * page
	if length > MaxPiece || size > c.budget.Load() {
		return
	}
	c.building.Add(1)
	b := &build{t: t, piece: piece, demand: demand, length: length, size: size}
	c.cfg.Go(b.read)
}

// read finds room and memory and reads the piece.
func (b *build) read() {
	c := b.t.cache
	c.mu.Lock()
	ok := !b.t.closed && b.t.find(b.piece) == nil && c.reserve(b.size, b.demand, blocksOf(b.length))
	if !ok {
		c.stats.Refused++
		c.mu.Unlock()
		c.building.Add(-1)
		return
	}
	c.jobs.Add(1)
	c.mu.Unlock()
	if b.buf = c.cfg.Buffers.Get(b.length); b.buf == nil {
		b.end(nil, nil)
		return
	}
	b.t.source.Read(b.piece, 0, b.length, b.buf, func(err error) {
		c.cfg.Go(func() { b.make(err) })
	})
}

// make verifies what was read and lays it out. A piece that cannot be read is
// no matter of the cache's: it may be that the torrent is being closed, and who
// serves it without an image finds out the same.
func (b *build) make(err error) {
	var m Memory
	if err == nil && sha1.Sum(b.buf) != b.t.info.PieceHash(b.piece) {
		err = ErrHash
	}
	if err == nil {
		m, err = b.t.cache.cfg.Create(b.parts(), wireSize(b.length))
	}
	b.end(m, err)
}

// parts is the piece with the headers between its blocks.
func (b *build) parts() [][]byte {
	blocks := int(blocksOf(b.length))
	heads := make([]byte, 0, blocks*wire.PieceHeaderLen)
	parts := make([][]byte, 0, 2*blocks)
	for begin := 0; begin < b.length; begin += metainfo.BlockSize {
		end := min(begin+metainfo.BlockSize, b.length)
		from := len(heads)
		heads = wire.AppendPieceHeader(heads, uint32(b.piece), uint32(begin), uint32(end-begin))
		parts = append(parts, heads[from:], b.buf[begin:end])
	}
	return parts
}

// end publishes the image in m, if there is one, or gives everything back.
func (b *build) end(m Memory, err error) {
	t, c := b.t, b.t.cache
	if b.buf != nil {
		c.cfg.Buffers.Put(b.buf)
	}
	tell := false
	c.mu.Lock()
	switch {
	case m != nil && !t.closed && !c.closed && t.find(b.piece) == nil && c.used <= c.budget.Load():
		image := &Image{Memory: m, cache: c, table: t, piece: b.piece, length: b.length, size: b.size, place: len(c.ring)}
		image.refs.Store(1)
		image.uses.Store(b.demand) // its place is earned until these have aged
		c.ring = append(c.ring, image)
		c.stats.Builds++
		c.demand.clear(t.key(b.piece))
		t.slot(b.piece).Store(image)
	case err == ErrHash:
		c.stats.Faults++
		t.slot(b.piece).Store(&c.refused)
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
		t.fault(b.piece, err)
	}
	c.jobs.Done()
}
