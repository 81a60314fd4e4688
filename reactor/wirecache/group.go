package wirecache

import (
	"spate/proto/metainfo"
	"spate/proto/wire"
)

// group is the pieces that share an image: as many that follow one another as
// Config.Group has room for, and one at least.
type group struct {
	info   *metainfo.Info
	number int // of the group in its torrent
	first  int // piece
	pieces int
	length int   // of the pieces, in bytes
	blocks int64 // of the pieces
}

// groupOf is the group of a piece, of groups that have per pieces each.
func groupOf(info *metainfo.Info, per, piece int) group {
	g := group{info: info, number: piece / per}
	g.first = g.number * per
	g.pieces = min(per, info.NumPieces()-g.first)
	last := g.first + g.pieces - 1
	g.length = (g.pieces-1)*int(info.PieceLength) + info.PieceSize(last)
	g.blocks = int64(g.pieces-1)*int64(info.Blocks(g.first)) + int64(info.Blocks(last))
	return g
}

// wireSize is how many bytes a piece of a length takes with its headers.
func wireSize(length int) int64 {
	return int64(length) + int64(length+metainfo.BlockSize-1)/metainfo.BlockSize*wire.PieceHeaderLen
}

// wireSize is how many bytes the group takes with its headers.
func (g *group) wireSize() int64 { return int64(g.length) + g.blocks*wire.PieceHeaderLen }

// parts is the group's content with the headers between its blocks.
func (g *group) parts(content []byte) [][]byte {
	heads := make([]byte, 0, g.blocks*wire.PieceHeaderLen)
	parts := make([][]byte, 0, 2*g.blocks)
	for piece := g.first; piece < g.first+g.pieces; piece++ {
		size := g.info.PieceSize(piece)
		for begin := 0; begin < size; begin += metainfo.BlockSize {
			n := min(metainfo.BlockSize, size-begin)
			from := len(heads)
			heads = wire.AppendPieceHeader(heads, uint32(piece), uint32(begin), uint32(n))
			parts = append(parts, heads[from:], content[:n])
			content = content[n:]
		}
	}
	return parts
}
