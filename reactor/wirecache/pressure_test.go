package wirecache

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// system is a file system with these files, as pairs of name and text.
func system(pairs ...string) fs.FS {
	files := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return files
}

func TestAvailable(t *testing.T) {
	const info = "MemTotal:       8000000 kB\nMemFree:          1000 kB\nMemAvailable:    4000 kB\n"
	check := func(what string, want int64, pairs ...string) {
		t.Helper()
		got, err := Available(system(pairs...))
		if err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, want)
		}
	}
	check("no groups", 4000<<10, "proc/meminfo", info)
	check("no limit", 4000<<10, "proc/meminfo", info, "proc/self/cgroup", "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max", "max\n")
	check("limit", 300_000, "proc/meminfo", info, "proc/self/cgroup", "12:pids:/x\n0::/a/b\n",
		"sys/fs/cgroup/a/b/memory.max", "1000000\n", "sys/fs/cgroup/a/b/memory.current", "900000\n",
		"sys/fs/cgroup/a/b/memory.stat", "anon 700000\ninactive_file 150000\nactive_file 50000\n")
	check("limit above", 1000, "proc/meminfo", info, "proc/self/cgroup", "0::/a/b\n",
		"sys/fs/cgroup/a/memory.max", "2000\n", "sys/fs/cgroup/a/memory.current", "1000\n")
	check("limit of a container", 1000, "proc/meminfo", info, "proc/self/cgroup", "0::/\n",
		"sys/fs/cgroup/memory.max", "2000\n", "sys/fs/cgroup/memory.current", "1000\n")
	check("beyond the limit", 0, "proc/meminfo", info,
		"sys/fs/cgroup/memory.max", "2000\n", "sys/fs/cgroup/memory.current", "9000\n")
	if _, err := Available(system("proc/meminfo", "MemTotal: 1 kB\n")); !errors.Is(err, ErrNoMemory) {
		t.Errorf("no MemAvailable: %v", err)
	}
	if _, err := Available(system("proc/meminfo", "MemAvailable: much\n")); !errors.Is(err, ErrNoMemory) {
		t.Errorf("no number: %v", err)
	}
	if _, err := Available(system()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	_, _ = Available(system("proc/meminfo", info, "proc/self/cgroup", "0::/"+strings.Repeat("../", 5)+"x\n"))
}

func TestAllowance(t *testing.T) {
	check := func(wish, used, available, want int64) {
		t.Helper()
		if got := Allowance(wish, used, available); got != want {
			t.Errorf("wish %d, used %d, available %d: %d, want %d", wish, used, available, got, want)
		}
	}
	check(-1, 0, 64<<30, AutoLimit)
	check(-1, 0, 4<<30, 512<<20)
	check(-1, 512<<20, 4<<30-512<<20, 512<<20) // what is taken does not count against itself
	check(-1, 512<<20, 0, 64<<20)
	check(100<<20, 0, 4<<30, 100<<20)
	check(8<<30, 0, 4<<30, 2<<30)
	check(100<<20, 100<<20, 0, 50<<20)
}
