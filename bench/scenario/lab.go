package scenario

import (
	"bufio"
	"context"
	"errors"
	"fmt"
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

// Lab is content and a torrent of it.
type Lab struct {
	dir     string
	data    string // folder that the content lies in
	file    string // the content
	torrent string // the .torrent
	meta    *metainfo.Torrent
	runs    int // folders made
}

// NewLab makes a lab in dir, an empty folder with room for twice the size, in
// bytes. The content is chance, the same each time.
func NewLab(ctx context.Context, dir string, size int64) (*Lab, error) {
	l := &Lab{dir: dir, data: filepath.Join(dir, "data"), torrent: filepath.Join(dir, "content.torrent")}
	l.file = filepath.Join(l.data, "content.bin")
	if err := os.Mkdir(l.data, 0o755); err != nil {
		return nil, err
	}
	if err := generate(l.file, size); err != nil {
		return nil, err
	}
	content, err := create.Walk(l.file)
	if err != nil {
		return nil, err
	}
	pieceLength := metainfo.SuggestPieceLength(size)
	hashes, err := create.HashFiles(ctx, content.Parent, content.Files, pieceLength, runtime.NumCPU(), nil)
	if err != nil {
		return nil, err
	}
	b := metainfo.Builder{
		Name: content.Name, Files: content.Files, PieceLength: pieceLength, Pieces: hashes,
		Tiers: [][]string{{refusingTracker}},
	}
	if l.meta, err = b.Build(); err != nil {
		return nil, err
	}
	bytes, err := l.meta.Marshal()
	if err != nil {
		return nil, err
	}
	return l, os.WriteFile(l.torrent, bytes, 0o644)
}

// generate writes size bytes of chance, of which no two pieces agree.
func generate(name string, size int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = io.CopyN(w, rand.NewChaCha8([32]byte{'b', 'e', 'n', 'c', 'h'}), size)
	return errors.Join(err, w.Flush(), f.Close())
}

// folder makes an empty folder for one run.
func (l *Lab) folder() (string, error) {
	l.runs++
	dir := filepath.Join(l.dir, fmt.Sprintf("run-%d", l.runs))
	return dir, os.Mkdir(dir, 0o755)
}

// errDiffers says that what a client wrote is not the content.
var errDiffers = errors.New("content differs")

// verify compares what a client wrote into dir.
func (l *Lab) verify(dir string) error {
	got, err := os.Open(filepath.Join(dir, filepath.Base(l.file)))
	if err != nil {
		return err
	}
	defer got.Close()
	want, err := os.Open(l.file)
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
