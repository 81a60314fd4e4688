package e2e

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// only is the one file that a pattern names in a folder.
func (l *lab) only(dir, pattern string) string {
	l.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if l.must(err); len(names) != 1 {
		l.Fatalf("%s in %s: %q", pattern, dir, names)
	}
	return names[0]
}

// TestStateOfNoUse: whatever became of what is remembered of a torrent, the
// content is checked, told of as it is, and served if it is good. What was
// remembered is never believed of content that was changed.
func TestStateOfNoUse(t *testing.T) {
	l := parallel(t)
	tor := l.single(1<<20, 32<<10)
	other := l.make(recipe{name: "other", files: []file{{"other.bin", 1 << 20}}, pieceLength: 32 << 10})
	heap, data, one := l.heap(3)
	state, theirs := l.path("state"), l.path("theirs")
	check := func(what string, want int, args ...string) *process {
		l.Helper()
		seed := l.spate(append([]string{"seed", "--no-trackers", "--state", state}, args...)...)
		seed.await(what, func(event) bool { return seed.count("checked") == want })
		for _, e := range seed.all() {
			if e.Event == "checked" && e.Have != e.Pieces {
				l.Errorf("%s: %d of %d pieces were found", what, e.Have, e.Pieces)
			}
		}
		if seed.stop(); strings.Count(seed.said(), "\n") > 1 {
			l.Errorf("%s: said %q", what, seed.said())
		}
		return seed
	}
	single := []string{tor.path, "-d", tor.dir}
	many := []string{heap, "-d", data}
	check("first", 1, single...)
	check("first of many", 3, many...)
	l.spate("seed", other.path, "-d", other.dir, "--no-trackers", "--state", theirs).ready()
	l.until("the other's state", func() error { _, err := os.Stat(theirs); return err })

	resume, journal := l.only(state, "*.resume"), l.only(state, "*.rows")
	good, rows := l.read(resume), l.read(journal)
	for _, c := range []struct {
		what string
		b    []byte
		said string // what is to be told, nothing when empty
	}{
		{"as it was", good, ""},
		{"empty", nil, "not a resume state"},
		{"torn", good[:len(good)/2], "not a resume state"},
		{"flipped", flip(good, len(good)/2), "wrong checksum"},
		{"of the future", flip(good, 11), "version"},
		{"foreign", bytes.Repeat([]byte("\x00zeros\n"), 1000), "not a resume state"},
	} {
		l.must(os.WriteFile(resume, c.b, 0o600))
		if said := check(c.what, 1, single...).said(); !strings.Contains(said, c.said) || (said != "") != (c.said != "") {
			l.Errorf("%s: said %q, want %q", c.what, said, c.said)
		}
	}
	for _, c := range []struct {
		what string
		b    []byte
	}{
		{"torn", rows[:len(rows)-7]}, {"torn in the middle", rows[:len(rows)/2]}, {"flipped", flip(rows, len(rows)/2)},
		{"of the future", flip(rows, 11)}, {"foreign", []byte("something else altogether")},
	} {
		l.must(os.WriteFile(journal, c.b, 0o600))
		check("journal "+c.what, 3, many...)
	}

	// What was good by the state, and is not any more.
	check("before", 1, single...)
	l.spoil(tor.dir, tor)
	l.incomplete(tor, tor.dir, state)
	l.spoil(data, one)
	seed := l.spate(append([]string{"seed", "--no-trackers", "--state", state}, many...)...)
	seed.await("the damaged one", func(e event) bool { return e.Event == "error" && strings.Contains(e.Message, "not complete") })
	seed.stop()
}

// read is a file's content.
func (l *lab) read(name string) []byte {
	l.Helper()
	b, err := os.ReadFile(name)
	l.must(err)
	return b
}

// flip is b with a bit of a byte flipped.
func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 2
	return b
}

// TestStateFolderFull: a download whose state cannot be saved is told of in a
// line, and complete all the same.
func TestStateFolderFull(t *testing.T) {
	l := parallel(t)
	state := l.tmpfs("state", "64k")
	tor := l.single(2<<20, 32<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	fill := filepath.Join(state, "fill")
	if err := os.WriteFile(fill, make([]byte, 1<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		l.Fatal(err)
	}
	args := []string{"get", tor.path, "-d", l.path("got"), "--no-trackers", "--state", state, "--peer", seed.ready()}
	said := l.run(0, args...).said()
	tor.same(l.path("got"))
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, state) || !strings.Contains(said, "no space left") {
		l.Errorf("said %q, want one line with the path of the state", said)
	}
	// With room again, all of it is found.
	l.must(os.Remove(fill))
	again := l.run(0, args...)
	if e := again.on("checked"); e.Have != e.Pieces || again.said() != "" {
		l.Errorf("%d of %d pieces were found; said %q", e.Have, e.Pieces, again.said())
	}
}

// TestStateFolderReadOnly: where no state can be kept, nothing begins.
func TestStateFolderReadOnly(t *testing.T) {
	l := parallel(t)
	tor := l.single(100_000, 32<<10)
	state := l.folder("state")
	l.must(os.Chmod(state, 0o555))
	said := l.as(nobody, "seed", tor.path, "-d", tor.dir, "--no-trackers", "--state", state).exits(1)
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, state) || !strings.Contains(said, "permission denied") {
		l.Errorf("said %q, want one line with the path of the state", said)
	}
}

// TestReadOnlyDisk: a download into a file system that became read only ends
// with the path and the reason, and goes on once that was changed.
func TestReadOnlyDisk(t *testing.T) {
	l := parallel(t)
	data := l.tmpfs("data", "16m")
	tor := l.single(4<<20, 32<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	args := []string{"get", tor.path, "-d", data, "--no-trackers", "--state", l.path("state"), "--peer", seed.ready()}
	get := l.spate(append(args, "--down-limit", "2MiB")...)
	get.got(1 << 20)
	get.stop()
	kept := tor.partial(data)
	l.must(syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=16m"))
	said := l.run(1, args...).said()
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, filepath.Join(data, "content.bin")) || !strings.Contains(said, "read-only file system") {
		l.Errorf("said %q, want one line with the path and the reason", said)
	}
	if now := tor.partial(data); now != kept {
		l.Errorf("%d bytes are there, of %d", now, kept)
	}
	l.must(syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_REMOUNT, "size=16m"))
	again := l.run(0, args...)
	tor.same(data)
	if have := int64(again.on("checked").Have) * tor.meta.Info.PieceLength; have != kept {
		l.Errorf("it went on from %d bytes, of %d", have, kept)
	}
}

// TestContentReplaced: what is put in the place of content that is open is not
// served, nor is what is left where the folder went; each ends its torrent in a
// line, and no other.
func TestContentReplaced(t *testing.T) {
	l := parallel(t)
	var all []*torrent
	for _, name := range []string{"replaced", "moved", "kept"} {
		all = append(all, l.make(recipe{name: name, files: []file{{name + ".bin", 2 << 20}}, pieceLength: 64 << 10}))
	}
	replaced, moved, kept := all[0], all[1], all[2]
	var args []string
	var seeds []*process
	var watchers []*watcher
	for _, tor := range all {
		args = []string{"seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", "4MiB"}
		seed := l.spate(args...)
		watchers = append(watchers, l.watch(tor, seed.ready()))
		seeds = append(seeds, seed)
	}
	for _, w := range watchers {
		l.until("blocks are served", func() error {
			if w.served.Load() == 0 {
				return errors.New("none")
			}
			return nil
		})
	}
	name := filepath.Join(replaced.dir, "replaced.bin")
	l.must(os.WriteFile(name+".new", make([]byte, 2<<20), 0o644), os.Rename(name+".new", name), os.Rename(moved.dir, moved.dir+".elsewhere"))
	for i, tor := range all[:2] {
		said := seeds[i].exits(1)
		if strings.Count(said, "\n") != 1 || !strings.Contains(said, tor.dir) {
			l.Errorf("said %q, want one line with the path", said)
		}
		<-watchers[i].ended
		l.Logf("%d blocks were served, all right; %s", watchers[i].served.Load(), said)
	}
	seeds[2].alive()
	before := watchers[2].served.Load()
	l.until("the other one is served", func() error {
		if watchers[2].served.Load() <= before {
			return errors.New("no more blocks")
		}
		return nil
	})
	if said := seeds[2].said(); said != "" {
		l.Errorf("the seed of %s said %q", kept.meta.Info.Name, said)
	}
	l.incomplete(replaced, replaced.dir, l.path("new"))
}
