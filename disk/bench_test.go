package disk_test

import (
	"fmt"
	"testing"

	"spate/disk"
)

// BenchmarkPut is the way of a piece: verified by the hashers, written by the
// writer.
func BenchmarkPut(b *testing.B) {
	for _, pieceLength := range []int64{16 << 10, 1 << 20} {
		b.Run(fmt.Sprint("piece=", pieceLength), func(b *testing.B) {
			c := makeContent(b, pieceLength, 64<<20)
			s := open(b, start(b, disk.Config{}), c, b.TempDir())
			pieces := make([][]byte, c.Info.NumPieces())
			for i := range pieces {
				pieces[i] = c.piece(i)
			}
			done := make(chan disk.PutResult, len(pieces))
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				for i, buf := range pieces {
					s.Put(i, buf, func(r disk.PutResult) { done <- r })
				}
				for range pieces {
					if r := <-done; r.Status != disk.Written {
						b.Fatal(r)
					}
				}
			}
		})
	}
}

// BenchmarkRead is the detour of a block: a reader copies it from its file.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	c := makeContent(b, 1<<20, 64<<20)
	c.save(b, dir)
	s := open(b, start(b, disk.Config{}), c, dir)
	buf := make([]byte, 16<<10)
	done := make(chan error, 1)
	finish := func(err error) { done <- err }
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Read(i%64, 0, len(buf), buf, finish)
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}
