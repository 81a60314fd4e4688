package content

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

// Single is a file and a torrent of it.
type Single struct {
	// Data is the folder that the file lies in, and File the file.
	Data, File string
	// Torrent is the .torrent, and Meta what is in it.
	Torrent string
	Meta    *metainfo.Torrent
}

// New makes a file called name, and its torrent, below dir, where there is room
// for it. Several may lie in one dir; their files are in one folder then. size
// and pieceLength are in bytes. It fails with ctx's cause when that ends before.
func New(ctx context.Context, dir, name string, size, pieceLength int64) (*Single, error) {
	c := &Single{Data: filepath.Join(dir, "data"), Torrent: filepath.Join(dir, name+".torrent")}
	c.File = filepath.Join(c.Data, name+".bin")
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		return nil, err
	}
	if err := generate(ctx, c.File, size); err != nil {
		return nil, err
	}
	var err error
	c.Meta, err = makeTorrent(ctx, c.File, c.Torrent, refusingTracker, pieceLength)
	return c, err
}

// Announce writes one more .torrent of the file, called name, which has a tracker
// at url.
func (c *Single) Announce(ctx context.Context, name, url string) error {
	_, err := makeTorrent(ctx, c.File, name, url, c.Meta.Info.PieceLength)
	return err
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

// ErrDiffers says that what a client wrote is not the content.
var ErrDiffers = errors.New("content differs")

// Verify compares what a client wrote into dir, byte by byte.
func (c *Single) Verify(dir string) error {
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
			return ErrDiffers
		}
		if err != nil { // the end, of both
			return nil
		}
	}
}
