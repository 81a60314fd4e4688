package sim

import (
	"bytes"
	"crypto/sha1"
	"io"
	"testing"
)

func TestContent(t *testing.T) {
	check := func(seed uint64, pieceLength int64, files ...int64) {
		t.Helper()
		c := NewContent(seed, pieceLength, files...)
		info := c.Meta().Info
		all := make([]byte, info.Length)
		if n, err := c.ReadAt(all, 0); n != len(all) || err != nil {
			t.Fatalf("ReadAt: %d, %v", n, err)
		}
		if n, err := c.ReadAt(make([]byte, 10), info.Length-4); n != 4 || err != io.EOF {
			t.Errorf("ReadAt beyond the end: %d, %v", n, err)
		}
		for i := range info.NumPieces() {
			size := info.PieceSize(i)
			piece := all[int64(i)*info.PieceLength:][:size]
			if sha1.Sum(piece) != info.PieceHash(i) {
				t.Fatalf("piece %d has another hash than the torrent says", i)
			}
			if !c.equal(i, 0, piece) || !c.equal(i, size/2, piece[size/2:]) {
				t.Errorf("piece %d is not what it is", i)
			}
			piece[size-1] ^= 1
			if c.equal(i, 0, piece) {
				t.Errorf("piece %d is not looked at to its end", i)
			}
			piece[size-1] ^= 1
		}
		if again := NewContent(seed, pieceLength, files...); again.Meta().InfoHash != c.Meta().InfoHash {
			t.Error("the same seed made another torrent")
		}
		if other := NewContent(seed+1, pieceLength, files...); other.Meta().InfoHash == c.Meta().InfoHash {
			t.Error("another seed made the same torrent")
		}
		if len(info.Files) != len(files) || info.MultiFile != (len(files) > 1) {
			t.Errorf("%d files", len(info.Files))
		}
	}
	check(1, 16<<10, 100_000)
	check(1, 1<<20, 3<<20) // pieces larger than the texture
	check(2, 32<<10, 1, 0, 70_000, 5)
	check(3, 1000, 1)

	if a, b := Torrent(7, 32<<10, 5), NewContent(5, 32<<10, 7*32<<10).Meta(); a.InfoHash != b.InfoHash || a.Info.NumPieces() != 7 {
		t.Error("Torrent and NewContent differ")
	}
	mustPanic(t, "content of nothing", func() { NewContent(1, 1000, 0) })
}

// TestContentPieces: pieces differ, so that one cannot pass for another.
func TestContentPieces(t *testing.T) {
	c := NewContent(9, 16<<10, 64*16<<10)
	a, b := make([]byte, 16<<10), make([]byte, 16<<10)
	for i := range 64 {
		for k := range i {
			c.read(i, 0, a)
			c.read(k, 0, b)
			if bytes.Equal(a, b) {
				t.Errorf("pieces %d and %d are equal", i, k)
			}
		}
	}
}
