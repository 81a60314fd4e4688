package e2e

import (
	"crypto/sha1"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spate/proto/bencode"
	"spate/proto/metainfo"
)

// evilNames are paths of files, each of which would do harm as it is.
var evilNames = [][]string{
	{"..", "outside", "cd1", "one.flac"},
	{"..", "..", "outside", "new"},
	{"../../outside/new"},
	{`..\..\outside\new`},
	{"/etc/spate-was-here"},
	{"", "", "tmp", "spate-was-here"},
	{"C:\\spate-was-here"},
	{"."},
	{""},
	{"a"}, {"a", "b"}, {"A", "b"}, {"a."}, // a file, and folders of that name
	{"Read me.txt"}, {"READ ME.TXT"}, {"read me.txt"},
	{"\u00e4.txt"}, {"a\u0308.txt"},
	{"con"}, {"AUX.h"}, {"x", "nul", "com1.txt"},
	{"\x1b[2J\r\n\x00.txt"}, {"\u202egpj.exe"}, {"\xff\xfe"},
	{strings.Repeat("x", 400) + ".flac"}, {strings.Repeat("x", 401) + ".flac"},
	{strings.Repeat("\u00e4", 400)},
	strings.Split(strings.Repeat(strings.Repeat("d", 250)+"/", 18)+"f", "/"),
}

// evil makes a torrent of evilNames, and lays out its content as they are to be
// read.
func (l *lab) evil(name string) *torrent {
	l.Helper()
	const size = 3000
	t := &torrent{lab: l, path: l.path("evil.torrent"), dir: l.folder("evil"), data: make([]byte, size*len(evilNames))}
	_, _ = rand.NewChaCha8([32]byte{}).Read(t.data)
	var files []map[string]any
	for _, path := range evilNames {
		files = append(files, map[string]any{"length": size, "path": path})
	}
	var hashes []byte
	for piece := range t.pieces(metainfo.BlockSize) {
		sum := sha1.Sum(piece)
		hashes = append(hashes, sum[:]...)
	}
	raw, err := bencode.Marshal(map[string]any{"info": map[string]any{
		"name": name, "piece length": metainfo.BlockSize, "pieces": string(hashes), "files": files,
	}})
	l.must(err, os.WriteFile(t.path, raw, 0o644))
	t.meta, err = metainfo.Parse(raw)
	l.must(err)
	for i, f := range t.meta.Info.Files {
		path := filepath.Join(append([]string{t.dir}, f.Path...)...)
		l.must(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, t.data[i*size:(i+1)*size], 0o644))
	}
	return t
}

// TestHostileNames: whatever the names of a torrent and its files, all of them
// are made below the data folder, each its own, and nothing beside it changes.
func TestHostileNames(t *testing.T) {
	l := parallel(t)
	for _, name := range []string{"../outside", "/", "..", "NUL", strings.Repeat("n", 300)} {
		tor := l.evil(name)
		seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
		data, _, kept := l.guarded("names")
		above := l.entries(l.path("names"))
		l.run(0, "get", tor.path, "-d", data, "--no-trackers", "--peer", seed.ready())
		tor.same(data)
		kept()
		if now := l.entries(l.path("names")); now != above {
			l.Errorf("%q: beside the data folder is %s, want %s", name, now, above)
		}
		if now := l.entries(data); now != tor.meta.Info.Name {
			l.Errorf("%q: in the data folder is %s, want %s", name, now, tor.meta.Info.Name)
		}
		l.run(0, "check", tor.path, "-d", data)
		// What was made by the rules can be shared as it is.
		l.run(0, "create", filepath.Join(data, tor.meta.Info.Name), "-o", l.path("again.torrent"))
		l.run(0, "check", l.path("again.torrent"), "-d", data)
		seed.stop()
		l.must(os.RemoveAll(l.path("names")), os.RemoveAll(tor.dir), os.Remove(l.path("again.torrent")))
	}
}

// entries are the names in a folder.
func (l *lab) entries(folder string) string {
	l.Helper()
	entries, err := os.ReadDir(folder)
	l.must(err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestCreateRefusesNames: create makes no torrent whose files spate would look
// for elsewhere, and names the file.
func TestCreateRefusesNames(t *testing.T) {
	l := parallel(t)
	check := func(want string, names ...string) {
		t.Helper()
		folder := l.folder("named")
		for _, name := range names {
			path := filepath.Join(folder, name)
			l.must(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("x"), 0o644))
		}
		said := l.run(1, "create", folder, "-o", l.path("named.torrent")).said()
		if strings.Count(said, "\n") != 1 || !strings.Contains(said, want) {
			t.Errorf("%q: said %q, want one line with %s", names, said, want)
		}
		if _, err := os.Stat(l.path("named.torrent")); err == nil {
			t.Errorf("%q: a torrent was made", names)
		}
		l.must(os.RemoveAll(folder))
	}
	check(`"named/sub/aux.c"`, "fine", "sub/aux.c")
	check(`"named/readme"`, "README", "readme")
	check(`"named/a\x1b"`, "a\x1b")
	check(`"named/\xff"`, "\xff")
	check(`"named/a\u202eb"`, "a\u202eb")
	check("\"named/\u00e4\"", "a\u0308", "\u00e4")
	check(`"named/a\\b"`, `a\b`)
}
