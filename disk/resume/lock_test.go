package resume_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"spate/disk/resume"
	"spate/proto/metainfo"
)

// lockEnv makes the test binary a second process that takes a lock, says so,
// and keeps it until its input ends.
const lockEnv = "RESUME_TEST_LOCK"

func TestMain(m *testing.M) {
	path := os.Getenv(lockEnv)
	if path == "" {
		os.Exit(m.Run())
	}
	l, err := resume.OpenLocks(path)
	if err == nil {
		err = l.Lock(metainfo.Hash{1}, "/data")
	}
	fmt.Println("locked:", err)
	bufio.NewReader(os.Stdin).ReadByte()
}

func TestLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a/state")
	open := func() *resume.Locks {
		t.Helper()
		l, err := resume.OpenLocks(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	one, two := open(), open()
	check := func(l *resume.Locks, hash byte, folder string, want bool) {
		t.Helper()
		err := l.Lock(metainfo.Hash{hash}, folder)
		var locked *resume.LockedError
		if want && err != nil || !want && !errors.As(err, &locked) {
			t.Errorf("Lock(%d, %s): %v, want free: %v", hash, folder, err, want)
		}
	}
	check(one, 1, "/data", true)
	check(one, 1, "/data", false)
	check(two, 1, "/data", false)
	check(two, 2, "/data", true)
	check(one, 2, "/data", false)
	check(two, 1, "/other", true)
	one.Unlock(metainfo.Hash{2}, "/data") // not one's to give back
	check(one, 2, "/data", false)
	one.Unlock(metainfo.Hash{1}, "/data")
	check(two, 1, "/data", true)
	check(one, 1, "/data", false)
	two.Close()
	check(one, 1, "/data", true)
	check(one, 2, "/data", true)

	err := one.Lock(metainfo.Hash{1}, "/data")
	want := "/data: torrent 0100000000000000000000000000000000000000 is already open in this folder"
	if err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("state folder: %v, %v", info.Mode(), err)
	}
}

// TestLockOfKilledProcess: another process's lock holds, and ends with it.
func TestLockOfKilledProcess(t *testing.T) {
	path := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), lockEnv+"="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked: <nil>\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	l, err := resume.OpenLocks(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var locked *resume.LockedError
	if err := l.Lock(metainfo.Hash{1}, "/data"); !errors.As(err, &locked) {
		t.Errorf("Lock beside another process: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if err := l.Lock(metainfo.Hash{1}, "/data"); err != nil {
		t.Errorf("Lock after the other process was killed: %v", err)
	}
}

// BenchmarkLock takes and gives back the locks of 100,000 torrents.
func BenchmarkLock(b *testing.B) {
	l, err := resume.OpenLocks(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for b.Loop() {
		for i := range 100_000 {
			if err := l.Lock(metainfo.Hash{byte(i), byte(i >> 8), byte(i >> 16)}, "/data"); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		l.Close()
		b.StartTimer()
	}
}
