package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/disk"
	"spate/disk/vfs"
)

// later moves a file's time on, as a write does.
func later(path string) error {
	at := time.Now().Add(time.Hour)
	return os.Chtimes(path, at, at)
}

// replace gives a file's name to another one that looks the same.
func replace(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+".new", make([]byte, info.Size()), 0o644),
		os.Chtimes(path+".new", info.ModTime(), info.ModTime()), os.Rename(path+".new", path))
}

// overwrite changes a byte in place.
func overwrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("X"), 100)
	return errors.Join(err, f.Close(), later(path))
}

// deeds are what others may do to content, and what is to be found of it.
var deeds = []struct {
	name string
	do   func(path string) error
	want error
}{
	{"touched", later, disk.ErrChanged},
	{"overwritten", overwrite, disk.ErrChanged},
	{"replaced", replace, disk.ErrChanged},
	{"cut", func(path string) error { return errors.Join(os.Truncate(path, 10), later(path)) }, disk.ErrShort},
	{"removed", os.Remove, disk.ErrRemoved},
	{"in the way", func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o755)) }, vfs.ErrNotRegular},
	{"folder moved", func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") }, disk.ErrRemoved},
	{"data folder gone", func(path string) error { return os.RemoveAll(filepath.Dir(filepath.Dir(path))) }, fs.ErrNotExist},
	{"data folder replaced", func(path string) error {
		data := filepath.Dir(filepath.Dir(path))
		return errors.Join(os.Rename(data, data+".old"), os.MkdirAll(filepath.Dir(path), 0o755))
	}, vfs.ErrMoved},
}

// oneLine demands an error of a kind that is a line with a path.
func oneLine(t *testing.T, what string, err, want error, dir string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v, want a line that is %v with a path", what, err, want)
	}
}

// TestLookFindsOthersChanges: whatever others do to content that was found good
// shows, and nothing that the store does itself.
func TestLookFindsOthersChanges(t *testing.T) {
	for _, deed := range deeds {
		dir := filepath.Join(t.TempDir(), "data")
		c := makeContent(t, 16<<10, 100<<10, 40<<10)
		c.save(t, dir)
		s := open(t, start(t, disk.Config{Hashers: 1}), c, dir)
		if !checkAll(t, s).All() {
			t.Fatal("not complete")
		}
		for range 2 {
			if err := s.Look(); err != nil {
				t.Fatalf("%s: too early: %v", deed.name, err)
			}
		}
		if err := deed.do(filepath.Join(dir, c.name(0))); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			oneLine(t, deed.name, s.Look(), deed.want, dir)
		}
	}
}

// TestOpenRefusesOthersFiles: a file is opened to be read only while it is what
// was checked. What was open before is read on, as it was.
func TestOpenRefusesOthersFiles(t *testing.T) {
	for _, deed := range deeds[:6] {
		dir := filepath.Join(t.TempDir(), "data")
		c := makeContent(t, 16<<10, 100<<10, 40<<10)
		c.save(t, dir)
		// One descriptor: reading the second file closes the first.
		s := open(t, start(t, disk.Config{Hashers: 1, Files: 1}), c, dir)
		checkAll(t, s)
		if _, err := read(s, 8, 0, 100); err != nil {
			t.Fatal(err)
		}
		if err := deed.do(filepath.Join(dir, c.name(0))); err != nil {
			t.Fatal(err)
		}
		got, err := read(s, 0, 0, 200)
		if err == nil {
			t.Errorf("%s: %d bytes were read", deed.name, len(got))
		} else if !strings.Contains(err.Error(), filepath.Join(dir, c.name(0))) {
			t.Errorf("%s: %v", deed.name, err)
		}
		if _, err := read(s, 8, 0, 100); err != nil {
			t.Errorf("%s: the other file: %v", deed.name, err)
		}
	}
}

// TestDownloadFindsOthersChanges: so does a look at the files that a store
// writes to, whose stamps its own writes move.
func TestDownloadFindsOthersChanges(t *testing.T) {
	for _, deed := range deeds[2:] {
		dir := filepath.Join(t.TempDir(), "data")
		c := makeContent(t, 16<<10, 100<<10, 40<<10)
		s := open(t, start(t, disk.Config{Hashers: 1}), c, dir)
		putAll(s, c, 0, 1)
		if err := errors.Join(s.Look(), s.Sync()); err != nil {
			t.Fatalf("%s: too early: %v", deed.name, err)
		}
		putAll(s, c, 2)
		if err := deed.do(filepath.Join(dir, c.name(0))); err != nil {
			t.Fatal(err)
		}
		oneLine(t, deed.name, s.Look(), deed.want, dir)
		if err := s.Sync(); err == nil {
			t.Errorf("%s: Sync found nothing", deed.name)
		}
	}
}

// TestWriteIntoAnothersFile: what was written to before is not continued in a
// file that took its name.
func TestWriteIntoAnothersFile(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 16<<10, 100<<10, 40<<10)
	s := open(t, start(t, disk.Config{Hashers: 1, Files: 1}), c, dir)
	putAll(s, c, 0, 8) // the first file is closed for the second
	path := filepath.Join(dir, c.name(0))
	if err := replace(path); err != nil {
		t.Fatal(err)
	}
	r := putAll(s, c, 1)[0]
	if r.Status != disk.PutFailed {
		t.Fatalf("%+v", r)
	}
	oneLine(t, "put", r.Err, disk.ErrChanged, path)
	if got, err := os.ReadFile(path); err != nil || strings.Trim(string(got), "\x00") != "" {
		t.Errorf("it was written to (%v)", err)
	}
}

// TestRelearn: only what was changed is in doubt, and what is found good again
// can be read.
func TestRelearn(t *testing.T) {
	dir := t.TempDir()
	c := makeContent(t, 16<<10, 100<<10, 40<<10)
	c.save(t, dir)
	s := open(t, start(t, disk.Config{Hashers: 1}), c, dir)
	checkAll(t, s)
	if err := later(filepath.Join(dir, c.name(1))); err != nil {
		t.Fatal(err)
	}
	oneLine(t, "look", s.Look(), disk.ErrChanged, c.name(1))
	doubt, err := s.Relearn()
	if err != nil || doubt.Has(5) || !doubt.Has(6) || !doubt.Has(8) {
		t.Fatalf("%v, %v", doubt, err)
	}
	if got, err := s.Check(t.Context(), doubt, nil); err != nil || got.Count() != doubt.Count() {
		t.Errorf("%v of %v, %v", got.Count(), doubt.Count(), err)
	}
	if _, err := read(s, 8, 0, 100); err != nil {
		t.Error(err)
	}
	if err := s.Look(); err != nil {
		t.Error(err)
	}
}
