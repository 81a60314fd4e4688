package disk

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// RaiseNoFile raises the soft limit on open descriptors to the hard one and
// returns what then holds. It is called once, at start, before budgets are
// made: 200 peers at a limit of 64 must be refused, not end the process.
func RaiseNoFile() (limit uint64, err error) {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return 0, fmt.Errorf("limit on open files: %w", err)
	}
	if r.Cur < r.Max {
		raised := unix.Rlimit{Cur: r.Max, Max: r.Max}
		// Refused where the kernel's own bound is lower (macOS); what was
		// there before still holds then.
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
			r = raised
		}
	}
	return r.Cur, nil
}
