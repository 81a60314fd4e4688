package main

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// slowdownVariable makes the test binary the command itself, and tells which
// share of its CPU time it wastes: 0.2 lets it do a fifth less per CPU-second.
// It is how `make bench-check` knows that a regression is found.
const slowdownVariable = "SPATE_TEST_SLOWDOWN"

// init turns the test binary into the slow command when it is asked for; main
// does not return.
func init() {
	share, err := strconv.ParseFloat(os.Getenv(slowdownVariable), 64)
	if err != nil || share <= 0 || share >= 1 {
		return
	}
	go waste(share)
	main()
}

// waste burns so much CPU time that it is a share of the process's.
func waste(share float64) {
	runtime.LockOSThread()
	var wasted time.Duration
	for {
		var all, own syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &all) != nil || syscall.Getrusage(unix.RUSAGE_THREAD, &own) != nil {
			return
		}
		wasted = cpuTime(own)
		useful := cpuTime(all) - wasted
		if want := time.Duration(float64(useful) * share / (1 - share)); want <= wasted {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

func cpuTime(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }
