package raw

import (
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"time"

	"spate/bench/usage"
)

// Header says where and how measurements were made.
type Header struct {
	Time      time.Time `json:"time"`
	CPU       string    `json:"cpu"`
	Cores     int       `json:"cores"`
	MemoryGiB int       `json:"memory_gib"`
	Kernel    string    `json:"kernel"`
	// Load is the average number of busy threads in the minute before.
	Load float64 `json:"load"`
	// Commit is that of the checkout, with -dirty when files differ from it.
	Commit string `json:"commit"`
	// Command is what was called.
	Command string `json:"command"`
	// Congestion is the system's TCP congestion control. Pinned tells that the
	// harness chose it for all sides, in a network namespace of its own; then
	// each setting names it.
	Congestion string `json:"congestion"`
	Pinned     bool   `json:"pinned"`
	// Options is the whole configuration by name. Runs whose options differ did
	// different work.
	Options map[string]string `json:"options,omitempty"`
	// Clients are those asked for, in order. Others are compared with the first.
	Clients []Client `json:"clients"`
}

// Client is one that was asked for.
type Client struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	// Missing says why it is absent.
	Missing string `json:"missing,omitempty"`
	// Settings says in a line how it was configured.
	Settings string `json:"settings,omitempty"`
}

// unknown stands for what the system does not tell.
const unknown = "unknown"

// Describe fills in what the machine tells of itself. proc is the file system
// at /proc.
func (h *Header) Describe(proc fs.FS) {
	h.Cores = runtime.NumCPU()
	h.CPU = field(read(proc, "cpuinfo"), "model name")
	h.Kernel = read(proc, "sys/kernel/osrelease")
	h.Congestion = read(proc, "sys/net/ipv4/tcp_congestion_control")
	h.Load = usage.LoadAverage(proc)
	kib, _, _ := strings.Cut(field(read(proc, "meminfo"), "MemTotal"), " ")
	if n, err := strconv.Atoi(kib); err == nil {
		h.MemoryGiB = (n + 1<<19) >> 20
	}
}

// Client finds a client by its name.
func (h *Header) Client(name string) (Client, bool) {
	for _, c := range h.Clients {
		if c.Name == name {
			return c, true
		}
	}
	return Client{}, false
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
