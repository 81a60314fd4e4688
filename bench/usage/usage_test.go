package usage

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// file is a captured file of /proc.
func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// stat is a captured /proc/PID/stat with another name and other numbers.
func stat(name, group, user, system, childUser, childSystem, threads string) *fstest.MapFile {
	r := strings.NewReplacer("NAME", name, "GROUP", group, "UT", user, "ST", system, "CU", childUser, "CS", childSystem, "THREADS", threads)
	return file(r.Replace("77 (NAME) S 1 GROUP 4100 0 -1 4194560 6117 0 21 0 UT ST CU CS 20 0 THREADS 0 2903 182034432 3870 18446744073709551615 1 1 0 0\n"))
}

func status(kib string) *fstest.MapFile {
	return file("Name:\tx\nVmRSS:\t   15480 kB\nRssAnon:\t    " + kib + " kB\nRssFile:\t    9000 kB\n")
}

func TestGroup(t *testing.T) {
	proc := fstest.MapFS{
		"70/stat": stat("plain", "70", "150", "50", "3", "4", "3"), "70/status": status("1000"),
		"71/stat": stat("od) S 9 9 d", "70", "7", "0", "0", "0", "1"), "71/status": status("24"),
		"72/stat": stat("other", "72", "9999", "9999", "0", "0", "9"), "72/status": status("9999"),
		"73/stat": stat("zombie", "70", "1", "1", "0", "0", "1"), "73/status": file("Name:\tx\nState:\tZ (zombie)\n"),
		"74/status": status("9999"), // its stat has gone
		"self/stat": file("not a number"),
		"uptime":    file("1 2\n"),
	}
	check := func(group int, want Usage, fails error) {
		t.Helper()
		got, err := Group(proc, group)
		if got != want || !errors.Is(err, fails) {
			t.Errorf("%d: got %+v, %v; want %+v, %v", group, got, err, want, fails)
		}
	}
	check(70, Usage{User: 1610 * time.Millisecond, System: 550 * time.Millisecond, Anon: 1024 << 10, Threads: 5}, nil)
	check(99, Usage{}, ErrNoProcess)
}

func TestGroupSaysWhatIsWrong(t *testing.T) {
	check := func(text string) {
		t.Helper()
		if _, err := Group(fstest.MapFS{"70/stat": file(text)}, 70); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
	check("")
	check("70 (x) S 1 70")
	check(strings.Repeat("x ", 30))
}

func TestOwnGroup(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	got, err := Group(os.DirFS("/proc"), syscall.Getpgrp())
	if err != nil || got.Threads < 1 || got.Anon <= 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}
