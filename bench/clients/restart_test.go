package clients

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestNewTorrents(t *testing.T) {
	task := Task{Torrents: []string{"/a.torrent", "/b.torrent"}}
	kept := filepath.Join(t.TempDir(), "kept")
	check := func(want []string) {
		t.Helper()
		if got := newTorrents(task, kept); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	write := func(name string) {
		t.Helper()
		if err := os.MkdirAll(kept, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(kept, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check(task.Torrents) // the folder is not there
	write("state")
	check(task.Torrents)
	write("0123.torrent")
	check(nil)
}

func TestAria2Check(t *testing.T) {
	const checked, unchecked = "--check-integrity=true", "--bt-seed-unverified=true"
	check := func(scratch string, role Role, want string) {
		t.Helper()
		if got, err := aria2Check(Task{Scratch: scratch, Role: role}); got != want || err != nil {
			t.Errorf("role %d: got %s, %v; want %s", role, got, err, want)
		}
	}
	seeder, leecher := t.TempDir(), t.TempDir()
	check(seeder, Seed, checked)
	check(seeder, Seed, unchecked)
	check(seeder, Seed, unchecked)
	check(leecher, Get, checked)
	check(leecher, Get, checked) // what is there may not be all
	if _, err := aria2Check(Task{Scratch: filepath.Join(seeder, "missing")}); err == nil {
		t.Error("no error for a scratch folder that is not there")
	}
}

func TestBuilt(t *testing.T) {
	top := t.TempDir()
	below := filepath.Join(top, "bench", "interop")
	programs := filepath.Join(top, builtIn)
	for _, dir := range []string{below, filepath.Join(programs, "folder")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(programs, "there")
	if err := os.WriteFile(program, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	check := func(dir, name string, found bool) {
		t.Helper()
		t.Chdir(dir)
		path, err := built(name)
		if found != (err == nil) || found && path != program {
			t.Errorf("%s in %s: got %q, %v", name, dir, path, err)
		}
	}
	check(top, "there", true)
	check(below, "there", true)
	check(below, "missing", false)
	check(below, "folder", false)
}
