package disk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spate/disk"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// show writes a set as one character a piece.
func show(b *bitfield.Bits) string {
	s := make([]byte, b.Len())
	for i := range s {
		s[i] = '.'
		if b.Has(i) {
			s[i] = 'x'
		}
	}
	return string(s)
}

// statuses names each file's status.
func statuses(s *disk.Store, have *bitfield.Bits) string {
	var words []string
	for _, r := range s.Files(have) {
		words = append(words, fmt.Sprint(r.File, " ", r.Status))
	}
	return strings.Join(words, ", ")
}

func TestCheck(t *testing.T) {
	// Pieces of 10000: a 0-25000, b 25000-30005, empty, c 30005-52000, pad
	// 52000-60000, d 60000-75000.
	c := makeContent(t, 10000, 25000, 5005, 0, 21995, -8000, 15000)
	d := start(t, disk.Config{Hashers: 3})
	check := func(name string, harm func(path func(int) string) error, have, files string) {
		t.Helper()
		dir := t.TempDir()
		c.save(t, dir)
		path := func(file int) string { return filepath.Join(dir, c.name(file)) }
		if err := harm(path); err != nil {
			t.Fatal(err)
		}
		s := open(t, d, c, dir)
		got := checkAll(t, s)
		if show(got) != have {
			t.Errorf("%s: have %s, want %s", name, show(got), have)
		}
		if got := statuses(s, got); got != files {
			t.Errorf("%s:\n got %s\nwant %s", name, got, files)
		}
		if err := s.Sync(); err != nil {
			t.Errorf("%s: what was found cannot be synced: %v", name, err)
		}
	}
	flip := func(path string, off int64) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		var b [1]byte
		f.ReadAt(b[:], off)
		b[0] ^= 1
		_, err = f.WriteAt(b[:], off)
		return err
	}
	check("whole", func(func(int) string) error { return nil },
		"xxxxxxxx", "0 good, 1 good, 2 good, 3 good, 5 good")
	check("flipped in a", func(p func(int) string) error { return flip(p(0), 15000) },
		"x.xxxxxx", "0 damaged, 1 good, 2 good, 3 good, 5 good")
	check("flipped at a border", func(p func(int) string) error { return flip(p(1), 4999) },
		"xx.xxxxx", "0 damaged, 1 damaged, 2 good, 3 good, 5 good")
	check("b missing", func(p func(int) string) error { return os.Remove(p(1)) },
		"xx..xxxx", "0 unverified, 1 missing, 2 good, 3 unverified, 5 good")
	check("b short", func(p func(int) string) error { return os.Truncate(p(1), 5000) },
		"xxx.xxxx", "0 good, 1 short, 2 good, 3 unverified, 5 good")
	check("b longer", func(p func(int) string) error { return os.Truncate(p(1), 5006) },
		"xxxxxxxx", "0 good, 1 longer, 2 good, 3 good, 5 good")
	check("b short, a flipped", func(p func(int) string) error { return errors.Join(os.Truncate(p(1), 0), flip(p(0), 0)) },
		".x..xxxx", "0 damaged, 1 short, 2 good, 3 unverified, 5 good")
	check("empty missing", func(p func(int) string) error { return os.Remove(p(2)) },
		"xxxxxxxx", "0 good, 1 good, 2 missing, 3 good, 5 good")
	check("a folder in the way", func(p func(int) string) error {
		return errors.Join(os.Remove(p(5)), os.Mkdir(p(5), 0o777))
	}, "xxxxxx..", "0 good, 1 good, 2 good, 3 good, 5 unreadable")
	check("nothing", func(p func(int) string) error { return os.RemoveAll(filepath.Dir(p(0))) },
		"........", "0 missing, 1 missing, 2 missing, 3 missing, 5 missing")
}

func TestCheckSome(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 16<<10, 3<<20)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	putAll(s, c, c.all()...)
	which := bitfield.New(c.Info.NumPieces())
	for i := 5; i < which.Len(); i += 7 {
		which.Set(i)
		which.Set(i + 1)
	}
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "read" && !which.Has(int(op.Off/(16<<10))) {
			t.Errorf("a piece not asked for was read, at %d", op.Off)
		}
		return nil
	})
	var last int
	have, err := s.Check(context.Background(), which, func(done, good int) {
		if done <= last || done != good {
			t.Errorf("progress %d of which %d, after %d", done, good, last)
		}
		last = done
	})
	if err != nil || show(have) != show(which) || last != which.Count() {
		t.Errorf("have %s, %v; progress to %d", show(have), err, last)
	}
	if none, err := s.Check(context.Background(), bitfield.New(which.Len()), nil); err != nil || !none.None() {
		t.Errorf("check of nothing: %v", err)
	}
}

func TestCheckStops(t *testing.T) {
	m := memfs.New("/mem")
	c := makeContent(t, 64<<10, 32<<20)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	putAll(s, c, c.all()...)
	ctx, cancel := context.WithCancel(context.Background())
	have, err := s.Check(ctx, nil, func(int, int) { cancel() })
	if err != context.Canceled || have.None() || have.All() {
		t.Errorf("found %d of %d, %v", have.Count(), have.Len(), err)
	}
	s.Close()
	if _, err := s.Check(context.Background(), nil, nil); err != disk.ErrClosed {
		t.Errorf("Check of a closed store: %v", err)
	}
}

// TestCheckHoles: a sparse file is not read, and zeros that belong there count.
func TestCheckHoles(t *testing.T) {
	const size = 32 << 10
	m := memfs.New("/mem")
	data := make([]byte, 9*size+100) // zeros, but for piece 4
	copy(data[4*size:], bytes.Repeat([]byte("data"), size/4))
	c := buildContent(t, &metainfo.Builder{
		Name: "f", PieceLength: size, Files: []metainfo.File{{Path: []string{"f"}, Length: int64(len(data))}},
	}, data)
	s := open(t, start(t, inMemory(m)), c, "/mem")
	putAll(s, c, 4)
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "read" && (op.Off < 4*size || op.Off >= 5*size) {
			return syscall.EIO
		}
		return nil
	})
	if have := checkAll(t, s); !have.All() {
		t.Errorf("sparse file: have %s", show(have))
	}
	m.SetFault(nil)
	f, err := m.Open("f", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(8*size + 1); err != nil {
		t.Fatal(err)
	}
	if have := checkAll(t, s); show(have) != "xxxxxxxx.." {
		t.Errorf("cut sparse file: have %s", show(have))
	}
}

// TestCheckRealHoles is the same on the file system of the machine.
func TestCheckRealHoles(t *testing.T) {
	c := makeContent(t, 256<<10, 20<<20)
	dir := t.TempDir()
	s := open(t, start(t, disk.Config{Hashers: 2}), c, dir)
	putAll(s, c, 3, 70)
	if have := checkAll(t, s); have.Count() != 2 || !have.Has(3) || !have.Has(70) {
		t.Errorf("have %s", show(have))
	}
}

func benchmarkCheck(b *testing.B, hashers int) {
	const size = 512 << 20
	dir := b.TempDir()
	c := makeContent(b, 1<<20, size)
	c.save(b, dir)
	s := open(b, start(b, disk.Config{Hashers: hashers}), c, dir)
	b.SetBytes(size)
	for b.Loop() {
		if !checkAll(b, s).All() {
			b.Fatal("not complete")
		}
	}
}

func BenchmarkCheck1(b *testing.B) { benchmarkCheck(b, 1) }
func BenchmarkCheck4(b *testing.B) { benchmarkCheck(b, 4) }
