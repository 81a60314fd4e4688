package usage

import (
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Self is the CPU time of this process since its start, user and system; 0
// where the system does not tell.
func Self() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// LoadAverage is the system's average number of busy threads in the last
// minute; 0 when it is not told. proc is the file system at /proc.
func LoadAverage(proc fs.FS) float64 {
	text, err := fs.ReadFile(proc, "loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	load, _ := strconv.ParseFloat(first, 64)
	return load
}
