package scenario

import (
	"syscall"
	"time"

	"spate/bench/usage"
)

// Names of the scenarios.
const (
	NameSeed = "seed"
	NameGet  = "get"
)

// Result is one measurement. Its JSON is one line of the raw data.
type Result struct {
	Time     time.Time `json:"time"`
	Scenario string    `json:"scenario"`
	Client   string    `json:"client"`
	Round    int       `json:"round"`
	Conns    int       `json:"conns"`
	// Error says why there are no figures.
	Error string `json:"error,omitempty"`
	// Bytes of payload in Seconds; MB are 10^6 bytes.
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	MBPerS  float64 `json:"mb_per_s"`
	// CPU time of the client.
	UserS     float64 `json:"user_s"`
	SystemS   float64 `json:"system_s"`
	MBPerCPUS float64 `json:"mb_per_cpu_s"`
	// RSSAnon is in bytes.
	RSSAnon int64 `json:"rss_anon"`
	Threads int   `json:"threads"`
	// SettleS is the time in seconds from the first dial until payload could
	// move on all connections, or no longer was waited for; for seeding only.
	SettleS float64 `json:"settle_s"`
	// What the generator saw, at the end: connections with which payload could
	// move, and over the measurement requests refused, bytes that were not
	// asked for, and connections that ended.
	Unchoked    int   `json:"unchoked"`
	Rejects     int64 `json:"rejects"`
	Surplus     int64 `json:"surplus"`
	Disconnects int64 `json:"disconnects"`
	// CPU time of the generator, and its loops.
	GeneratorCPUS  float64 `json:"generator_cpu_s"`
	GeneratorLoops int     `json:"generator_loops"`
}

// mega is the number of bytes in an MB.
const mega = 1e6

// figure fills in what bytes, seconds and two looks at the client make.
func (r *Result) figure(bytes int64, took time.Duration, before, after usage.Usage) {
	r.Bytes, r.Seconds = bytes, took.Seconds()
	r.UserS, r.SystemS = (after.User - before.User).Seconds(), (after.System - before.System).Seconds()
	if r.Seconds > 0 {
		r.MBPerS = float64(bytes) / mega / r.Seconds
	}
	if cpu := r.UserS + r.SystemS; cpu > 0 {
		r.MBPerCPUS = float64(bytes) / mega / cpu
	}
	r.RSSAnon, r.Threads = after.Anon, after.Threads
}

// limitShare is how busy a loop of the generator may be, in CPU-seconds a
// second, before what was measured is the generator.
const limitShare = 0.9

// GeneratorLimited tells whether the generator was as busy as it can be.
func (r *Result) GeneratorLimited() bool {
	return r.GeneratorCPUS > limitShare*r.Seconds*float64(r.GeneratorLoops)
}

// ownCPU is the CPU time of this process, which is the generator's.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
