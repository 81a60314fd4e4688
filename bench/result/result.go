package result

import (
	"fmt"
	"strings"
	"time"
)

// Result is one measurement.
type Result struct {
	Time     time.Time `json:"time"`
	Scenario string    `json:"scenario"`
	Setting  Setting   `json:"setting"`
	Client   string    `json:"client"`
	// Round counts from 1.
	Round int `json:"round"`
	// Error says why there are no figures, in one line.
	Error string `json:"error,omitempty"`
	// Limit names what held the client back when that was not the client:
	// LimitGenerator, or empty.
	Limit string `json:"limit,omitempty"`
	// Load is the system's load average when the measurement began.
	Load float64 `json:"load,omitempty"`
	// Figures are by the names of Metrics.
	Figures map[string]float64 `json:"figures,omitempty"`
	// Notes are remarks for a reader, each one line.
	Notes []string `json:"notes,omitempty"`
}

// LimitGenerator says that the load generator was as busy as it can be.
const LimitGenerator = "generator"

// Set notes a figure.
func (r *Result) Set(name string, value float64) {
	if r.Figures == nil {
		r.Figures = map[string]float64{}
	}
	r.Figures[name] = value
}

// Setting is what a scenario was run with. It is comparable: results with equal
// settings are repetitions. Fields that do not apply are zero.
type Setting struct {
	// Conns is the number of connections of the generator.
	Conns int `json:"conns,omitempty"`
	// Loops is the number of event loops that the client has been given.
	Loops int `json:"loops,omitempty"`
	// Torrents is the number of torrents loaded.
	Torrents int `json:"torrents,omitempty"`
	// Peers is the number of processes in a swarm.
	Peers int `json:"peers,omitempty"`
	// Bytes is the length of the content.
	Bytes int64 `json:"bytes,omitempty"`
	// Content is "warm" or "cold": in page cache or not; or which of many torrents
	// are wanted.
	Content string `json:"content,omitempty"`
	// Place is where content lies: "tmpfs" or "disk".
	Place string `json:"place,omitempty"`
	// Link describes the network when it is not plain loopback, such as
	// "20ms 1% 1Gbit".
	Link string `json:"link,omitempty"`
	// Congestion is the TCP congestion control of all sides.
	Congestion string `json:"congestion,omitempty"`
}

// String lists what is set, as words of a table.
func (s Setting) String() string {
	var words []string
	add := func(format string, v any, set bool) {
		if set {
			words = append(words, fmt.Sprintf(format, v))
		}
	}
	add("conns=%d", s.Conns, s.Conns > 0)
	add("loops=%d", s.Loops, s.Loops > 0)
	add("torrents=%d", s.Torrents, s.Torrents > 0)
	add("peers=%d", s.Peers, s.Peers > 0)
	add("MiB=%d", s.Bytes>>20, s.Bytes > 0)
	add("%s", s.Content, s.Content != "")
	add("%s", s.Place, s.Place != "")
	add("link=%s", s.Link, s.Link != "")
	add("%s", s.Congestion, s.Congestion != "")
	return strings.Join(words, " ")
}
