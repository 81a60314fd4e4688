package swarms

import (
	"fmt"
	"io"
	"math"
	"strings"

	"spate/bench/stats"
)

// figures of a table's row, medians over the trials.
type figures struct {
	ofBound, median, copies, fairness, wasted, riders float64
	unfinished                                        int
}

// summarize takes the medians of trials of one scenario and variant. median is
// that of the honest peers in relation to the bound, riders the free-riders'
// median in relation to theirs, 0 without any.
func summarize(trials []*Outcome) figures {
	pick := func(value func(*Outcome) float64) float64 {
		var all []float64
		for _, o := range trials {
			all = append(all, value(o))
		}
		return stats.Median(all)
	}
	f := figures{
		ofBound:  pick(func(o *Outcome) float64 { return o.OfBound }),
		copies:   pick(func(o *Outcome) float64 { return o.Copies }),
		fairness: pick(func(o *Outcome) float64 { return o.Fairness }),
		wasted:   pick(func(o *Outcome) float64 { return o.WastedPercent }),
		median: pick(func(o *Outcome) float64 {
			if o.Honest == nil || o.Bound == 0 {
				return 0
			}
			return o.Honest.Median / o.Bound
		}),
		riders: pick(func(o *Outcome) float64 {
			if o.Honest == nil || o.Riders == nil {
				return 0
			}
			return o.Riders.Median / o.Honest.Median
		}),
	}
	for _, o := range trials {
		f.unfinished += o.Unfinished
	}
	return f
}

// WriteTables compares variants, in Markdown: a table with the times to the
// bound in all scenarios, then one a scenario with all figures. Medians over
// the trials; the best of a column is bold.
func WriteTables(w io.Writer, outcomes []*Outcome) error {
	g := group(outcomes)
	var b strings.Builder
	g.overview(&b)
	for i := range g.scenarios {
		g.table(&b, i)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// grouped is outcomes by scenario and variant, in the order of their coming.
type grouped struct {
	scenarios []*Scenario
	variants  []string
	rows      map[[2]int]figures // looked up only
}

func group(outcomes []*Outcome) grouped {
	g := grouped{rows: map[[2]int]figures{}}
	find := func(n int, is func(int) bool) int {
		for i := range n {
			if is(i) {
				return i
			}
		}
		return n
	}
	trials := map[[2]int][]*Outcome{}
	var order [][2]int
	for _, o := range outcomes {
		s := find(len(g.scenarios), func(i int) bool { return g.scenarios[i].Name == o.Scenario.Name })
		if s == len(g.scenarios) {
			g.scenarios = append(g.scenarios, &o.Scenario)
		}
		v := find(len(g.variants), func(i int) bool { return g.variants[i] == o.Variant })
		if v == len(g.variants) {
			g.variants = append(g.variants, o.Variant)
		}
		key := [2]int{s, v}
		if trials[key] == nil {
			order = append(order, key)
		}
		trials[key] = append(trials[key], o)
	}
	for _, key := range order {
		g.rows[key] = summarize(trials[key])
	}
	return g
}

// overview is the table of all scenarios.
func (g *grouped) overview(b *strings.Builder) {
	fmt.Fprint(b, "| variant |")
	for _, s := range g.scenarios {
		fmt.Fprintf(b, " %s |", s.Name)
	}
	fmt.Fprintf(b, " mean |\n|---|%s---|\n", strings.Repeat("---|", len(g.scenarios)))
	columns := make([][]float64, len(g.scenarios)+1)
	for v := range g.variants {
		product, n := 1.0, 0
		for s := range g.scenarios {
			f, ok := g.rows[[2]int{s, v}]
			value := f.ofBound
			switch {
			case !ok:
				value = math.NaN() // stopped before
			case f.unfinished > 0:
				value = math.Inf(1)
			}
			product *= value
			n++
			columns[s] = append(columns[s], value)
		}
		columns[len(g.scenarios)] = append(columns[len(g.scenarios)], math.Pow(product, 1/float64(n)))
	}
	for v, name := range g.variants {
		fmt.Fprintf(b, "| %s |", name)
		for _, column := range columns {
			fmt.Fprintf(b, " %s |", mark(column, v, 2, least))
		}
		b.WriteByte('\n')
	}
	b.WriteString("\nTime until the last peer is complete, to the lower bound; the mean is geometric.\n")
}

// table has all figures of a scenario.
func (g *grouped) table(b *strings.Builder, s int) {
	columns := []struct {
		title  string
		digits int
		best   func(a, b float64) bool
		value  func(figures) float64
	}{
		{"last / bound", 2, least, func(f figures) float64 { return f.ofBound }},
		{"median / bound", 2, least, func(f figures) float64 { return f.median }},
		{"copies by the seed", 2, least, func(f figures) float64 { return f.copies }},
		{"fairness", 3, most, func(f figures) float64 { return f.fairness }},
		{"in vain, %", 1, least, func(f figures) float64 { return f.wasted }},
		{"free-riders / honest", 2, most, func(f figures) float64 { return f.riders }},
	}
	if g.scenarios[s].FreeRiders == 0 {
		columns = columns[:len(columns)-1]
	}
	fmt.Fprintf(b, "\n### %s\n\n| variant |", g.scenarios[s])
	for _, c := range columns {
		fmt.Fprintf(b, " %s |", c.title)
	}
	fmt.Fprintf(b, "\n|---|%s\n", strings.Repeat("---|", len(columns)))
	var names []string
	var rows []figures
	for v, name := range g.variants {
		if f, ok := g.rows[[2]int{s, v}]; ok {
			names, rows = append(names, name), append(rows, f)
		}
	}
	for i, name := range names {
		fmt.Fprintf(b, "| %s |", name)
		for _, c := range columns {
			var values []float64
			for _, f := range rows {
				values = append(values, c.value(f))
			}
			fmt.Fprintf(b, " %s |", mark(values, i, c.digits, c.best))
		}
		b.WriteByte('\n')
	}
}

func least(a, b float64) bool { return a < b }
func most(a, b float64) bool  { return a > b }

// mark writes one value of a column, in bold when none is better. Those that
// look alike are alike.
func mark(column []float64, at, digits int, better func(a, b float64) bool) string {
	scale := math.Pow10(digits)
	round := func(v float64) float64 { return math.Round(v*scale) / scale }
	switch {
	case math.IsNaN(column[at]):
		return "–"
	case math.IsInf(column[at], 0):
		return "unfinished"
	}
	text := fmt.Sprintf("%.*f", digits, column[at])
	if len(column) < 2 {
		return text
	}
	for _, v := range column {
		if better(round(v), round(column[at])) {
			return text
		}
	}
	return "**" + text + "**"
}
