package vfs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spate/disk/vfs"
)

// touch makes a file with content for a test.
func touch(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestDirRefusesToLeave(t *testing.T) {
	top := t.TempDir()
	touch(t, filepath.Join(top, "outside/secret"), "secret")
	root := filepath.Join(top, "data")
	touch(t, filepath.Join(root, "inside/real"), "real")
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("../outside/secret", "relative")
	link(filepath.Join(top, "outside/secret"), "absolute")
	link("../outside", "folder")
	link("inside/real", "fine")
	link("folder", "twice")
	link("../outside/new", "dangling")

	d := vfs.Dir(root)
	defer d.Close()
	check := func(name string, read, write error) {
		t.Helper()
		for mode, want := range []error{vfs.Read: read, vfs.Write: write, vfs.Create: write} {
			f, err := d.Open(name, vfs.Mode(mode))
			if !errors.Is(err, want) || (err == nil) != (want == nil) || err != nil && !strings.Contains(err.Error(), filepath.Join(root, name)) {
				t.Errorf("Open(%q, %d): %v, want %v", name, mode, err, want)
			}
			if err == nil {
				f.Close()
			}
		}
		if s, err := d.Stat(name); (err == nil) != (read == nil) || err == nil && s.Size == 0 {
			t.Errorf("Stat(%q): %+v, %v, want %v", name, s, err, read)
		}
	}
	check("inside/real", nil, nil)
	check("fine", nil, nil)
	// What the user linked is read wherever it is, and not written.
	check("relative", nil, vfs.ErrOutside)
	check("absolute", nil, vfs.ErrOutside)
	check("folder/secret", nil, vfs.ErrOutside)
	check("twice/secret", nil, vfs.ErrOutside)
	check("folder/new", fs.ErrNotExist, vfs.ErrOutside)
	check("dangling", fs.ErrNotExist, vfs.ErrOutside)
	// A name alone leads nowhere else.
	refused := func(name string) {
		t.Helper()
		for _, mode := range []vfs.Mode{vfs.Read, vfs.Write, vfs.Create} {
			if _, err := d.Open(name, mode); err == nil || errors.Is(err, vfs.ErrOutside) {
				t.Errorf("Open(%q, %d): %v", name, mode, err)
			}
		}
		if s, err := d.Stat(name); err == nil {
			t.Errorf("Stat(%q): %+v", name, s)
		}
	}
	refused("../outside/secret")
	refused("../new")
	refused("inside/../../outside/secret")
	refused(filepath.Join(top, "outside/secret"))
	refused("")

	for _, name := range []string{"folder/sub", "../sub", "twice/sub", "/sub"} {
		if err := d.MkdirAll(name); err == nil || filepath.IsLocal(name) != errors.Is(err, vfs.ErrOutside) {
			t.Errorf("MkdirAll(%q): %v", name, err)
		}
	}
	for _, name := range []string{"folder/secret", "../outside/secret"} {
		if err := d.Remove(name); err == nil {
			t.Errorf("Remove(%q) succeeded", name)
		}
		if err := d.Rename("inside/real", name); err == nil {
			t.Errorf("Rename to %q succeeded", name)
		}
		if err := d.Rename(name, "stolen"); err == nil {
			t.Errorf("Rename of %q succeeded", name)
		}
	}
	left, err := os.ReadDir(filepath.Join(top, "outside"))
	if err != nil || len(left) != 1 {
		t.Errorf("outside holds %v (%v), want only its own file", left, err)
	}
	if got, _ := os.ReadFile(filepath.Join(top, "outside/secret")); string(got) != "secret" {
		t.Errorf("outside/secret is %q", got)
	}
}

func TestDirOpensOnlyRegularFiles(t *testing.T) {
	root := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"null": "/dev/null", "linked": "fifo"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	d := vfs.Dir(root)
	defer d.Close()
	for _, name := range []string{"fifo", "linked", "folder", "null"} {
		if _, err := d.Open(name, vfs.Read); !errors.Is(err, vfs.ErrNotRegular) {
			t.Errorf("Open(%q): %v, want ErrNotRegular", name, err)
		}
		if f, err := d.Open(name, vfs.Create); err == nil {
			f.Close()
			t.Errorf("Open(%q) to write it succeeded", name)
		}
		if _, err := d.Stat(name); !errors.Is(err, vfs.ErrNotRegular) {
			t.Errorf("Stat(%q): %v, want ErrNotRegular", name, err)
		}
	}
}

func TestDirIsMadeByTheFirstWrite(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a/b")
	d := vfs.Dir(root)
	defer d.Close()
	_, err := d.Open("c/file", vfs.Read)
	if want := "open " + root + "/c/file: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("Open: %v, want %q", err, want)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("reading made the folder: %v", err)
	}
	if err := d.MkdirAll("c"); err != nil {
		t.Fatal(err)
	}
	f, err := d.Open("c/file", vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("hello"), 1<<20); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := f.ReadAt(got, 1<<20); err != nil || string(got) != "hello" {
		t.Errorf("read %q, %v", got, err)
	}
	if err := errors.Join(f.Sync(), d.SyncDir("c"), d.SyncDir(".")); err != nil {
		t.Error(err)
	}
	if next := f.NextData(0); next != 0 && (next <= 0 || next > 1<<20) {
		t.Errorf("NextData(0) = %d", next)
	}
	if next := f.NextData(1<<20 + 5); next != math.MaxInt64 && next != 1<<20+5 {
		t.Errorf("NextData at the end = %d", next)
	}
	f.Prefetch(0, 1<<20)
	for _, c := range []struct {
		off  int64
		n    int
		want int
		err  error
	}{{0, 1 << 20, 1 << 20, nil}, {12345, 1<<20 - 12345 + 5, 1<<20 - 12345 + 5, nil}, {1 << 20, 6, 5, io.EOF}, {2 << 20, 1, 0, io.EOF}, {0, 0, 0, nil}} {
		if n, err := f.Load(c.off, c.n); n != c.want || err != c.err {
			t.Errorf("Load(%d, %d) = %d, %v", c.off, c.n, n, err)
		}
	}
	if err := d.Rename("c/file", "moved"); err != nil {
		t.Fatal(err)
	}
	s, err := d.Stat("moved")
	if err != nil || s.Size != 1<<20+5 || s.ModTime == 0 {
		t.Errorf("Stat: %+v, %v", s, err)
	}
	if f.FD() < 0 {
		t.Error("no descriptor")
	}
}

func TestDirErrorsAreOneLineWithThePath(t *testing.T) {
	root := t.TempDir()
	touch(t, filepath.Join(root, "file"), "x")
	d := vfs.Dir(root)
	defer d.Close()
	f, err := d.Open("file", vfs.Read)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	check := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.HasPrefix(err.Error(), want) || bytes.ContainsRune([]byte(err.Error()), '\n') {
			t.Errorf("got %v, want %s...", err, want)
		}
	}
	_, err = f.WriteAt([]byte("y"), 0)
	check(err, "write "+root+"/file: ")
	check(f.Truncate(5), "truncate "+root+"/file: ")
	check(d.Rename("none", "other"), "rename "+root+"/none: ")
	check(d.Remove("none"), "remove "+root+"/none: ")
	check(d.MkdirAll("file/sub"), "mkdir "+root+"/file/sub: ")
	check(d.SyncDir("none"), "sync "+root+"/none: ")
	_, err = d.Stat("none")
	check(err, "stat "+root+"/none: ")
	d.Close()
	_, err = d.Open("file", vfs.Read)
	if !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Open after Close: %v", err)
	}
}
