package gnetio

import (
	"time"

	"golang.org/x/sys/unix"
)

// ThreadTime is the processor time that the calling thread has taken, for comparing
// what two turns of a loop cost: who else runs on the machine is not in it. A loop
// seldom changes its thread. 0 where the system does not tell. It costs a system
// call.
func ThreadTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
