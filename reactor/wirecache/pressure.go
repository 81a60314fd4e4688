package wirecache

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

const (
	// AutoLimit is the budget that is chosen where nobody says one, in bytes:
	// enough for a busy torrent, and little on machines that serve several GB/s.
	AutoLimit = 1 << 30
	// autoShare and setShare divide the memory that is available: a budget that
	// nobody asked for takes an eighth, one that was set at most half.
	autoShare = 8
	setShare  = 2
)

// Allowance is the budget, in bytes, for a wish (negative for automatic) on a
// system that has available bytes left besides the used ones of the images.
func Allowance(wish, used, available int64) int64 {
	if wish < 0 {
		return min(AutoLimit, (used+available)/autoShare)
	}
	return min(wish, (used+available)/setShare)
}

// ErrNoMemory says that the system does not tell how much memory is left.
var ErrNoMemory = errors.New("available memory is not known")

// Available is how many bytes the process can still take without others being
// swapped out: MemAvailable, or what is left to its control group (version 2)
// or one above it, where that is less. root is the file system's root. It reads
// about four small files.
func Available(root fs.FS) (int64, error) {
	info, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0, err
	}
	kib, ok := field(info, "MemAvailable:")
	if !ok {
		return 0, ErrNoMemory
	}
	left := kib << 10
	for dir := controlGroup(root); ; dir = path.Dir(dir) {
		left = min(left, groupLeft(root, dir))
		if dir == "." || dir == "/" {
			return left, nil
		}
	}
}

// controlGroup is the process's control group, relative to where they are mounted.
func controlGroup(root fs.FS) string {
	b, _ := fs.ReadFile(root, "proc/self/cgroup") // none is the root group
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "0::/"); ok {
			return path.Clean(strings.TrimSpace(name))
		}
	}
	return "."
}

// groupLeft is what a control group may still take: its limit without what is in
// use, of which files that can be dropped do not count.
func groupLeft(root fs.FS, dir string) int64 {
	dir = path.Join("sys/fs/cgroup", dir)
	most, ok := number(root, path.Join(dir, "memory.max"))
	if !ok {
		return math.MaxInt64 // "max", or no such group
	}
	current, _ := number(root, path.Join(dir, "memory.current"))
	stat, _ := fs.ReadFile(root, path.Join(dir, "memory.stat"))
	inactive, _ := field(stat, "inactive_file")
	active, _ := field(stat, "active_file")
	return max(0, most-current+inactive+active)
}

func number(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

// field is the number behind a name at the start of a line.
func field(text []byte, name string) (int64, bool) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) >= 2 && f[0] == name {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
