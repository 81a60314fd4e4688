package usage

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// file is a captured file of /proc.
func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// statFile is a captured /proc/PID/stat with another name and other numbers.
func statFile(name, parent, group, user, system, childUser, childSystem, threads string) *fstest.MapFile {
	r := strings.NewReplacer("NAME", name, "PARENT", parent, "GROUP", group, "UT", user, "ST", system, "CU", childUser, "CS", childSystem, "THREADS", threads)
	return file(r.Replace("77 (NAME) S PARENT GROUP 4100 0 -1 4194560 6117 0 21 0 UT ST CU CS 20 0 THREADS 0 2903 182034432 3870 18446744073709551615 1 1 0 0\n"))
}

func statusFile(kib string) *fstest.MapFile {
	return file("Name:\tVmRSS:\nVmHWM:\t   20000 kB\nVmRSS:\t   15480 kB\nRssAnon:\t    " + kib + " kB\nRssFile:\t    9000 kB\n" +
		"voluntary_ctxt_switches:\t999\nnonvoluntary_ctxt_switches:\t999\n")
}

func switches(voluntary, involuntary string) *fstest.MapFile {
	return file("Name:\tx\nvoluntary_ctxt_switches:\t" + voluntary + "\nnonvoluntary_ctxt_switches:\t" + involuntary + "\n")
}

// machine is a group 70 with a tree that is not the same.
var machine = fstest.MapFS{
	"70/stat": statFile("plain", "1", "70", "150", "50", "3", "4", "3"), "70/status": statusFile("1000"),
	"70/task/70/status": switches("10", "2"), "70/task/75/status": switches("5", "1"),
	"70/io":   file("rchar: 99\nwchar: 99\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 5\n"),
	"71/stat": statFile("od) S 9 9 d", "70", "70", "7", "0", "0", "0", "1"), "71/status": statusFile("24"),
	"71/task/71/status": switches("100", "20"),
	"71/io":             file("read_bytes: 1\nwrite_bytes: 2\n"),
	"72/stat":           statFile("other", "71", "72", "9999", "9999", "0", "0", "9"), "72/status": statusFile("9999"),
	"73/stat": statFile("zombie", "1", "70", "1", "1", "0", "0", "1"), "73/status": file("Name:\tx\nState:\tZ (zombie)\n"),
	"73/io":     file(""),
	"74/status": statusFile("9999"), // its stat has gone
	"76/stat":   statFile("stranger", "1", "76", "2", "3", "0", "0", "1"), "76/status": statusFile("1"),
	"self/stat": file("not a number"),
	"uptime":    file("1 2\n"),
}

func TestGroup(t *testing.T) {
	check := func(group int, want Usage, fails error) {
		t.Helper()
		got, err := Group(machine, group)
		if got != want || !errors.Is(err, fails) {
			t.Errorf("%d: got %+v, %v; want %+v, %v", group, got, err, want, fails)
		}
	}
	check(70, Usage{
		User: 1610 * time.Millisecond, System: 550 * time.Millisecond, Threads: 5,
		Anon: 1024 << 10, RSS: 2 * 15480 << 10, Peak: 2 * 20000 << 10,
		Voluntary: 115, Involuntary: 23, DiskRead: 4097, DiskWrite: 8194,
	}, nil)
	check(99, Usage{}, ErrNoProcess)
}

func TestMembersAndDescendants(t *testing.T) {
	check := func(find func(fs.FS, int) ([]int, error), id int, want []int, fails error) {
		t.Helper()
		got, err := find(machine, id)
		if !slices.Equal(got, want) || !errors.Is(err, fails) {
			t.Errorf("%d: got %v, %v; want %v, %v", id, got, err, want, fails)
		}
	}
	check(Members, 70, []int{70, 71, 73}, nil)
	check(Members, 72, []int{72}, nil)
	check(Members, 99, nil, ErrNoProcess)
	check(Descendants, 70, []int{70, 71, 72}, nil)
	check(Descendants, 72, []int{72}, nil)
	check(Descendants, 74, nil, ErrNoProcess)
	check(Descendants, 99, nil, ErrNoProcess)
}

// Process ids that were used again while /proc was read may look like a ring.
func TestDescendantsInARing(t *testing.T) {
	ring := fstest.MapFS{
		"70/stat": statFile("a", "71", "70", "1", "1", "0", "0", "1"),
		"71/stat": statFile("b", "70", "70", "1", "1", "0", "0", "1"),
		"72/stat": statFile("c", "72", "70", "1", "1", "0", "0", "1"),
	}
	got, err := Descendants(ring, 70)
	if !slices.Equal(got, []int{70, 71}) || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTree(t *testing.T) {
	got, err := Tree(machine, 70)
	if err != nil || got.Threads != 3+1+9 || got.CPU() != 2*9999*tick+(150+50+3+4+7)*tick {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := Tree(machine, 99); !errors.Is(err, ErrNoProcess) {
		t.Errorf("no such process: %v", err)
	}
}

func TestOf(t *testing.T) {
	check := func(pids []int, threads int, fails error) {
		t.Helper()
		got, err := Of(machine, pids)
		if got.Threads != threads || !errors.Is(err, fails) {
			t.Errorf("%v: got %+v, %v; want %d threads, %v", pids, got, err, threads, fails)
		}
	}
	check([]int{70}, 3, nil)
	check([]int{70, 99, 74}, 3, nil) // those have ended
	check([]int{99, 74}, 0, ErrNoProcess)
	check(nil, 0, ErrNoProcess)
}

// denying refuses to open what ends in a suffix, as the system does with
// /proc/PID/io of another user's process.
type denying struct {
	fs.FS
	suffix string
}

func (d denying) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, d.suffix) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func TestDiskMayBeUnknown(t *testing.T) {
	check := func(pids []int, refused string, read int64, unknown bool) {
		t.Helper()
		got, err := Of(denying{machine, refused}, pids)
		if err != nil || got.DiskRead != read || got.DiskUnknown != unknown || got.Anon == 0 {
			t.Errorf("%v: got %+v, %v", pids, got, err)
		}
	}
	check([]int{70, 71}, "none", 4097, false)
	check([]int{70, 71}, "71/io", 4096, true)
	check([]int{70, 71}, "/io", 0, true)
	check([]int{72}, "none", 0, false) // it ended
	if _, err := Of(denying{machine, "/status"}, []int{70}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("status refused: %v", err)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	check := func(text string) {
		t.Helper()
		proc := fstest.MapFS{"70/stat": file(text)}
		for _, find := range []func(fs.FS, int) (Usage, error){Group, Tree} {
			if _, err := find(proc, 70); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
	check("")
	check("70 (x) S 1 70")
	check(strings.Repeat("x ", 30))
	check("70 (x) " + strings.Repeat("x ", 30))
}

func TestValue(t *testing.T) {
	check := func(text, name string, want int64) {
		t.Helper()
		if got := value([]byte(text), name); got != want {
			t.Errorf("%q in %q: got %d, want %d", name, text, got, want)
		}
	}
	check("VmRSS:\t 12 kB\n", "VmRSS", 12)
	check("Name:\tVmRSS: 9\nVmRSS: 12\n", "VmRSS", 12)
	check("XVmRSS: 9\n", "VmRSS", 0)
	check("VmRSS:\n", "VmRSS", 0)
	check("VmRSS: x\n", "VmRSS", 0)
	check("", "VmRSS", 0)
}

func TestThisProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	check := func(got Usage, err error) {
		t.Helper()
		if err != nil || got.Threads < 1 || got.Anon <= 0 || got.RSS < got.Anon || got.Peak < got.RSS/2 || got.Voluntary+got.Involuntary <= 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	proc := os.DirFS("/proc")
	check(Group(proc, syscall.Getpgrp()))
	check(Tree(proc, os.Getpid()))
}

func BenchmarkOf(b *testing.B) {
	proc, pids := os.DirFS("/proc"), []int{os.Getpid()}
	for b.Loop() {
		if _, err := Of(proc, pids); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLoadAverage(t *testing.T) {
	check := func(text string, want float64) {
		t.Helper()
		if got := LoadAverage(fstest.MapFS{"loadavg": &fstest.MapFile{Data: []byte(text)}}); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	check("1.25 1.00 0.50 1/200 777\n", 1.25)
	check("", 0)
	check("none\n", 0)
	if got := LoadAverage(fstest.MapFS{}); got != 0 {
		t.Errorf("without the file: %v", got)
	}
}
