package load

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"spate/proto/metainfo"
	"spate/reactor/loop"
)

// Source is a torrent's content, for seeders on any loop.
type Source interface {
	// Segment returns the file that has the content's byte off, where in it,
	// and how many of the n bytes from there on it has, at least 1.
	Segment(off int64, n int) (f loop.File, at int64, in int)
}

// Content is one file that is the whole content.
type Content struct{ *os.File }

// FD implements loop.File.
func (c Content) FD() int { return int(c.Fd()) }

// Segment implements Source.
func (c Content) Segment(off int64, n int) (loop.File, int64, int) { return c, off, n }

// Folder is the content of a torrent of any number of files.
type Folder struct {
	parts []part
}

// part is a file that is not empty.
type part struct {
	file   loop.File
	begin  int64 // in the content
	length int64
}

// OpenFolder opens a torrent's files, which lie below dir as the torrent says.
// It is the caller's to Close. An error names the file that is missing or has
// another length.
func OpenFolder(dir string, t *metainfo.Torrent) (*Folder, error) {
	f := &Folder{}
	for _, file := range t.Info.Files {
		if file.Length == 0 {
			continue
		}
		p := part{zeros{}, file.Offset, file.Length}
		if !file.Pad {
			opened, err := open(filepath.Join(append([]string{dir}, file.Path...)...), file.Length)
			if err != nil {
				return nil, errors.Join(err, f.Close())
			}
			p.file = opened
		}
		f.parts = append(f.parts, p)
	}
	return f, nil
}

func open(name string, length int64) (Content, error) {
	file, err := os.Open(name)
	if err != nil {
		return Content{}, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() != length {
		err = fmt.Errorf("%s: %d bytes, the torrent has %d", name, info.Size(), length)
	}
	if err != nil {
		return Content{}, errors.Join(err, file.Close())
	}
	return Content{file}, nil
}

// Segment implements Source.
func (f *Folder) Segment(off int64, n int) (loop.File, int64, int) {
	i := sort.Search(len(f.parts), func(i int) bool { return f.parts[i].begin > off }) - 1
	p := f.parts[i]
	at := off - p.begin
	return p.file, at, int(min(int64(n), p.length-at))
}

// Close closes all files.
func (f *Folder) Close() error {
	var errs []error
	for _, p := range f.parts {
		if c, ok := p.file.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// zeros is padding (BEP 47), which is not stored.
type zeros struct{}

// FD implements loop.File.
func (zeros) FD() int { return -1 }

// ReadAt implements io.ReaderAt.
func (zeros) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	clear(b)
	return len(b), nil
}

var (
	_ Source = Content{}
	_ Source = (*Folder)(nil)
)
