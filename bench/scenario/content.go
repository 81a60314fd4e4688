package scenario

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"

	"spate/disk/create"
	"spate/proto/metainfo"
)

// refusingTracker refuses connections: some clients load no torrent that has
// no tracker, and nobody is to find peers by one.
const refusingTracker = "http://127.0.0.1:1/announce"

// Content is a file and a torrent of it.
type Content struct {
	dir string // all of it
	// Data is the folder that the file lies in, and File the file.
	Data, File string
	// Torrent is the .torrent, and Meta what is in it.
	Torrent string
	Meta    *metainfo.Torrent
}

// NewContent makes content in dir, an empty folder with room for it. It is
// chance, the same each time; size is in bytes.
func NewContent(ctx context.Context, dir string, size int64) (*Content, error) {
	c := &Content{dir: dir, Data: filepath.Join(dir, "data"), Torrent: filepath.Join(dir, "content.torrent")}
	c.File = filepath.Join(c.Data, "content.bin")
	if err := os.Mkdir(c.Data, 0o755); err != nil {
		return nil, err
	}
	if err := generate(ctx, c.File, size); err != nil {
		return nil, err
	}
	var err error
	c.Meta, err = makeTorrent(ctx, c.File, c.Torrent, refusingTracker, metainfo.SuggestPieceLength(size))
	return c, err
}

// makeTorrent writes the .torrent of a file.
func makeTorrent(ctx context.Context, file, name, tracker string, pieceLength int64) (*metainfo.Torrent, error) {
	found, err := create.Walk(file)
	if err != nil {
		return nil, err
	}
	hashes, err := create.HashFiles(ctx, found.Parent, found.Files, pieceLength, runtime.NumCPU(), nil)
	if err != nil {
		return nil, err
	}
	b := metainfo.Builder{
		Name: found.Name, Files: found.Files, PieceLength: pieceLength, Pieces: hashes,
		Tiers: [][]string{{tracker}},
	}
	meta, err := b.Build()
	if err != nil {
		return nil, err
	}
	text, err := meta.Marshal()
	if err != nil {
		return nil, err
	}
	return meta, os.WriteFile(name, text, 0o644)
}

// generate writes size bytes of chance, of which no two pieces agree.
func generate(ctx context.Context, name string, size int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	chance := rand.NewChaCha8([32]byte{'b', 'e', 'n', 'c', 'h'})
	buf := make([]byte, 1<<20)
	for size > 0 && err == nil {
		b := buf[:min(size, int64(len(buf)))]
		_, _ = chance.Read(b) // never fails
		if _, err = f.Write(b); err == nil {
			err = context.Cause(ctx)
		}
		size -= int64(len(b))
	}
	if err == nil {
		err = f.Sync() // lest it is written while something is measured
	}
	return errors.Join(err, f.Close())
}

// errDiffers says that what a client wrote is not the content.
var errDiffers = errors.New("content differs")

// verify compares what a client wrote into dir.
func (c *Content) verify(dir string) error {
	got, err := os.Open(filepath.Join(dir, filepath.Base(c.File)))
	if err != nil {
		return err
	}
	defer got.Close()
	want, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer want.Close()
	var a, b [256 << 10]byte
	for {
		n, err := io.ReadFull(want, a[:])
		m, _ := io.ReadFull(got, b[:]) // what is missing or too much differs
		if n != m || a != b {
			return errDiffers
		}
		if err != nil { // the end, of both
			return nil
		}
	}
}
