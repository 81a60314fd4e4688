package scenario

import "time"

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

// GeneratorLimited tells whether the generator was as busy as it can be.
func (r *Result) GeneratorLimited() bool {
	return r.GeneratorCPUS > limitShare*r.Seconds*float64(r.GeneratorLoops)
}
