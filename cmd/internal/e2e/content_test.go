package e2e

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"spate/proto/metainfo"
)

// file is a file of a torrent, its path slash-separated below the data folder.
type file struct {
	path string
	size int
}

// torrent is content and its .torrent.
type torrent struct {
	lab  *lab
	path string // of the .torrent
	dir  string // data folder of the whole content
	meta *metainfo.Torrent
	data []byte // all files in order
}

// recipe is what a torrent is made of.
type recipe struct {
	name        string // of the .torrent and the data folder
	files       []file // one without a slash for a single-file torrent
	pieceLength int64
	announce    []string // a tier each
	accept      func(metainfo.Hash) bool
}

// single makes a torrent of one file.
func (l *lab) single(size int, pieceLength int64, announce ...string) *torrent {
	l.Helper()
	return l.make(recipe{name: "t", files: []file{{"content.bin", size}}, pieceLength: pieceLength, announce: announce})
}

// make writes content that is chance from the recipe's name, and its .torrent.
// It goes on making the torrent until accept likes its hash.
func (l *lab) make(r recipe) *torrent {
	l.Helper()
	t := &torrent{lab: l, path: l.path(r.name + ".torrent"), dir: l.folder(r.name)}
	source := rand.NewChaCha8(sha256.Sum256([]byte(r.name)))
	b := metainfo.Builder{PieceLength: r.pieceLength}
	for _, f := range r.files {
		elements := strings.Split(f.path, "/")
		b.Name, b.MultiFile = elements[0], len(elements) > 1
		b.Files = append(b.Files, metainfo.File{Path: elements, Length: int64(f.size)})
		data := make([]byte, f.size)
		_, _ = source.Read(data)
		name := filepath.Join(t.dir, filepath.Join(elements...))
		l.must(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644))
		t.data = append(t.data, data...)
	}
	for _, url := range r.announce {
		b.Tiers = append(b.Tiers, []string{url})
	}
	for piece := range t.pieces(r.pieceLength) {
		sum := sha1.Sum(piece)
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	for i := 0; t.meta == nil; i++ {
		if r.accept != nil {
			b.Source = fmt.Sprint(i)
		}
		meta, err := b.Build()
		l.must(err)
		if r.accept == nil || r.accept(meta.InfoHash) {
			t.meta = meta
		}
	}
	raw, err := t.meta.Marshal()
	l.must(err, os.WriteFile(t.path, raw, 0o644))
	return t
}

// pieces cuts the content.
func (t *torrent) pieces(length int64) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for rest := t.data; len(rest) > 0; {
			n := min(length, int64(len(rest)))
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// piece is the content of one piece.
func (t *torrent) piece(index int) []byte {
	at := int64(index) * t.meta.Info.PieceLength
	return t.data[at : at+int64(t.meta.Info.PieceSize(index))]
}

func (t *torrent) length() int64 { return t.meta.Info.Length }

// same demands that a data folder holds the content, byte by byte.
func (t *torrent) same(dir string) {
	t.lab.Helper()
	at := 0
	for _, f := range t.meta.Info.Files {
		want := t.data[at : at+int(f.Length)]
		at += len(want)
		name := filepath.Join(dir, filepath.Join(f.Path...))
		got, err := os.ReadFile(name)
		t.lab.must(err)
		if !bytes.Equal(got, want) {
			t.lab.Fatalf("%s differs from the content", name)
		}
	}
}

// page is the unit in which a kernel takes or drops what is written.
const page = 4 << 10

// partial demands that what a data folder holds of a single-file torrent is
// right or not there, and returns how many bytes are right.
func (t *torrent) partial(dir string) (right int64) {
	t.lab.Helper()
	got, err := os.ReadFile(filepath.Join(dir, filepath.Join(t.meta.Info.Files[0].Path...)))
	t.lab.must(err)
	hole := make([]byte, page)
	for at := 0; at < len(got); at += page {
		end := min(at+page, len(got))
		switch have := got[at:end]; {
		case bytes.Equal(have, t.data[at:end]):
			right += int64(len(have))
		case !bytes.Equal(have, hole[:len(have)]):
			t.lab.Fatalf("bytes %d to %d of %s are neither right nor a hole", at, end, dir)
		}
	}
	return right
}

// linkInto puts a file of a torrent into another data folder.
func linkInto(dir string, t *torrent, name string) error {
	return os.Link(filepath.Join(t.dir, name), filepath.Join(dir, name))
}
