package sim

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"io"
	"math/rand/v2"

	"spate/proto/metainfo"
)

// textureSize is the random text that all content is cut from, in bytes: small
// enough for the processor's cache, larger than most pieces.
const textureSize = 256 << 10

// Content is made-up content: every piece is a rotation of one random text, so
// that it costs the same memory whatever its length, and any number of stores
// share it. It is immutable.
type Content struct {
	meta    *metainfo.Torrent
	seed    uint64
	texture []byte
	turns   []int32 // where each piece begins in texture
}

// NewContent makes content and its torrent, with real hashes, from a seed.
// files are the lengths in bytes of its files, one at least; with one the
// torrent has a single file. A length may be 0, but not all of them.
func NewContent(seed uint64, pieceLength int64, files ...int64) *Content {
	r := rand.New(rand.NewPCG(seed, textureSize))
	c := &Content{seed: seed, texture: make([]byte, textureSize)}
	for i := 0; i < len(c.texture); i += 8 {
		x := r.Uint64()
		for k := range 8 {
			c.texture[i+k] = byte(x >> (8 * k))
		}
	}
	length := int64(0)
	for _, n := range files {
		length += n
	}
	var hashes []byte
	buf := make([]byte, min(pieceLength, length))
	for at := int64(0); at < length; at += pieceLength {
		c.turns = append(c.turns, int32(r.IntN(textureSize)))
		piece := buf[:min(pieceLength, length-at)]
		c.read(len(c.turns)-1, 0, piece)
		sum := sha1.Sum(piece)
		hashes = append(hashes, sum[:]...)
	}
	c.meta = torrent(fmt.Sprintf("sim-%d", seed), pieceLength, files, hashes)
	return c
}

// torrent makes the torrent of content with these piece hashes.
func torrent(name string, pieceLength int64, files []int64, hashes []byte) *metainfo.Torrent {
	b := metainfo.Builder{Name: name, MultiFile: len(files) > 1, PieceLength: pieceLength, Pieces: hashes}
	for i, n := range files {
		path := []string{name}
		if b.MultiFile {
			path = append(path, fmt.Sprintf("%d.bin", i))
		}
		b.Files = append(b.Files, metainfo.File{Path: path, Length: n})
	}
	t, err := b.Build()
	if err != nil {
		panic("sim: content: " + err.Error()) // of sizes that are no torrent
	}
	return t
}

// Torrent makes a torrent of one file with a number of whole pieces, with the
// hashes of the content that NewContent makes from the same seed.
func Torrent(pieces int, pieceLength int64, seed uint64) *metainfo.Torrent {
	return NewContent(seed, pieceLength, int64(pieces)*pieceLength).Meta()
}

// Meta is the content's torrent.
func (c *Content) Meta() *metainfo.Torrent { return c.meta }

// run is the content from begin of a piece as far as it lies in one part of the
// texture, at most n bytes.
func (c *Content) run(piece, begin, n int) []byte {
	at := (int(c.turns[piece]) + begin) % textureSize
	return c.texture[at:min(textureSize, at+n)]
}

// read copies content from begin of a piece to dst, which ends within the piece.
func (c *Content) read(piece, begin int, dst []byte) {
	for n := 0; n < len(dst); {
		n += copy(dst[n:], c.run(piece, begin+n, len(dst)-n))
	}
}

// equal tells whether data is what lies at begin of a piece: the same answer as
// the piece's hash, for the price of a comparison.
func (c *Content) equal(piece, begin int, data []byte) bool {
	for n := 0; n < len(data); {
		part := c.run(piece, begin+n, len(data)-n)
		if !bytes.Equal(part, data[n:n+len(part)]) {
			return false
		}
		n += len(part)
	}
	return true
}

// ReadAt implements io.ReaderAt over the whole content, files end to end.
func (c *Content) ReadAt(p []byte, off int64) (int, error) {
	info := c.meta.Info
	n := 0
	for n < len(p) && off < info.Length {
		piece, begin := int(off/info.PieceLength), int(off%info.PieceLength)
		k := min(len(p)-n, info.PieceSize(piece)-begin)
		c.read(piece, begin, p[n:n+k])
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
