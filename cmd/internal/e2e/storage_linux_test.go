package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is the user that a test by root becomes to meet permissions.
const nobody = 65534

// TestReadOnlyContent: content that cannot be changed can be served.
func TestReadOnlyContent(t *testing.T) {
	l := parallel(t)
	tor := l.album()
	state := l.folder("state")
	l.must(os.Chmod(state, 0o777), filepath.Walk(tor.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, info.Mode()&^0o222)
	}))
	t.Cleanup(func() {
		_ = filepath.Walk(tor.dir, func(path string, info os.FileInfo, _ error) error { return os.Chmod(path, info.Mode()|0o200) })
	})
	args := []string{"seed", tor.path, "-d", tor.dir, "--no-trackers", "--state", state}
	seed := l.as(nobody, args...)
	l.run(0, "get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", seed.ready())
	tor.same(l.path("got"))
	if seed.stop(); seed.said() != "" {
		l.Errorf("seed said %q", seed.said())
	}
	// What was verified is remembered.
	again := l.as(nobody, args...)
	again.ready()
	again.stop()

	get := l.as(nobody, "get", tor.path, "-d", l.folder("sealed"), "--no-trackers", "--state", state)
	if os.Getuid() == 0 {
		l.Logf("get: %s", get.exits(1))
	}
}

// as starts a process as another user, when the test is root.
func (l *lab) as(user uint32, args ...string) *process {
	l.Helper()
	if os.Getuid() != 0 {
		return l.spate(args...)
	}
	l.must(os.Chmod(filepath.Dir(program), 0o755), os.Chmod(filepath.Dir(l.dir), 0o755))
	cmd := l.command(args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	return l.start(args[0], cmd)
}

// TestContentDisappears: what is taken from under a seed concerns the torrent
// it belongs to and no other.
func TestContentDisappears(t *testing.T) {
	l := parallel(t)
	var all []*torrent
	data := l.folder("data")
	for _, f := range []file{{"removed", 4 << 20}, {"cut", 16 << 20}, {"kept", 4 << 20}} {
		name := f.path + ".bin"
		tor := l.make(recipe{name: f.path, files: []file{{name, f.size}}, pieceLength: 64 << 10})
		l.must(os.Rename(filepath.Join(tor.dir, name), filepath.Join(data, name)))
		all = append(all, tor)
	}
	removed, cut, kept := all[0], all[1], all[2]
	// The first start leaves the files open; the second knows them by their
	// stamps alone.
	args := []string{"seed", removed.path, cut.path, kept.path, "-d", data, "--no-trackers", "--state", l.path("state"), "--up-limit", "6MiB"}
	first := l.spate(args...)
	first.await("all checked", func(event) bool { return first.count("checked") == len(all) })
	first.stop()
	seed := l.spate(args...)
	seed.await("all checked", func(event) bool { return seed.count("checked") == len(all) })
	addr := seed.addr().String()
	l.must(os.Remove(filepath.Join(data, "removed.bin")))
	get := func(tor *torrent) *process {
		return l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--peer", addr, "--timeout", "3s")
	}
	gone, whole := get(removed), get(kept)
	short := get(cut)
	short.await("some of it", func(e event) bool { return e.Event == "progress" && e.Downloaded > 0 })
	l.must(os.Truncate(filepath.Join(data, "cut.bin"), 100))
	whole.exits(0)
	kept.same(l.path("got"))
	gone.exits(3)
	short.exits(3)
	cut.partial(l.path("got"))
	seed.alive()
	for _, tor := range all {
		n := 0
		for _, e := range seed.all() {
			if e.Event == "error" && e.InfoHash == tor.meta.InfoHash.String() {
				n++
				l.Logf("error event: %s", e.Message)
			}
		}
		if want := map[bool]int{true: 0, false: 1}[tor == kept]; n != want {
			l.Errorf("%s: %d error events, want %d", tor.meta.Info.Name, n, want)
		}
	}
	l.Logf("stderr of the seed:\n%s", seed.said())
	seed.signal(syscall.SIGTERM)
	if seed.wait(); seed.count("stopped") != len(all) {
		l.Errorf("%d torrents said that they stopped", seed.count("stopped"))
	}
}

// TestDiskFull: a full disk lets a get wait, which says so in one line and asks
// for nothing meanwhile; a torrent on another disk goes on. Once there is room,
// it goes on by itself from where it was.
func TestDiskFull(t *testing.T) {
	l := parallel(t)
	small := l.tmpfs("small", "2m")
	tor := l.single(8<<20, 64<<10)
	seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers")
	other := l.make(recipe{name: "other", files: []file{{"other.bin", 1 << 20}}, pieceLength: 64 << 10})
	l.must(os.Mkdir(filepath.Join(small, "roomy"), 0o755), os.Symlink("roomy/other.bin", filepath.Join(small, "other.bin")))
	l.mount(filepath.Join(small, "roomy"), "8m")
	theirs := l.spate("seed", other.path, "-d", other.dir, "--no-trackers", "--up-limit", "512KiB")
	get := l.spate("get", tor.path, other.path, "-d", small, "--no-trackers", "--state", l.path("state"),
		"--down-limit", "8MiB", "--peer", seed.ready(), "--peer", theirs.ready())
	get.await("word of the full disk", func(e event) bool {
		return e.Event == "error" && strings.Contains(e.Message, "content.bin: no space left on device")
	})
	get.await("the other torrent", func(e event) bool { return e.Event == "complete" && e.InfoHash == other.meta.InfoHash.String() })
	other.same(small)
	kept := tor.partial(small)
	// Two seconds bring what was on its way, and no storm of what cannot be written.
	was, rounds := seed.last("progress").Uploaded, seed.count("progress")
	l.until("two more seconds", func() error {
		if n := seed.count("progress"); n < rounds+2 {
			return fmt.Errorf("%d rounds of progress", n-rounds)
		}
		return nil
	})
	if more := seed.last("progress").Uploaded - was; more > 1<<20 {
		l.Errorf("%d bytes were fetched for a disk that has no room", more)
	}
	get.alive()
	if said := get.said(); strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "spate: "+tor.path+": ") {
		l.Errorf("said %q, want one line that names the torrent and the cause", said)
	}
	l.must(syscall.Mount("tmpfs", small, "tmpfs", syscall.MS_REMOUNT, "size=32m"))
	get.exits(0)
	tor.same(small)
	again := seed.stop().Uploaded - tor.length()
	l.Logf("%d bytes were kept, %d fetched again; get said:\n%s", kept, again, get.said())
	if kept < 1<<20 || again > 2<<20 {
		l.Errorf("%d bytes were kept of what fitted, %d were fetched again", kept, again)
	}
}

// tmpfs mounts a small file system, or skips the test where that cannot be done.
func (l *lab) tmpfs(name, size string) string {
	l.Helper()
	dir := l.folder(name)
	l.mount(dir, size)
	return dir
}

func (l *lab) mount(dir, size string) {
	l.Helper()
	if os.Getuid() != 0 {
		l.Skip("mounting needs root")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		l.Skipf("mounting a small tmpfs: %v", err)
	}
	l.Cleanup(func() { l.must(syscall.Unmount(dir, syscall.MNT_DETACH)) })
}
