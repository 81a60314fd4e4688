package report

import (
	"html/template"
	"math"
	"slices"

	"spate/bench/report/chart"
	"spate/bench/report/raw"
	"spate/bench/report/table"
	"spate/bench/result"
)

// sectionView is a scenario: plots by group, then a table for each work.
type sectionView struct {
	ID, Title, Text string
	Groups          []groupView
	Tables          []tableView
	// Open shows the tables at once.
	Open bool
}

type groupView struct {
	Label string
	// Rows has the plots of one metric in each.
	Rows   [][]plotView
	Legend []hueView
}

type plotView struct {
	Title, Text string
	SVG         template.HTML
}

// hueView is a line of a legend.
type hueView struct {
	Name  string
	Style template.CSS
}

// fewTables is how many tables are shown at once; more are folded away, since
// the plots say the same.
const fewTables = 4

func sectionOf(run *raw.Run, s *table.Section) (sectionView, error) {
	v := sectionView{
		ID: s.Scenario.Name, Title: s.Scenario.Title, Text: joined(" ", s.Scenario.Text, sentence(s.Common)),
		Open: len(s.Works) <= fewTables,
	}
	metrics := s.Headline()
	for _, g := range s.Groups() {
		group := groupView{Label: g.Label}
		for _, m := range metrics[:min(headlines, len(metrics))] {
			var row []plotView
			for i, w := range g.Works {
				drawn, err := bars(s, w, m, g.Columns[i])
				if err != nil {
					return v, err
				}
				row = append(row, drawn)
			}
			group.Rows = append(group.Rows, row)
		}
		var row []plotView
		for i, w := range g.Works {
			drawn, ok, err := tails(run, w, g.Columns[i])
			if err != nil {
				return v, err
			}
			if ok {
				row, group.Legend = append(row, drawn), legendOf(run, g)
			}
		}
		if len(row) > 0 {
			group.Rows = append(group.Rows, row)
		}
		v.Groups = append(v.Groups, group)
	}
	for _, w := range s.Works {
		v.Tables = append(v.Tables, tableOf(s, w))
	}
	return v, nil
}

// bars plots one metric of a work.
func bars(s *table.Section, w *table.Work, m result.Metric, column string) (plotView, error) {
	scale := s.ScaleOf(m)
	v := plotView{Title: table.Heading(m, scale), Text: joined(", ", column, way(m))}
	var list []chart.Bar
	for _, one := range w.Series {
		c := one.Cell(m)
		bar := chart.Bar{Name: one.Client, Value: math.NaN(), First: c.Base}
		if e := c.Value; e.N > 0 {
			bar.Value, bar.Low, bar.High, bar.Text = e.Mid/scale.Per, e.Low/scale.Per, e.High/scale.Per, c.Median(scale)
			if !e.Sure() {
				bar.Low, bar.High = math.Inf(-1), math.Inf(1)
			}
		}
		list = append(list, bar)
	}
	svg, err := chart.Bars(list, joined(", ", v.Title, column))
	v.SVG = template.HTML(svg) // chart escapes what it is given
	return v, err
}

// way says which way is better.
func way(m result.Metric) string {
	switch m.Better {
	case result.Higher:
		return "more is better"
	case result.Lower:
		return "less is better"
	default:
		return ""
	}
}

// tails plots the time to a block's last byte, where it was measured.
func tails(run *raw.Run, w *table.Work, column string) (plotView, bool, error) {
	names := []string{"p50", "p90", "p99", "p999"}
	var list []chart.Tail
	there := false
	for _, one := range w.Series {
		tail := chart.Tail{Hue: hue(run, one.Client)}
		for _, name := range names {
			m, _ := result.MetricByName("last_byte_ms_" + name)
			value := math.NaN()
			if e := one.Cell(m).Value; e.N > 0 {
				value, there = e.Mid, true
			}
			tail.Values = append(tail.Values, value)
		}
		list = append(list, tail)
	}
	if !there {
		return plotView{}, false, nil
	}
	v := plotView{Title: "request to last byte, ms", Text: column}
	svg, err := chart.Tails(list, []string{"p50", "p90", "p99", "p99.9"}, joined(", ", v.Title, column))
	v.SVG = template.HTML(svg) // chart escapes what it is given
	return v, true, err
}

// hue is the number of a client's colour, the same all over the page.
func hue(run *raw.Run, client string) int {
	i := slices.IndexFunc(run.Header.Clients, func(c raw.Client) bool { return c.Name == client })
	if i < 0 {
		return len(run.Header.Clients)
	}
	return i
}

func legendOf(run *raw.Run, g table.Group) []hueView {
	var list []hueView
	for _, client := range g.Clients() {
		list = append(list, hueView{client, template.CSS("background:var(" + chart.Hue(hue(run, client)) + ")")})
	}
	return list
}
