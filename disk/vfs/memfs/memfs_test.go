package memfs_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"

	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
)

// TestConformsToDir drives the folder in memory and a real one alike.
func TestConformsToDir(t *testing.T) {
	mem := memfs.New("/mem")
	real := vfs.Dir(filepath.Join(t.TempDir(), "real"))
	defer real.Close()
	if err := errors.Join(mem.MkdirAll("d"), real.MkdirAll("d")); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	open := func(mode vfs.Mode) (vfs.File, vfs.File) {
		a, errA := mem.Open("d/f", mode)
		b, errB := real.Open("d/f", mode)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("Open(%d): %v in memory, %v really", mode, errA, errB)
		}
		return a, b
	}
	if a, _ := open(vfs.Read); a != nil {
		t.Fatal("opened a file that is not there")
	}
	a, b := open(vfs.Create)
	defer b.Close()
	for step := range 400 {
		off := rng.Int64N(5 << 12)
		p := make([]byte, rng.IntN(3<<12))
		switch rng.IntN(4) {
		case 0:
			errA, errB := a.Truncate(off), b.Truncate(off)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
		case 1:
			for i := range p {
				p[i] = byte(rng.Uint32())
			}
			nA, errA := a.WriteAt(p, off)
			nB, errB := b.WriteAt(p, off)
			if nA != nB || errA != nil || errB != nil {
				t.Fatal(nA, nB, errA, errB)
			}
		default:
			q := bytes.Clone(p)
			nA, errA := a.ReadAt(p, off)
			nB, errB := b.ReadAt(q, off)
			if len(p) > 0 && (nA != nB || (errA == nil) != (errB == nil) || !bytes.Equal(p[:nA], q[:nB])) {
				t.Fatalf("step %d: ReadAt(%d, %d) differs: %d %v, %d %v", step, off, len(p), nA, errA, nB, errB)
			}
		}
		sA, _ := mem.Stat("d/f")
		sB, _ := real.Stat("d/f")
		if sA.Size != sB.Size {
			t.Fatalf("step %d: size %d, really %d", step, sA.Size, sB.Size)
		}
	}
	if err := errors.Join(mem.Rename("d/f", "g"), real.Rename("d/f", "g"), mem.Remove("g"), real.Remove("g")); err != nil {
		t.Error(err)
	}
	if _, err := mem.Stat("g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat after Remove: %v", err)
	}
}

func TestCrash(t *testing.T) {
	m := memfs.New("/mem")
	write := func(name string, b byte, off int64) vfs.File {
		t.Helper()
		f, err := m.Open(name, vfs.Create)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(bytes.Repeat([]byte{b}, 4096), off); err != nil {
			t.Fatal(err)
		}
		return f
	}
	safe := write("safe", 1, 0)
	if err := errors.Join(safe.Sync(), m.SyncDir(".")); err != nil {
		t.Fatal(err)
	}
	write("safe", 2, 4096)
	write("new", 3, 0)
	var grown, named int
	for seed := range uint64(64) {
		after := m.Crash(rand.New(rand.NewPCG(seed, 0)))
		got := after.Bytes("safe")
		if len(got) < 4096 || got[0] != 1 || got[4095] != 1 {
			t.Fatalf("seed %d: what was synced is gone", seed)
		}
		if len(got) == 8192 && got[4096] == 2 {
			grown++
		}
		if after.Bytes("new") != nil {
			named++
		}
	}
	if grown == 0 || grown == 64 || named == 0 || named == 64 {
		t.Errorf("of 64 cuts %d kept the page and %d the name: chance has no say", grown, named)
	}
}

// TestCrashTakesFolders: a file is as durable as the names of all folders above
// it, and each of them has to be synced.
func TestCrashTakesFolders(t *testing.T) {
	check := func(synced []string, safe bool) {
		t.Helper()
		lost := 0
		for seed := range uint64(64) {
			m := memfs.New("/mem")
			if err := m.MkdirAll("a/b"); err != nil {
				t.Fatal(err)
			}
			f, err := m.Open("a/b/file", vfs.Create)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteAt([]byte{1}, 0); err != nil {
				t.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				t.Fatal(err)
			}
			for _, dir := range synced {
				if err := m.SyncDir(dir); err != nil {
					t.Fatal(err)
				}
			}
			after := m.Crash(rand.New(rand.NewPCG(seed, 0)))
			if after.Bytes("a/b/file") == nil {
				lost++
			}
		}
		if safe != (lost == 0) || lost == 64 {
			t.Errorf("with %q synced the file is lost by %d of 64 power cuts", synced, lost)
		}
	}
	check(nil, false)
	check([]string{"a/b"}, false)
	check([]string{"a/b", "a"}, false)
	check([]string{"a", "."}, false)
	check([]string{"a/b", "a", "."}, true)
}

// TestCrashTearsPages: of a page that was not synced some sectors may survive.
func TestCrashTearsPages(t *testing.T) {
	m := memfs.New("/mem")
	f, err := m.Open("f", vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(b byte) {
		if _, err := f.WriteAt(bytes.Repeat([]byte{b}, 4096), 0); err != nil {
			t.Fatal(err)
		}
	}
	fill(1)
	if err := errors.Join(f.Sync(), m.SyncDir(".")); err != nil {
		t.Fatal(err)
	}
	fill(2)
	torn, ends := 0, [3]int{}
	for seed := range uint64(64) {
		got := m.Crash(rand.New(rand.NewPCG(seed, 0))).Bytes("f")
		for at := 0; at < len(got); at += 512 {
			if bytes.Count(got[at:at+512], got[at:at+1]) != 512 {
				t.Fatal("a sector is torn")
			}
		}
		if n := bytes.Count(got, []byte{1}); n > 0 && n < len(got) {
			torn++
		} else {
			ends[got[0]]++
		}
	}
	if torn == 0 || ends[1] == 0 || ends[2] == 0 {
		t.Errorf("of 64 pages %d are torn, %d old and %d new: chance has no say", torn, ends[1], ends[2])
	}
}

func TestFaults(t *testing.T) {
	m := memfs.New("/mem")
	f, err := m.Open("f", vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	m.SetSpace(2 * 4096)
	n, err := f.WriteAt(make([]byte, 3*4096), 0)
	if n != 2*4096 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("WriteAt: %d, %v; want a short write and ENOSPC", n, err)
	}
	if want := "write /mem/f: no space left on device"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	m.SetFault(func(op memfs.Op) error {
		if op.Kind == "read" {
			return syscall.EIO
		}
		return nil
	})
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, syscall.EIO) {
		t.Errorf("ReadAt: %v, want EIO", err)
	}
	if err := f.Close(); err != nil || m.Descriptors() != 0 {
		t.Errorf("Close: %v, %d open", err, m.Descriptors())
	}
	if err := f.Sync(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Sync after Close: %v", err)
	}
}
