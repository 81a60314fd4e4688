package create_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"spate/disk/create"
	"spate/disk/vfs"
	"spate/proto/metainfo"
)

// tree makes files of the given sizes below a new folder "t" and returns it and
// their content by path.
func tree(t testing.TB, sizes map[string]int) (string, map[string][]byte) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "t")
	rng := rand.New(rand.NewPCG(1, 1))
	content := map[string][]byte{}
	for name, size := range sizes {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		content["t/"+name] = b
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root, content
}

func TestWalk(t *testing.T) {
	root, _ := tree(t, map[string]int{
		"b": 5, "a/z": 7, "a/.hidden": 1, "a.b": 2, "a/empty": 0, "Z": 3, "ü": 4, "c/d/e/f": 6,
	})
	if err := errors.Join(
		os.Symlink("/etc/passwd", filepath.Join(root, "link")),
		os.Symlink("a", filepath.Join(root, "loop")),
		os.Mkdir(filepath.Join(root, "nothing"), 0o777),
		syscall.Mkfifo(filepath.Join(root, "fifo"), 0o666),
	); err != nil {
		t.Fatal(err)
	}
	c, err := create.Walk(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var offset int64
	for _, f := range c.Files {
		got = append(got, fmt.Sprint(strings.Join(f.Path, "/"), " ", f.Length))
		if f.Offset != offset {
			t.Errorf("%v at %d, want %d", f.Path, f.Offset, offset)
		}
		offset += f.Length
	}
	want := []string{"t/Z 3", "t/a/.hidden 1", "t/a/empty 0", "t/a/z 7", "t/a.b 2", "t/b 5", "t/c/d/e/f 6", "t/ü 4"}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if want := []string{"t/fifo", "t/link", "t/loop"}; !slices.Equal(c.Skipped, want) {
		t.Errorf("skipped %q, want %q", c.Skipped, want)
	}
	if c.Length != 28 || c.Name != "t" || !c.MultiFile || c.Parent != filepath.Dir(root) {
		t.Errorf("content %+v", c)
	}

	single, err := create.Walk(filepath.Join(root, "b"))
	if err != nil || single.MultiFile || single.Name != "b" || single.Parent != root ||
		len(single.Files) != 1 || single.Files[0].Length != 5 || !slices.Equal(single.Files[0].Path, []string{"b"}) {
		t.Errorf("one file: %+v, %v", single, err)
	}
	t.Chdir(root)
	if dot, err := create.Walk("."); err != nil || dot.Name != "t" || len(dot.Files) != 8 {
		t.Errorf("here: %+v, %v", dot, err)
	}
}

func TestWalkRefuses(t *testing.T) {
	root, _ := tree(t, map[string]int{"empty": 0, "a/empty": 0, "file": 1})
	deep := filepath.Join(root, "deep", strings.Repeat("d/", metainfo.MaxPathElements-2))
	if err := os.MkdirAll(deep, 0o777); err != nil {
		t.Fatal(err)
	}
	check := func(path string, want string) {
		t.Helper()
		_, err := create.Walk(path)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Walk(%s): %v, want %q", path, err, want)
		}
	}
	check(filepath.Join(root, "empty"), "nothing to share")
	check(filepath.Join(root, "a"), "nothing to share")
	check(filepath.Join(root, "none"), filepath.Join(root, "none")+": no such file")
	check("/", "no name")
	if _, err := create.Walk(root); err != nil {
		t.Errorf("Walk up to the depth allowed: %v", err)
	}
	if err := os.WriteFile(filepath.Join(deep, "x"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	check(root, "folders deep")
}

func TestHashFiles(t *testing.T) {
	root, content := tree(t, map[string]int{
		"a": 100_000, "b": 0, "c": 1, "d/e": 3_000_000, "d/f": 65_536, "z": 5,
	})
	c, err := create.Walk(root)
	if err != nil {
		t.Fatal(err)
	}
	files := slices.Insert(slices.Clone(c.Files), 3, metainfo.File{Path: []string{"t", "pad"}, Length: 777, Pad: true})
	var data []byte
	for i := range files {
		files[i].Offset = int64(len(data))
		if files[i].Pad {
			data = append(data, make([]byte, files[i].Length)...)
		} else {
			data = append(data, content[strings.Join(files[i].Path, "/")]...)
		}
	}
	check := func(pieceLength int64, workers int) {
		t.Helper()
		var want []byte
		for piece := range slices.Chunk(data, int(pieceLength)) {
			sum := sha1.Sum(piece)
			want = append(want, sum[:]...)
		}
		var last int64
		got, err := create.HashFiles(context.Background(), c.Parent, files, pieceLength, workers, func(done int64) {
			if done <= last {
				t.Errorf("progress from %d to %d", last, done)
			}
			last = done
		})
		if err != nil || !bytes.Equal(got, want) || last != int64(len(data)) {
			t.Errorf("HashFiles(%d, %d workers): %v, %d of %d bytes", pieceLength, workers, err, last, len(data))
		}
	}
	check(16<<10, 1)
	check(16<<10, 4)
	check(1<<20, 3)
	check(100, 2)
	check(16<<20, 4)
}

func TestHashFilesFails(t *testing.T) {
	root, _ := tree(t, map[string]int{"a": 200_000, "b": 5})
	c, err := create.Walk(root)
	if err != nil {
		t.Fatal(err)
	}
	check := func(ctx context.Context, want error) {
		t.Helper()
		sums, err := create.HashFiles(ctx, c.Parent, c.Files, 16<<10, 2, nil)
		if !errors.Is(err, want) || sums != nil {
			t.Errorf("HashFiles: %v, want %v", err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	check(ctx, context.Canceled)
	_, err = create.HashFiles(context.Background(), c.Parent, c.Files, 16<<10, 2, func(done int64) {
		if done == c.Length {
			os.WriteFile(filepath.Join(root, "b"), []byte("longer"), 0o666)
		}
	})
	if !errors.Is(err, create.ErrChanged) {
		t.Errorf("a file grew while it was read: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, "b"), []byte("short"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(root, "a"), 200_001); err != nil {
		t.Fatal(err)
	}
	check(context.Background(), create.ErrChanged)
	if err := os.Truncate(filepath.Join(root, "a"), 10); err != nil {
		t.Fatal(err)
	}
	check(context.Background(), create.ErrChanged)
	if err := os.Remove(filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	check(context.Background(), fs.ErrNotExist)
	if err := os.Mkdir(filepath.Join(root, "a"), 0o777); err != nil {
		t.Fatal(err)
	}
	check(context.Background(), vfs.ErrNotRegular)
}

func BenchmarkHashFiles(b *testing.B) {
	root, _ := tree(b, map[string]int{"a": 256 << 20})
	c, err := create.Walk(root)
	if err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, 4} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			b.SetBytes(c.Length)
			for b.Loop() {
				if _, err := create.HashFiles(context.Background(), c.Parent, c.Files, 1<<20, workers, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
