package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Usage is the sum over processes. Times and counts are since the start of
// each process.
type Usage struct {
	// User and System are CPU time.
	User, System time.Duration
	// Anon is RssAnon in bytes: memory in use that no file stands behind. RSS
	// is all that is resident, and counts a page of a file in each process that
	// maps it. Peak is the most that each process had resident, so that the sum
	// is no less than what all had at one time.
	Anon, RSS, Peak int64
	// Threads is how many there are.
	Threads int
	// Voluntary and Involuntary are context switches of the threads there are:
	// the kernel does not tell those of threads that ended.
	Voluntary, Involuntary int64
	// DiskRead and DiskWrite are bytes that went from and to a device, not the
	// page cache; a write counts as soon as the page cache has it. Both lack
	// the processes that this one may not look into: DiskUnknown is true then.
	DiskRead, DiskWrite int64
	DiskUnknown         bool
}

// CPU is all CPU time.
func (u Usage) CPU() time.Duration { return u.User + u.System }

// ErrNoProcess says that there is no process to add up.
var ErrNoProcess = errors.New("no such process")

// tick is the unit of CPU time in /proc: USER_HZ is 100 on every architecture
// that Go knows.
const tick = time.Second / 100

// Group adds up the processes of a group. proc is the file system at /proc.
func Group(proc fs.FS, group int) (Usage, error) {
	pids, err := Members(proc, group)
	if err != nil {
		return Usage{}, err
	}
	return Of(proc, pids)
}

// Tree adds up a process and all that descend from it.
func Tree(proc fs.FS, pid int) (Usage, error) {
	pids, err := Descendants(proc, pid)
	if err != nil {
		return Usage{}, err
	}
	return Of(proc, pids)
}

// Of adds up these processes. One that ended counts as not there, and it is
// ErrNoProcess when all have.
func Of(proc fs.FS, pids []int) (Usage, error) {
	var sum Usage
	for _, pid := range pids {
		if err := sum.add(proc, pid); err != nil && !gone(err) {
			return Usage{}, err
		}
	}
	if sum.Threads == 0 {
		return Usage{}, fmt.Errorf("%w: %d", ErrNoProcess, pids)
	}
	return sum, nil
}

// gone tells whether a process ended while it was looked at.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// add counts a process, or nothing.
func (u *Usage) add(proc fs.FS, pid int) error {
	s, err := readStat(proc, pid)
	if err != nil {
		return err
	}
	dir := strconv.Itoa(pid)
	status, err := fs.ReadFile(proc, dir+"/status")
	if err != nil {
		return err
	}
	u.User += s.user
	u.System += s.system
	u.Threads += s.threads
	u.Anon += value(status, "RssAnon") << 10 // a zombie has none
	u.RSS += value(status, "VmRSS") << 10
	u.Peak += value(status, "VmHWM") << 10
	if err := u.addThreads(proc, dir+"/task"); err != nil && !gone(err) {
		return err
	}
	switch io, err := fs.ReadFile(proc, dir+"/io"); {
	case err == nil:
		u.DiskRead += value(io, "read_bytes")
		u.DiskWrite += value(io, "write_bytes")
	case !gone(err):
		u.DiskUnknown = true // another user's, or a kernel that does not count
	}
	return nil
}

// addThreads counts the context switches of a process's threads.
func (u *Usage) addThreads(proc fs.FS, tasks string) error {
	dirs, err := fs.ReadDir(proc, tasks)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		status, err := fs.ReadFile(proc, tasks+"/"+dir.Name()+"/status")
		if gone(err) {
			continue
		}
		if err != nil {
			return err
		}
		u.Voluntary += value(status, "voluntary_ctxt_switches")
		u.Involuntary += value(status, "nonvoluntary_ctxt_switches")
	}
	return nil
}

// value is the number that a line "name: number" begins with, or 0 when there
// is none.
func value(text []byte, name string) int64 {
	for line := range strings.Lines(string(text)) {
		rest, found := strings.CutPrefix(line, name+":")
		if !found {
			continue
		}
		if fields := strings.Fields(rest); len(fields) > 0 {
			n, _ := strconv.ParseInt(fields[0], 10, 64) // 0 when it is none
			return n
		}
	}
	return 0
}
