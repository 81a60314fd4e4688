package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/result"
)

// Bench writes the run in the Go benchmark format: a line for each result, with
// the figures of the scenario's headline metrics, so that benchstat compares
// two runs, or clients within one (-col /client).
func Bench(w io.Writer, run *raw.Run) error {
	b := bufio.NewWriter(w)
	h := &run.Header
	fmt.Fprintf(b, "goos: linux\npkg: spate/bench\n")
	// benchstat parts results by every key and its value. What differs between
	// any two runs is a comment, so that they are compared.
	for _, line := range [][2]string{{"cpu", h.CPU}, {"kernel", h.Kernel}, {"# commit", h.Commit}, {"# command", h.Command}} {
		if text := strings.Join(strings.Fields(line[1]), " "); text != "" {
			fmt.Fprintf(b, "%s: %s\n", line[0], text)
		}
	}
	fmt.Fprintln(b)
	scenarios := result.Scenarios()
	for _, r := range run.Results {
		if r.Error != "" {
			continue
		}
		var figures strings.Builder
		for _, m := range result.Metrics() {
			value, ok := r.Figures[m.Name]
			i := slices.IndexFunc(scenarios, func(s result.Scenario) bool { return s.Name == r.Scenario })
			if !ok || i >= 0 && !slices.Contains(scenarios[i].Headline, m.Name) {
				continue
			}
			fmt.Fprintf(&figures, " %s %s", strconv.FormatFloat(value, 'g', 6, 64), benchUnit(m))
		}
		if figures.Len() > 0 {
			fmt.Fprintf(b, "Benchmark%s 1%s\n", benchName(r), figures.String())
		}
	}
	return b.Flush()
}

// benchName is a result's scenario, setting and client, as words that
// benchstat can tell apart.
func benchName(r result.Result) string {
	s := r.Setting
	name := word(strings.ToUpper(r.Scenario[:1]) + r.Scenario[1:])
	add := func(key, value string) {
		if value != "" && value != "0" {
			name += "/" + key + "=" + word(value)
		}
	}
	add("conns", strconv.Itoa(s.Conns))
	add("torrents", strconv.Itoa(s.Torrents))
	add("peers", strconv.Itoa(s.Peers))
	add("bytes", strconv.FormatInt(s.Bytes, 10))
	add("content", s.Content)
	add("place", s.Place)
	add("link", s.Link)
	add("congestion", s.Congestion)
	add("client", r.Client)
	return name
}

// word keeps out what ends a name, a part of it, or would be taken for the
// number of processors at its end.
func word(s string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c == '/' || c == '=' || c == '-' || c > '~' {
			return '_'
		}
		return c
	}, s)
}

// benchUnit names a metric. benchstat takes the last part of a unit for what
// it knows: "/s" for a rate, and B for bytes, of which it makes KiB and MiB.
func benchUnit(m result.Metric) string {
	switch m.Name {
	case "mb_per_s":
		return "MB/s"
	case "mb_per_cpu_s":
		return "MB/cpu-s"
	case "gbit_per_s":
		return "Gbit/s"
	case "accept_per_s":
		return "accepts/s"
	}
	name := strings.TrimSuffix(strings.TrimSuffix(m.Name, "_s"), "_percent")
	name = strings.ReplaceAll(strings.ReplaceAll(name, "_ms_", "_"), "_", "-")
	switch m.Unit {
	case "":
		return name
	case "%":
		return name + "-%"
	default:
		return name + "-" + m.Unit
	}
}
