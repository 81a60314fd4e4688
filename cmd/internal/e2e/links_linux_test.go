package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// guarded is a folder for data beside one that must stay as it is.
func (l *lab) guarded(what string) (data, outside string, kept func()) {
	l.Helper()
	data, outside = l.folder(what+"/data"), l.folder(what+"/outside")
	victim := filepath.Join(outside, "cd1", "one.flac")
	l.must(os.MkdirAll(filepath.Dir(victim), 0o755), os.WriteFile(victim, []byte("canary"), 0o644))
	before := l.tree(outside)
	return data, outside, func() {
		l.Helper()
		if after := l.tree(outside); after != before {
			l.Errorf("%s: what lies outside changed from\n%s to\n%s", what, before, after)
		}
	}
}

// tree is every name below a folder, with what the files hold.
func (l *lab) tree(folder string) string {
	l.Helper()
	var b strings.Builder
	l.must(filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		b.WriteString(path + "\n")
		if err == nil && info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			b.WriteString(string(content) + "\n")
			return err
		}
		return err
	}))
	return b.String()
}

// TestLinkOutside: content is read through links wherever they lead, and nothing
// is written through one that leads out of the data folder: that ends the torrent
// by one line with the path.
func TestLinkOutside(t *testing.T) {
	l := parallel(t)
	tor := l.album()
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	addr := seed.ready()
	check := func(what string, path string, prepare func(data, outside string) error) {
		l.Helper()
		data, outside, kept := l.guarded(what)
		l.must(prepare(data, outside))
		said := l.run(1, "get", tor.path, "-d", data, "--no-trackers", "--peer", addr).said()
		l.Logf("%s: %s", what, said)
		if strings.Count(said, "\n") != 1 || !strings.Contains(said, filepath.Join(data, path)) {
			l.Errorf("%s: said %q, want one line with %s", what, said, path)
		}
		kept()
	}
	one := "album/cd1/one.flac"
	check("folder", "album", func(data, outside string) error { return os.Symlink(outside, filepath.Join(data, "album")) })
	check("relative", "album", func(data, _ string) error { return os.Symlink("../outside", filepath.Join(data, "album")) })
	check("file", one, func(data, outside string) error {
		return errors.Join(os.MkdirAll(filepath.Join(data, "album/cd1"), 0o755),
			os.Symlink(filepath.Join(outside, "cd1/one.flac"), filepath.Join(data, one)))
	})
	check("dangling", one, func(data, outside string) error {
		return errors.Join(os.MkdirAll(filepath.Join(data, "album/cd1"), 0o755),
			os.Symlink(filepath.Join(outside, "new"), filepath.Join(data, one)))
	})
	check("device", one, func(data, _ string) error {
		return errors.Join(os.MkdirAll(filepath.Join(data, "album/cd1"), 0o755), os.Symlink("/dev/null", filepath.Join(data, one)))
	})
	check("fifo", one, func(data, _ string) error {
		return errors.Join(os.MkdirAll(filepath.Join(data, "album/cd1"), 0o755), syscall.Mkfifo(filepath.Join(data, one), 0o666))
	})
	check("folder for file", one, func(data, _ string) error { return os.MkdirAll(filepath.Join(data, one), 0o755) })

	// What the user linked is checked, and served from where it is.
	linked := l.folder("linked")
	l.must(os.MkdirAll(filepath.Join(linked, "album"), 0o755))
	for _, name := range []string{"cd1", "cd2", "cover.jpg", "empty.txt"} {
		l.must(os.Symlink(filepath.Join(tor.dir, "album", name), filepath.Join(linked, "album", name)))
	}
	l.run(0, "check", tor.path, "-d", linked)
	second := l.spate("seed", tor.path, "-d", linked, "--no-trackers")
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", second.ready())
	tor.same(l.path("got"))
}

// TestLinkRace: a folder that becomes a link, and a folder again, while files
// are made in it leads no byte outside.
func TestLinkRace(t *testing.T) {
	l := parallel(t)
	r := recipe{name: "race", pieceLength: 16 << 10}
	for i := range 300 {
		r.files = append(r.files, file{"race/cd1/" + strings.Repeat("x", i+1-i/200*200) + string(rune('a'+i/200)), 8 << 10})
	}
	tor := l.make(r)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	data, outside, kept := l.guarded("swap")
	at, spare := filepath.Join(data, "race/cd1"), filepath.Join(data, "spare")
	exchange := func() error {
		return unix.Renameat2(unix.AT_FDCWD, at, unix.AT_FDCWD, spare, unix.RENAME_EXCHANGE)
	}
	l.must(os.MkdirAll(at, 0o755), os.Symlink(filepath.Join(outside, "cd1"), spare))
	if err := exchange(); err != nil {
		l.Skipf("exchanging names: %v", err)
	}
	l.must(exchange())
	addr := seed.ready()
	// Each get ends by the link, or is through before it sees it.
	refused := 0
	for range 4 {
		get := l.spate("get", tor.path, "-d", data, "--no-trackers", "--peer", addr)
		for !get.over() {
			l.must(exchange(), exchange())
		}
		code, said := get.wait(), get.said()
		switch {
		case code == 1 && strings.Count(said, "\n") == 1 && strings.Contains(said, at):
			refused++
		case code != 0:
			l.Errorf("exit code %d: %s", code, said)
		}
	}
	l.Logf("%d of 4 downloads met the link", refused)
	kept()
	l.run(0, "get", tor.path, "-d", data, "--no-trackers", "--peer", addr)
	tor.same(data)
}
