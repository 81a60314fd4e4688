package resume_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
)

// stateFile is the name and the bytes of the only state in a folder.
func stateFile(t *testing.T, m *memfs.FS) (name string, b []byte) {
	t.Helper()
	names := m.Names()
	if len(names) != 1 {
		t.Fatalf("files %q", names)
	}
	return names[0], m.Bytes(names[0])
}

// put makes a file of a folder hold b.
func put(t *testing.T, m *memfs.FS, name string, b []byte) {
	t.Helper()
	f, err := m.Open(name, vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(b, 0)
	if err := errors.Join(err, f.Truncate(int64(len(b))), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestTornAndFlipped: a state that was cut at any byte, or has any bit flipped,
// or has more behind it, is refused; the next Save replaces it.
func TestTornAndFlipped(t *testing.T) {
	m := memfs.New("/state")
	d := resume.NewDir(m)
	s := state(1)
	s.Have, s.Files = bitfield.New(100), s.Files[:3]
	if err := d.Save(s); err != nil {
		t.Fatal(err)
	}
	name, good := stateFile(t, m)
	refused := func(what string, at int, b []byte) {
		t.Helper()
		put(t, m, name, b)
		if got, err := d.Load(s.InfoHash, s.Folder); !errors.Is(err, resume.ErrFormat) {
			t.Fatalf("%s at %d: %+v, %v", what, at, got, err)
		}
	}
	for at := range good {
		refused("cut", at, good[:at])
		for bit := range 8 {
			b := bytes.Clone(good)
			b[at] ^= 1 << bit
			refused("flipped", at, b)
		}
	}
	refused("longer", len(good), append(bytes.Clone(good), 0))
	refused("twice", len(good), append(bytes.Clone(good), good...))
	if err := d.Save(state(2)); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Load(s.InfoHash, s.Folder); err != nil || got.Uploaded != 2 {
		t.Errorf("after the next Save: %+v, %v", got, err)
	}
}

// TestStaleState: whatever was done to files since their state was saved, none
// of their pieces is believed; those of other files are.
func TestStaleState(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	meta, data := torrent(t, rng)
	deeds := map[string]func(f vfs.File) error{
		"overwritten": func(f vfs.File) error { _, err := f.WriteAt([]byte("other"), 0); return err },
		"cut":         func(f vfs.File) error { return f.Truncate(100) },
		"emptied":     func(f vfs.File) error { return f.Truncate(0) },
		"longer":      func(f vfs.File) error { return f.Truncate(200_000) },
		"removed":     nil,
	}
	for what, deed := range deeds {
		content, state := memfs.New("/data"), memfs.New("/state")
		s, _ := begin(t, meta, content, state)
		for i := range pieceCount {
			s.put(i, data)
		}
		s.save(func() {})
		s.kill()
		_, believed := begin(t, meta, content, state)
		if !believed.All() {
			t.Fatalf("%s: before it, %d pieces are believed", what, believed.Count())
		}
		if deed == nil {
			if err := content.Remove("t/a"); err != nil {
				t.Fatal(err)
			}
		} else {
			f, err := content.Open("t/a", vfs.Write)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(deed(f), f.Close()); err != nil {
				t.Fatal(err)
			}
		}
		_, believed = begin(t, meta, content, state)
		for i := range pieceCount {
			if in := i < 18; believed.Has(i) == in { // 90,000 bytes of 5,000
				t.Errorf("%s: piece %d is believed: %v", what, i, !in)
			}
		}
	}
}

// TestOthersState: the state of another torrent, or of the same one in another
// folder, is not believed under this one's name, nor is one of other files.
func TestOthersState(t *testing.T) {
	m := memfs.New("/state")
	d := resume.NewDir(m)
	mine := state(1)
	if err := d.Save(mine); err != nil {
		t.Fatal(err)
	}
	name, _ := stateFile(t, m)
	check := func(what string, change func(s *resume.State)) {
		t.Helper()
		s := state(9)
		change(s)
		b, err := s.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		put(t, m, name, b)
		if got, err := d.Load(mine.InfoHash, mine.Folder); !errors.Is(err, resume.ErrFormat) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	check("another torrent", func(s *resume.State) { s.InfoHash[0]++ })
	check("another folder", func(s *resume.State) { s.Folder += "2" })

	// One that has this torrent's name on it, and other pieces or files.
	rng := rand.New(rand.NewPCG(1, 8))
	meta, _ := torrent(t, rng)
	content := memfs.New("/data")
	run, _ := begin(t, meta, content, memfs.New("/state"))
	stamps, err := run.store.Stamps()
	if err != nil {
		t.Fatal(err)
	}
	for _, counts := range [][2]int{{pieceCount - 1, len(stamps)}, {pieceCount + 1, len(stamps)}, {pieceCount, len(stamps) - 1}, {0, 0}} {
		s := &resume.State{Have: bitfield.New(counts[0]), Files: make([]vfs.Stamp, counts[1])}
		s.Have.SetAll()
		if have, recheck := s.Trust(run.store.Layout(), stamps); !have.None() || !recheck.All() {
			t.Errorf("%v: %d pieces are believed", counts, have.Count())
		}
	}
	// And one that says that there is content in files that are not there.
	s := &resume.State{Have: bitfield.New(pieceCount), Files: stamps}
	s.Have.SetAll()
	if have, recheck := s.Trust(run.store.Layout(), stamps); !have.None() || !recheck.All() {
		t.Errorf("%d pieces of absent files are believed", have.Count())
	}
}
