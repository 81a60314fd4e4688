package wirecache

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

const testPiece = 64 << 10 // four blocks

// rig is a cache with one torrent, whose builds happen at once unless held back.
type rig struct {
	*Cache
	t      *Table
	src    *source
	held   []func() // what Go was given, while hold is set
	hold   bool
	faults []int
}

func newRig(tb testing.TB, budget int64, images, pieces int, change func(*Config)) *rig {
	tb.Helper()
	r := &rig{}
	cfg := Config{Limit: budget, Images: images, Create: Heap, Buffers: &buffers{}, Go: func(fn func()) {
		if r.hold {
			r.held = append(r.held, fn)
			return
		}
		fn()
	}}
	if change != nil {
		change(&cfg)
	}
	r.Cache = New(cfg)
	r.src = newSource(tb, int64(pieces)*testPiece-100)
	r.t = r.NewTable(r.src.info, r.src, func(piece int, err error) {
		if !errors.Is(err, ErrHash) {
			tb.Errorf("piece %d: %v", piece, err)
		}
		r.faults = append(r.faults, piece)
	})
	r.t.Open()
	return r
}

// release lets what was held back happen.
func (r *rig) release() {
	r.hold = false
	for len(r.held) > 0 {
		fn := r.held[0]
		r.held = r.held[1:]
		fn()
	}
}

// pass serves a piece once without an image.
func (r *rig) pass(piece int) {
	length := r.src.info.PieceSize(piece)
	for at := 0; at < length; at += metainfo.BlockSize {
		r.t.Note(uint32(piece), uint32(at), uint32(min(metainfo.BlockSize, length-at)))
	}
}

// heat serves a piece until there should be an image.
func (r *rig) heat(piece int) {
	for range Passes {
		r.pass(piece)
	}
	r.t.Note(uint32(piece), 0, metainfo.BlockSize)
}

// hot tells whether a piece has an image.
func (r *rig) hot(piece int) bool {
	m := r.t.Acquire(uint32(piece), 0, metainfo.BlockSize)
	if m == nil {
		return false
	}
	m.Release()
	return true
}

// sums checks that what the cache says it takes is what it takes.
func (r *rig) sums(tb testing.TB, images int) {
	tb.Helper()
	s := r.Stats()
	if s.Images != images || s.Bytes != int64(images)*pageSize(testPiece) {
		tb.Errorf("%d images, %d bytes, want %d images", s.Images, s.Bytes, images)
	}
}

func pageSize(length int) int64 { return (wireSize(length) + page - 1) / page * page }

// source is content in memory.
type source struct {
	info *metainfo.Info
	data []byte
	fail error        // of reads
	rot  int          // piece with another hash, -1 for none
	open atomic.Int32 // reads so far
}

func newSource(tb testing.TB, size int64) *source {
	s := &source{data: make([]byte, size), rot: -1}
	_, _ = rand.NewChaCha8([32]byte{3}).Read(s.data)
	b := metainfo.Builder{Name: "t", PieceLength: testPiece, Files: []metainfo.File{{Path: []string{"t"}, Length: size}}}
	for part := range slices.Chunk(s.data, testPiece) {
		sum := sha1.Sum(part)
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	meta, err := b.Build()
	if err != nil {
		tb.Fatal(err)
	}
	s.info = meta.Info
	return s
}

func (s *source) Read(index, begin, length int, buf []byte, done func(error)) {
	s.open.Add(1)
	copy(buf[:length], s.data[index*testPiece+begin:])
	if index == s.rot {
		buf[length-1] ^= 1
	}
	done(s.fail)
}

// wire is what the image of a piece should hold.
func (s *source) wire(piece int) []byte {
	var out []byte
	size := s.info.PieceSize(piece)
	for at := 0; at < size; at += metainfo.BlockSize {
		n := min(metainfo.BlockSize, size-at)
		out = wire.AppendPieceHeader(out, uint32(piece), uint32(at), uint32(n))
		out = append(out, s.data[piece*testPiece+at:][:n]...)
	}
	return out
}

// holds tells whether an image has the bytes that it should have.
func (s *source) holds(tb testing.TB, m Memory, piece int) {
	tb.Helper()
	want := s.wire(piece)
	got := make([]byte, len(want))
	if n, err := m.ReadAt(got, 0); n != len(got) || err != nil {
		tb.Fatalf("read %d bytes: %v", n, err)
	}
	if !bytes.Equal(got, want) {
		tb.Fatalf("piece %d has other bytes", piece)
	}
	if n, err := m.ReadAt(got, int64(len(want))); n != 0 || err == nil {
		tb.Fatalf("%d bytes behind the end", n)
	}
}

// buffers counts what is out.
type buffers struct {
	out   atomic.Int64
	empty bool
}

func (b *buffers) Get(n int) []byte {
	if b.empty {
		return nil
	}
	b.out.Add(1)
	return make([]byte, n)
}

func (b *buffers) Put([]byte) { b.out.Add(-1) }
