package resume_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// state is a state that tells its generation by what was uploaded.
func state(generation int64) *resume.State {
	return &resume.State{
		InfoHash: metainfo.Hash{7}, Folder: "/data", Have: bitfield.New(40000),
		Files: make([]vfs.Stamp, 600), Uploaded: generation,
	}
}

func TestSaveAndLoad(t *testing.T) {
	root := filepath.Join(t.TempDir(), "state")
	d := resume.NewDir(vfs.Dir(root))
	s := state(1)
	if _, err := d.Load(s.InfoHash, s.Folder); err != resume.ErrNone {
		t.Errorf("Load of nothing: %v", err)
	}
	for n := range int64(3) {
		if err := d.Save(state(n)); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Load(s.InfoHash, s.Folder); err != nil || got.Uploaded != n {
			t.Fatalf("Load: %+v, %v", got, err)
		}
	}
	if _, err := d.Load(s.InfoHash, "/other"); err != resume.ErrNone {
		t.Errorf("Load of another folder: %v", err)
	}
	// What an interrupted Save of more left behind does no harm.
	entries, _ := os.ReadDir(root)
	if len(entries) != 1 {
		t.Fatalf("left behind: %v", entries)
	}
	stale := filepath.Join(root, entries[0].Name()+".new")
	if err := os.WriteFile(stale, make([]byte, 1<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(s); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Load(s.InfoHash, s.Folder); err != nil || got.Uploaded != 1 {
		t.Fatalf("Load: %+v, %v", got, err)
	}
	entries, _ = os.ReadDir(root)
	if len(entries) != 1 || !strings.HasSuffix(entries[0].Name(), ".resume") {
		t.Fatalf("left behind: %v", entries)
	}
	path := filepath.Join(root, entries[0].Name())
	if err := os.WriteFile(path, []byte("SPATERES and then nonsense"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := d.Load(s.InfoHash, s.Folder)
	if !errors.Is(err, resume.ErrFormat) || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("Load of nonsense: %v", err)
	}
	// A state under another's name is not believed.
	other := state(1)
	other.Folder = "/other"
	b, _ := other.AppendTo(nil)
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Load(s.InfoHash, s.Folder); !errors.Is(err, resume.ErrFormat) {
		t.Errorf("Load of another's state: %v", err)
	}
	if err := errors.Join(d.Remove(s.InfoHash, s.Folder), d.Remove(s.InfoHash, s.Folder)); err != nil {
		t.Error(err)
	}
	if _, err := d.Load(s.InfoHash, s.Folder); err != resume.ErrNone {
		t.Errorf("Load after Remove: %v", err)
	}
}

// TestPowerCut cuts the power at every operation of a Save: what is found
// afterwards is the old state or the new one, and the new one once Save
// returned.
func TestPowerCut(t *testing.T) {
	old, next := state(1), state(2)
	for cut := 0; ; cut++ {
		m := memfs.New("/state")
		d := resume.NewDir(m)
		if err := d.Save(old); err != nil {
			t.Fatal(err)
		}
		ops := 0
		dead := errors.New("no power")
		m.SetFault(func(memfs.Op) error {
			if ops++; ops > cut {
				return dead
			}
			return nil
		})
		saved := d.Save(next)
		for seed := range uint64(50) {
			after := m.Crash(rand.New(rand.NewPCG(seed, uint64(cut))))
			got, err := resume.NewDir(after).Load(old.InfoHash, old.Folder)
			if err != nil {
				t.Fatalf("cut %d, seed %d: %v", cut, seed, err)
			}
			if saved == nil && got.Uploaded != 2 {
				t.Fatalf("cut %d, seed %d: saved, yet lost", cut, seed)
			}
			if err := resume.NewDir(after).Save(state(3)); err != nil {
				t.Fatalf("cut %d, seed %d: the next Save: %v", cut, seed, err)
			}
			if got, err := resume.NewDir(after).Load(old.InfoHash, old.Folder); err != nil || got.Uploaded != 3 {
				t.Fatalf("cut %d, seed %d: the next Load: %+v, %v", cut, seed, got, err)
			}
		}
		if saved == nil {
			if cut < 5 {
				t.Errorf("Save took %d operations only", cut)
			}
			return
		}
	}
}

func TestCanonical(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(top, "real/sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(top)
	check := func(in, want string) {
		t.Helper()
		if got, err := resume.Canonical(in); err != nil || got != filepath.Join(top, want) {
			t.Errorf("Canonical(%q) = %q, %v; want .../%s", in, got, err, want)
		}
	}
	check("real", "real")
	check("link", "real")
	check("link/sub/", "real/sub")
	check("link/new/deep", "real/new/deep")
	check("real/../link/./x", "real/x")
	check(filepath.Join(top, "link"), "real")
	check(".", "")
}
