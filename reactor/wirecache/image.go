package wirecache

import (
	"io"
	"sync/atomic"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// Message is the size on the wire of a piece message with a whole block, in
// bytes.
const Message = wire.PieceHeaderLen + metainfo.BlockSize

// Memory is where an image lies. It is read by any number of loops at once.
type Memory interface {
	loop.File
	io.Closer
}

// Image is a group of pieces as it goes over the wire: message after message,
// each Message bytes long but for those that end a piece. As a loop.File its
// offsets are those of the wire.
type Image struct {
	Memory
	cache *Cache
	table *Table
	group
	size  int64 // what it takes of the budget, in bytes
	place int   // in the cache's ring; guarded by Cache.mu

	refs atomic.Int32 // 1 for the cache, 1 for each hold of a loop
	uses atomic.Int64 // blocks served since about the last Age
	next *Image       // of those to be closed
}

// whole tells whether a range of a piece of length bytes is one whole block.
func whole(length, begin, n int) bool {
	return begin%metainfo.BlockSize == 0 && begin < length && n == min(metainfo.BlockSize, length-begin)
}

// Has tells whether a range of a piece is one whole block of the image: of
// 16 KiB, or what is left of the piece.
func (m *Image) Has(piece, begin, n uint32) bool {
	p := int(piece)
	return p >= m.first && p < m.first+m.pieces && whole(m.info.PieceSize(p), int(begin), int(n))
}

// Offset is where the message of a block that the image has begins.
func (m *Image) Offset(piece, begin uint32) int64 {
	return int64(int(piece)-m.first)*wireSize(int(m.info.PieceLength)) + int64(begin/metainfo.BlockSize)*Message
}

// hold adds a hold, unless the image is on its way out.
func (m *Image) hold() bool {
	for {
		n := m.refs.Load()
		if n == 0 {
			return false
		}
		if m.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// mostUses is how many passes over an image are counted. Above it the counter
// stays unwritten in all processors' caches, and nothing takes the image's place.
// It is also how long an image without traffic is kept: ten times Age.
const mostUses = 1024

// Used says that so many blocks were served from the image; by its holder.
func (m *Image) Used(blocks int) {
	if m.uses.Load() < mostUses*m.blocks {
		m.uses.Add(int64(blocks))
	}
}

// Current tells whether the image was not evicted since it was acquired: whoever
// will need it for long lets go of one that was.
func (m *Image) Current() bool { return m.table.find(m.first) == m }

// Release ends the hold of Table.Acquire.
func (m *Image) Release() {
	if m.refs.Add(-1) == 0 {
		m.cache.bury(m)
	}
}
