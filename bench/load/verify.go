package load

import (
	"crypto/sha1"

	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/wire"
)

// spareParts is how many pieces a checker holds beyond those that the requests
// under way lie in: pieces that lack a block which was refused.
const spareParts = 2

// checker puts a connection's pieces together and hashes those that are whole.
type checker struct {
	info  *metainfo.Info
	limit int    // of pieces held
	parts []held // the oldest first
	free  [][]byte
}

// held is a piece under way.
type held struct {
	piece uint32
	data  []byte
	got   *bitfield.Bits // blocks
}

func newChecker(info *metainfo.Info, outstanding int) *checker {
	perPiece := int64(info.Blocks(0))
	return &checker{info: info, limit: int(int64(outstanding)/perPiece) + 2 + spareParts}
}

// place is where a block that was asked for belongs. A piece beyond the limit
// takes the place of the oldest one, which is not judged.
func (c *checker) place(r wire.Request) []byte {
	i := c.find(r.Index)
	if i < 0 {
		if len(c.parts) >= c.limit {
			c.drop(0)
		}
		i = len(c.parts)
		size := c.info.PieceSize(int(r.Index))
		c.parts = append(c.parts, held{r.Index, c.buffer()[:size], bitfield.New(c.info.Blocks(int(r.Index)))})
	}
	return c.parts[i].data[r.Begin:][:r.Length]
}

// arrived notes a block, and judges its piece when that is whole.
func (c *checker) arrived(r wire.Request) (whole, good bool) {
	i := c.find(r.Index)
	p := &c.parts[i]
	if p.got.Set(int(r.Begin / metainfo.BlockSize)); !p.got.All() {
		return false, false
	}
	good = sha1.Sum(p.data) == c.info.PieceHash(int(r.Index))
	c.drop(i)
	return true, good
}

func (c *checker) find(piece uint32) int {
	for i := range c.parts {
		if c.parts[i].piece == piece {
			return i
		}
	}
	return -1
}

func (c *checker) drop(i int) {
	c.free = append(c.free, c.parts[i].data[:cap(c.parts[i].data)])
	c.parts = append(c.parts[:i], c.parts[i+1:]...)
}

// buffer is room for a piece.
func (c *checker) buffer() []byte {
	if n := len(c.free); n > 0 {
		b := c.free[n-1]
		c.free = c.free[:n-1]
		return b
	}
	return make([]byte, c.info.PieceSize(0))
}
