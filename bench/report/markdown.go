package report

import (
	"fmt"
	"strings"

	"spate/bench/scenario"
	"spate/bench/stats"
)

// Markdown is the report as it stands in a README: how it was made, a table
// for each scenario, and what failed or was absent.
func (r *Report) Markdown() string {
	var b strings.Builder
	r.preamble(&b)
	cells := r.cells()
	r.seedTable(&b, cells)
	r.getTable(&b, cells)
	r.remarks(&b, cells)
	return strings.TrimSpace(b.String()) + "\n"
}

func (r *Report) preamble(b *strings.Builder) {
	m, c := &r.Machine, &r.Config
	how := "the system's"
	if m.Pinned {
		how = "pinned for all sides in a network namespace"
	}
	where := "on disk, in page cache"
	if m.Tmpfs {
		where = "on tmpfs"
	}
	fmt.Fprintf(b, "`%s` at %s, %s: %s, %d cores, %d GiB, Linux %s (load %.1f before); loopback, TCP congestion control %s (%s). ",
		m.Command, m.Commit, m.Time.Format("2006-01-02"), m.CPU, m.Cores, m.MemoryGiB, m.Kernel, m.Load, m.Congestion, how)
	fmt.Fprintf(b, "%d MiB of content %s; %d rounds, the clients in turn within each; medians with (lowest–highest). ",
		c.ContentBytes>>20, where, c.Rounds)
	fmt.Fprintf(b, "MB are 10^6 bytes, CPU-seconds are the client's, user and system, all threads. × is how often as much as %s, paired within a round.\n\n", r.first())
	var versions []string
	for _, client := range m.Clients {
		if client.Missing == "" {
			versions = append(versions, client.Name+" "+client.Version)
		}
	}
	fmt.Fprintf(b, "Clients: %s.\n\n", strings.Join(versions, ", "))
}

// first is the client that others are compared with.
func (r *Report) first() string {
	if len(r.Machine.Clients) == 0 {
		return "-"
	}
	return r.Machine.Clients[0].Name
}

func (r *Report) seedTable(b *strings.Builder, cells []cell) {
	c := &r.Config
	fmt.Fprintf(b, "Seeding to N connections (%d requests outstanding on each, %s s after %s s of warm-up):\n\n",
		c.Outstanding, number(c.DurationS), number(c.WarmupS))
	b.WriteString("| N | client | MB/s | × | MB per CPU-s | × | RssAnon, MiB |\n|--:|---|--:|--:|--:|--:|--:|\n")
	for _, c := range cells {
		if c.scenario != scenario.NameSeed {
			continue
		}
		base := r.base(cells, c)
		fmt.Fprintf(b, "| %d | %s | %s%s | %s | %s | %s | %s |\n", c.conns, c.client,
			atLeast(c.limited), spread(stats.Summarize(values(c.rate))), times(stats.Ratios(c.rate, base.rate)),
			spread(stats.Summarize(values(c.perCPU))), times(stats.Ratios(c.perCPU, base.perCPU)),
			number(stats.Summarize(c.anon).Median))
	}
	b.WriteString("\n")
}

func (r *Report) getTable(b *strings.Builder, cells []cell) {
	b.WriteString("Downloading from N fast seeders:\n\n")
	b.WriteString("| N | client | s | CPU-s | MB/s | × | MB per CPU-s | × | RssAnon, MiB |\n|--:|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, c := range cells {
		if c.scenario != scenario.NameGet {
			continue
		}
		base := r.base(cells, c)
		fmt.Fprintf(b, "| %d | %s | %s | %s | %s%s | %s | %s | %s | %s |\n", c.conns, c.client,
			spread(stats.Summarize(c.seconds)), spread(stats.Summarize(c.cpu)),
			atLeast(c.limited), number(stats.Summarize(values(c.rate)).Median), times(stats.Ratios(c.rate, base.rate)),
			number(stats.Summarize(values(c.perCPU)).Median), times(stats.Ratios(c.perCPU, base.perCPU)),
			number(stats.Summarize(c.anon).Median))
	}
	b.WriteString("\n")
}

// atLeast marks a rate at which the generator was the limit.
func atLeast(limited bool) string {
	if limited {
		return "≥ "
	}
	return ""
}

func (r *Report) remarks(b *strings.Builder, cells []cell) {
	for _, c := range cells {
		if c.limited {
			b.WriteString("- ≥: the generator was as busy as it can be, so the client may be faster.\n")
			break
		}
	}
	for _, res := range r.Results {
		if res.Error == "" && res.Unchoked < res.Conns && res.Scenario == scenario.NameSeed {
			fmt.Fprintf(b, "- %s served %d of %d connections (round %d).\n", res.Client, res.Unchoked, res.Conns, res.Round)
		}
	}
	for _, c := range r.Machine.Clients {
		if c.Missing != "" {
			fmt.Fprintf(b, "- Absent: %s (%s).\n", c.Name, c.Missing)
		}
	}
	for _, res := range r.Results {
		if res.Error != "" {
			fmt.Fprintf(b, "- Failed: %s, %s, N = %d, round %d: %s.\n", res.Client, res.Scenario, res.Conns, res.Round, res.Error)
		}
	}
}
