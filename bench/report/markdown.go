package report

import (
	"fmt"
	"slices"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/report/table"
	"spate/bench/result"
)

// headlines is how many of a scenario's metrics make a comparison in short.
const headlines = 2

// inShort tells whether a scenario belongs into a README.
func inShort(name string) bool {
	return slices.Contains([]string{result.Seed, result.Get, result.Peers, result.Torrents, result.Check}, name)
}

// Short is the comparison for a README, in Markdown, without a heading: the
// first metrics of the scenarios that most people ask for, a row a client.
func Short(run *raw.Run) string { return short(run, table.Sections(run)) }

func short(run *raw.Run, sections []*table.Section) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n\n%s\n", origin(run), legend(run), versions(run))
	for _, s := range sections {
		if !inShort(s.Scenario.Name) {
			continue
		}
		for _, g := range s.Groups() {
			fmt.Fprintf(&b, "\n%s:\n\n", joined(": ", "**"+escape(s.Scenario.Title)+"**", joined(", ", s.Common, g.Label)))
			pivot(&b, s, g)
		}
	}
	remarks(&b, run)
	return b.String()
}

// pivot is a table with a row for each client of a group, and a column for each
// of the first metrics at each of its works.
func pivot(b *strings.Builder, s *table.Section, g table.Group) {
	metrics := s.Headline()
	metrics = metrics[:min(headlines, len(metrics))]
	head, line := "| client |", "|---|"
	for _, m := range metrics {
		for i, column := range g.Columns {
			title := table.Heading(m, s.ScaleOf(m))
			if i > 0 {
				title = ""
			}
			head += " " + escape(joined(": ", title, column)) + " |"
			line += "--:|"
		}
	}
	fmt.Fprintf(b, "%s\n%s\n", head, line)
	for _, client := range g.Clients() {
		fmt.Fprintf(b, "| %s |", escape(client))
		for _, m := range metrics {
			for _, w := range g.Works {
				fmt.Fprintf(b, " %s |", beside(w, client, m, s.ScaleOf(m)))
			}
		}
		b.WriteByte('\n')
	}
}

// beside is a median and its ratio, in one cell.
func beside(w *table.Work, client string, m result.Metric, scale table.Scale) string {
	c := w.Of(client).Cell(m)
	text := strong(c.Median(scale), slices.Contains(w.Best(m), client))
	switch times := c.Times(); {
	case c.Base || times == table.None:
		return text
	case c.Ratio.Sure() && !c.Ratio.Differs():
		return text + " (≈)"
	default:
		return text + " (" + times + "×)"
	}
}

// Long is the whole report in Markdown: each scenario with all its headline
// metrics and their intervals, and how it was measured.
func Long(run *raw.Run) string { return long(run, table.Sections(run)) }

func long(run *raw.Run, sections []*table.Section) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmark of %s\n\n%s\n\n%s\n\n%s\n", run.Header.Time.Format("2006-01-02"), origin(run), legend(run), versions(run))
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", escape(s.Scenario.Title), joined(" ", s.Scenario.Text, sentence(s.Common)))
		for _, w := range s.Works {
			if w.Label != "" {
				fmt.Fprintf(&b, "\n### %s\n", escape(w.Label))
			}
			b.WriteByte('\n')
			full(&b, s, w)
		}
	}
	remarks(&b, run)
	if notes := table.Notes(run); len(notes) > 0 {
		b.WriteString("\n## Notes\n\n")
		list(&b, "", notes)
	}
	b.WriteString("\n## Configuration\n\n")
	for _, name := range optionNames(run) {
		fmt.Fprintf(&b, "- %s: %s\n", escape(name), escape(run.Header.Options[name]))
	}
	for _, c := range run.Header.Clients {
		if c.Settings != "" {
			fmt.Fprintf(&b, "- %s: %s\n", escape(c.Name), escape(c.Settings))
		}
	}
	return b.String()
}

// ratiosOf is how many of a work's metrics have their ratio beside them.
func ratiosOf(w *table.Work) int {
	if !w.Compared() {
		return 0
	}
	return headlines
}

// full is a work's table with all headline metrics.
func full(b *strings.Builder, s *table.Section, w *table.Work) {
	head, line := "| client |", "|---|"
	metrics, ratios := s.Headline(), ratiosOf(w)
	for i, m := range metrics {
		head += " " + escape(table.Heading(m, s.ScaleOf(m))) + " |"
		line += "--:|"
		if i < ratios {
			head += " × |"
			line += "--:|"
		}
	}
	fmt.Fprintf(b, "%s\n%s\n", head, line)
	for _, one := range w.Series {
		fmt.Fprintf(b, "| %s |", escape(one.Client))
		for i, m := range metrics {
			c, scale := one.Cell(m), s.ScaleOf(m)
			fmt.Fprintf(b, " %s |", within(strong(c.Median(scale), slices.Contains(w.Best(m), one.Client)), c.Interval(scale)))
			if i < ratios {
				fmt.Fprintf(b, " %s |", within(c.Times(), c.TimesInterval()))
			}
		}
		b.WriteByte('\n')
	}
}

func within(text, interval string) string {
	if interval == "" {
		return text
	}
	return text + " (" + interval + ")"
}

func strong(text string, is bool) string {
	if !is {
		return text
	}
	return "**" + text + "**"
}

// remarks lists who is absent and what failed.
func remarks(b *strings.Builder, run *raw.Run) {
	var absent []string
	for _, c := range run.Header.Clients {
		if c.Missing != "" {
			absent = append(absent, fmt.Sprintf("- Absent: %s (%s).\n", escape(c.Name), escape(c.Missing)))
		}
	}
	failures := table.Failures(run)
	if len(absent)+len(failures) > 0 || run.Torn {
		b.WriteByte('\n')
	}
	b.WriteString(strings.Join(absent, ""))
	list(b, "Failed: ", failures)
	if run.Torn {
		b.WriteString("- The run was cut off in the midst of a result.\n")
	}
}

func list(b *strings.Builder, prefix string, remarks []table.Remark) {
	for _, r := range remarks {
		fmt.Fprintf(b, "- %s%s: %s (%s).\n", prefix, escape(joined(", ", r.Client, r.Scenario, r.Setting)), escape(strings.TrimSuffix(r.Text, ".")), times(r.Rounds))
	}
}
