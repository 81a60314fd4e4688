package cores

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ErrNoCores says that nothing can run on no core.
var ErrNoCores = errors.New("no cores to run on")

// Allowed returns the cores that this process may run on, in order.
func Allowed() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, os.NewSyscallError("sched_getaffinity", err)
	}
	var all []int
	for i := 0; len(all) < set.Count(); i++ {
		if set.IsSet(i) {
			all = append(all, i)
		}
	}
	return all, nil
}

// Pin keeps all threads of this process to these cores. New threads come from
// old ones, so it goes on until it has seen none that is not there yet.
func Pin(to []int) error {
	if len(to) == 0 {
		return ErrNoCores
	}
	var set unix.CPUSet
	for _, core := range to {
		set.Set(core)
	}
	done := map[string]bool{}
	for before := -1; len(done) != before; {
		before = len(done)
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, t := range threads {
			id, err := strconv.Atoi(t.Name())
			if err != nil || done[t.Name()] {
				continue
			}
			done[t.Name()] = true
			if err := unix.SchedSetaffinity(id, &set); err != nil && !errors.Is(err, unix.ESRCH) { // it ended
				return os.NewSyscallError("sched_setaffinity", err)
			}
		}
	}
	return nil
}
