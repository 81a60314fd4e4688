package usage

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fields of /proc/PID/stat, counted from the state, which follows the name; see
// proc(5).
const (
	fieldParent       = 1
	fieldGroup        = 2
	fieldUser         = 11
	fieldSystem       = 12
	fieldChildrenUser = 13
	fieldChildrenSys  = 14
	fieldThreads      = 17
	numFields         = 18
)

// stat is what /proc/PID/stat tells. CPU time includes that of children that
// were waited for.
type stat struct {
	pid, parent, group int
	user, system       time.Duration
	threads            int
}

func readStat(proc fs.FS, pid int) (stat, error) {
	name := strconv.Itoa(pid) + "/stat"
	text, err := fs.ReadFile(proc, name)
	if err != nil {
		return stat{}, err
	}
	// The process's name, in parentheses, may itself hold anything.
	end := bytes.LastIndexByte(text, ')')
	fields := strings.Fields(string(text[end+1:]))
	if end < 0 || len(fields) < numFields {
		return stat{}, fmt.Errorf("/proc/%s: %d fields", name, len(fields))
	}
	var n [numFields]int64
	for _, i := range []int{fieldParent, fieldGroup, fieldUser, fieldSystem, fieldChildrenUser, fieldChildrenSys, fieldThreads} {
		if n[i], err = strconv.ParseInt(fields[i], 10, 64); err != nil {
			return stat{}, fmt.Errorf("/proc/%s: %w", name, err)
		}
	}
	return stat{
		pid: pid, parent: int(n[fieldParent]), group: int(n[fieldGroup]), threads: int(n[fieldThreads]),
		user:   time.Duration(n[fieldUser]+n[fieldChildrenUser]) * tick,
		system: time.Duration(n[fieldSystem]+n[fieldChildrenSys]) * tick,
	}, nil
}

// Members returns the processes of a group, ErrNoProcess when there are none.
func Members(proc fs.FS, group int) ([]int, error) {
	all, err := everyone(proc)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, s := range all {
		if s.group == group {
			pids = append(pids, s.pid)
		}
	}
	if len(pids) == 0 {
		return nil, fmt.Errorf("%w in group %d", ErrNoProcess, group)
	}
	return pids, nil
}

// Descendants returns a process, its children, theirs, and so on; ErrNoProcess
// when it is not there. A child whose parent ended has another one.
func Descendants(proc fs.FS, pid int) ([]int, error) {
	all, err := everyone(proc)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(s stat) bool { return s.pid == pid }) {
		return nil, fmt.Errorf("%w: %d", ErrNoProcess, pid)
	}
	// Grows while it is walked. No process comes twice, not even when ids were
	// used again between two reads.
	pids := []int{pid}
	for i := 0; i < len(pids); i++ {
		for _, s := range all {
			if s.parent == pids[i] && !slices.Contains(pids, s.pid) {
				pids = append(pids, s.pid)
			}
		}
	}
	return pids, nil
}

// everyone reads all processes, by the order of their directories.
func everyone(proc fs.FS) ([]stat, error) {
	dirs, err := fs.ReadDir(proc, ".")
	if err != nil {
		return nil, err
	}
	var all []stat
	for _, dir := range dirs {
		pid, err := strconv.Atoi(dir.Name())
		if err != nil {
			continue // not a process
		}
		s, err := readStat(proc, pid)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
