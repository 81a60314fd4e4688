package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"spate/bench/scenario"
	"spate/bench/stats"
)

// Report is a machine and what was measured on it.
type Report struct {
	Machine Machine
	// Config is how it was measured, in full.
	Config Config
	// Results is in the order of their making.
	Results []scenario.Result
}

// Config is what the measurements of a report have in common.
type Config struct {
	ContentBytes int64   `json:"content_bytes"`
	Rounds       int     `json:"rounds"`
	Outstanding  int     `json:"outstanding"`
	WarmupS      float64 `json:"warmup_s"`
	DurationS    float64 `json:"duration_s"`
}

// WriteJSON writes the raw data, one object a line: first the machine and the
// configuration, then each result.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	if err := enc.Encode(struct {
		Machine Machine `json:"machine"`
		Config  Config  `json:"config"`
	}{r.Machine, r.Config}); err != nil {
		return err
	}
	for i := range r.Results {
		if err := enc.Encode(&r.Results[i]); err != nil {
			return err
		}
	}
	return nil
}

// cell is the results of one client at one work.
type cell struct {
	scenario, client string
	conns            int
	limited          bool // the generator was the limit in some round
	rate, perCPU     map[int]float64
	seconds, cpu     []float64
	anon             []float64 // MiB
}

// cells groups the results that have figures, by scenario and connections, each
// in the order of the machine's clients.
func (r *Report) cells() []cell {
	var cells []cell
	for _, res := range r.Results {
		if res.Error != "" {
			continue
		}
		i := slices.IndexFunc(cells, func(c cell) bool {
			return c.scenario == res.Scenario && c.client == res.Client && c.conns == res.Conns
		})
		if i < 0 {
			i = len(cells)
			cells = append(cells, cell{
				scenario: res.Scenario, client: res.Client, conns: res.Conns,
				rate: map[int]float64{}, perCPU: map[int]float64{},
			})
		}
		c := &cells[i]
		c.limited = c.limited || res.GeneratorLimited()
		c.rate[res.Round], c.perCPU[res.Round] = res.MBPerS, res.MBPerCPUS
		c.seconds = append(c.seconds, res.Seconds)
		c.cpu = append(c.cpu, res.UserS+res.SystemS)
		c.anon = append(c.anon, float64(res.RSSAnon)/(1<<20))
	}
	slices.SortStableFunc(cells, func(a, b cell) int {
		if a.scenario != b.scenario {
			return strings.Compare(b.scenario, a.scenario) // seed, then get
		}
		if a.conns != b.conns {
			return a.conns - b.conns
		}
		return r.order(a.client) - r.order(b.client)
	})
	return cells
}

// order is a client's place among those asked for.
func (r *Report) order(name string) int {
	return slices.IndexFunc(r.Machine.Clients, func(c Client) bool { return c.Name == name })
}

// base is the cell that c is compared with: that of the first client.
func (r *Report) base(cells []cell, c cell) cell {
	for _, b := range cells {
		if b.scenario == c.scenario && b.conns == c.conns && r.order(b.client) == 0 {
			return b
		}
	}
	return cell{}
}

// values is a map's, for a summary, which orders them.
func values(m map[int]float64) []float64 {
	var all []float64
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// number is v with at least two significant digits.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1 || v == 0:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.2g", v)
	}
}

// spread is a median with its range, when there is one.
func spread(s stats.Summary) string {
	switch s.N {
	case 0:
		return "-"
	case 1:
		return number(s.Median)
	default:
		return fmt.Sprintf("%s (%s–%s)", number(s.Median), number(s.Min), number(s.Max))
	}
}

// times is how often as much as the first client.
func times(s stats.Summary) string {
	if s.N == 0 {
		return "-"
	}
	return number(s.Median)
}
