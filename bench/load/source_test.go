package load

import (
	"bytes"
	"crypto/sha1"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/proto/metainfo"
)

// files makes a torrent of files of these lengths; a negative one is padding.
func files(t *testing.T, dir string, lengths ...int) (*metainfo.Torrent, []byte) {
	t.Helper()
	const pieceLength = 64 << 10
	var all []byte
	b := metainfo.Builder{Name: "folder", MultiFile: true, PieceLength: pieceLength}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, n := range lengths {
		data := make([]byte, max(n, -n))
		f := metainfo.File{Path: []string{"folder", string(rune('a' + i))}, Length: int64(len(data)), Pad: n < 0}
		if n >= 0 {
			_, _ = rand.NewChaCha8([32]byte{byte(i)}).Read(data)
			if err := os.WriteFile(filepath.Join(append([]string{dir}, f.Path...)...), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		b.Files = append(b.Files, f)
		all = append(all, data...)
	}
	for i := 0; i < len(all); i += pieceLength {
		sum := sha1.Sum(all[i:min(i+pieceLength, len(all))])
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	torrent, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return torrent, all
}

// Segments put together are the content, across files and padding.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	torrent, want := files(t, dir, 100, 0, 70_000, -30_000, 1, 5)
	f, err := OpenFolder(dir, torrent)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	check := func(off, n int) {
		t.Helper()
		var got []byte
		for len(got) < n {
			file, at, in := f.Segment(int64(off+len(got)), n-len(got))
			b := make([]byte, in)
			if k, err := file.ReadAt(b, at); in < 1 || k != in {
				t.Fatalf("%d bytes at %d: %v", in, at, err)
			}
			got = append(got, b...)
		}
		if !bytes.Equal(got, want[off:off+n]) {
			t.Errorf("%d bytes at %d differ", n, off)
		}
	}
	check(0, len(want))
	check(99, 2)
	check(100, 70_000)
	check(70_099, 30_002)
	check(len(want)-1, 1)
}

func TestFolderSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	torrent, _ := files(t, dir, 100, 200)
	check := func(want string) {
		t.Helper()
		f, err := OpenFolder(dir, torrent)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if f != nil {
			t.Error("a folder came with the error")
		}
	}
	name := filepath.Join(dir, "folder", "b")
	if err := os.Truncate(name, 199); err != nil {
		t.Fatal(err)
	}
	check("199 bytes, the torrent has 200")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	check(name)
}

// Torrents of several files go both ways.
func TestSeveralFiles(t *testing.T) {
	from := t.TempDir()
	torrent, _ := files(t, from, 300_000, 0, 5, 1<<20, 40_000)
	folder, err := OpenFolder(from, torrent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	got, addr := target(t, torrent, t.TempDir(), false)
	seeds := start(t, Config{Target: addr, Torrent: torrent, Role: Seed, Conns: 2, Content: folder})
	for _, done := range []<-chan struct{}{seeds.Complete(), got.Complete()} {
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatalf("not complete: %+v, %v", seeds.Snapshot(), seeds.Reason())
		}
	}
	leeches := start(t, Config{Target: addr, Torrent: torrent, Conns: 2, Verify: true})
	if s := until(t, leeches, "all twice", func(s Snapshot) bool { return s.Verified >= 80 }); s.Bad != 0 {
		t.Errorf("got %+v", s)
	}
}
