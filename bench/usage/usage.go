// Package usage reads what a group of processes takes from the machine: CPU
// time of all threads, living and ended, and of children that were waited for;
// memory that is its own.
//
// It reads the /proc of Linux, which the caller passes as a file system, by two
// small files a process. A process that ends meanwhile counts as not there.
// CPU time comes in steps of 10 ms a process, so a measurement should last
// seconds.
package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Usage is the sum over a process group.
type Usage struct {
	// User and System are CPU time since the start of each process.
	User, System time.Duration
	// Anon is RssAnon in bytes: memory in use that no file stands behind.
	Anon int64
	// Threads is how many there are.
	Threads int
}

// ErrNoProcess says that a group has no process.
var ErrNoProcess = errors.New("no such process group")

// tick is the unit of CPU time in /proc: USER_HZ is 100 on every architecture
// that Go knows.
const tick = time.Second / 100

// Fields of /proc/PID/stat, counted from the state, which follows the name; see
// proc(5).
const (
	fieldGroup        = 2
	fieldUser         = 11
	fieldSystem       = 12
	fieldChildrenUser = 13
	fieldChildrenSys  = 14
	fieldThreads      = 17
	numFields         = 18
)

// Group adds up the processes of a group. proc is the file system at /proc.
func Group(proc fs.FS, group int) (Usage, error) {
	dirs, err := fs.ReadDir(proc, ".")
	if err != nil {
		return Usage{}, err
	}
	var sum Usage
	for _, dir := range dirs {
		if _, err := strconv.Atoi(dir.Name()); err == nil {
			err = sum.add(proc, dir.Name(), group)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
				return Usage{}, err
			}
		}
	}
	if sum.Threads == 0 {
		return Usage{}, fmt.Errorf("%w: %d", ErrNoProcess, group)
	}
	return sum, nil
}

// add counts a process if it is of the group.
func (u *Usage) add(proc fs.FS, pid string, group int) error {
	stat, err := fs.ReadFile(proc, pid+"/stat")
	if err != nil {
		return err
	}
	// The name, in parentheses, may itself hold anything.
	name := bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[name+1:]))
	if name < 0 || len(fields) < numFields {
		return fmt.Errorf("/proc/%s/stat: %d fields", pid, len(fields))
	}
	var n [numFields]int64
	for _, i := range []int{fieldGroup, fieldUser, fieldSystem, fieldChildrenUser, fieldChildrenSys, fieldThreads} {
		if n[i], err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return fmt.Errorf("/proc/%s/stat: %w", pid, err)
		}
	}
	if n[fieldGroup] != int64(group) {
		return nil
	}
	status, err := fs.ReadFile(proc, pid+"/status")
	if err != nil {
		return err
	}
	u.User += time.Duration(n[fieldUser]+n[fieldChildrenUser]) * tick
	u.System += time.Duration(n[fieldSystem]+n[fieldChildrenSys]) * tick
	u.Threads += int(n[fieldThreads])
	u.Anon += anon(string(status))
	return nil
}

// anon is the value of RssAnon in bytes; a zombie has none.
func anon(status string) int64 {
	_, rest, _ := strings.Cut(status, "\nRssAnon:")
	text, _, found := strings.Cut(rest, " kB\n")
	kib, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if !found || err != nil {
		return 0
	}
	return kib << 10
}
