package report

import (
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Machine is where and how measurements were made: the first line of the raw
// data.
type Machine struct {
	Time      time.Time `json:"time"`
	CPU       string    `json:"cpu"`
	Cores     int       `json:"cores"`
	MemoryGiB int       `json:"memory_gib"`
	Kernel    string    `json:"kernel"`
	// Load is the average number of busy threads in the minute before.
	Load float64 `json:"load"`
	// Commit is that of the checkout, with -dirty when files differ from it.
	Commit string `json:"commit"`
	// Congestion is the TCP congestion control of all sides; Pinned tells that
	// it was chosen, in a network namespace of its own, and is not just what
	// the system has.
	Congestion string `json:"congestion"`
	Pinned     bool   `json:"pinned"`
	// Tmpfs tells that content lay in memory.
	Tmpfs bool `json:"tmpfs"`
	// Command made the figures.
	Command string   `json:"command"`
	Clients []Client `json:"clients"`
}

// Client is one that was asked for.
type Client struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	// Missing says why it is absent.
	Missing string `json:"missing,omitempty"`
}

// unknown stands for what the system does not tell.
const unknown = "unknown"

// Describe fills in what the machine tells of itself. proc is the file system
// at /proc.
func (m *Machine) Describe(proc fs.FS) {
	m.Cores = runtime.NumCPU()
	m.CPU = field(read(proc, "cpuinfo"), "model name")
	m.Kernel = read(proc, "sys/kernel/osrelease")
	m.Congestion = read(proc, "sys/net/ipv4/tcp_congestion_control")
	load, _, _ := strings.Cut(read(proc, "loadavg"), " ")
	m.Load, _ = strconv.ParseFloat(load, 64) // 0 when it is not told
	kib, _, _ := strings.Cut(field(read(proc, "meminfo"), "MemTotal"), " ")
	if n, err := strconv.Atoi(kib); err == nil {
		m.MemoryGiB = (n + 1<<19) >> 20
	}
}

func read(proc fs.FS, name string) string {
	text, err := fs.ReadFile(proc, name)
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(text))
}

// field is the first value of a name in lines of "name : value".
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}
