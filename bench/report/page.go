package report

import (
	_ "embed" // the page's form and style
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/report/table"
	"spate/bench/result"
)

var (
	//go:embed page.html.tmpl
	pageForm string
	//go:embed page.css
	pageStyle string
)

// pageView is what the form is filled with.
type pageView struct {
	Name, Date, Machine, Legend string
	Style                       template.CSS
	Summary                     summaryView
	Sections                    []sectionView
	Facts, Clients              []factView
	Failures, Notes             []string
}

// factView is a name with a text. Code is for what is typed, or what failed.
type factView struct {
	Name, Text string
	Code       bool
}

type cellView struct {
	Text, Small string
	Best, Edge  bool
}

type rowView struct {
	Name  string
	First bool
	Cells []cellView
}

type headView struct {
	Title string
	Edge  bool
}

// tableView is a work's table.
type tableView struct {
	Label, About string
	Heads        []headView
	Rows         []rowView
}

// summaryView is the table of all scenarios. A span is a scenario's columns.
type summaryView struct {
	tableView
	Spans []spanView
}

type spanView struct {
	Title, Metric, Text string
	Width               int
}

// Page writes the report as one HTML page.
func Page(w io.Writer, run *raw.Run) error { return page(w, run, table.Sections(run)) }

func page(w io.Writer, run *raw.Run, sections []*table.Section) error {
	form, err := template.New("page").Parse(pageForm)
	if err != nil {
		return err
	}
	h := &run.Header
	v := pageView{
		Name: run.Name, Date: h.Time.Format("2 January 2006"), Machine: machine(h), Legend: pageLegend(run),
		Style: template.CSS(pageStyle), Summary: summaryOf(run, sections), // the style is ours
	}
	for _, s := range sections {
		one, err := sectionOf(run, s)
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, one)
	}
	v.Facts = facts(run)
	for _, c := range h.Clients {
		if c.Missing != "" {
			v.Clients = append(v.Clients, factView{c.Name, "absent: " + c.Missing, true})
		} else {
			v.Clients = append(v.Clients, factView{Name: c.Name, Text: joined("; ", c.Version, c.Settings)})
		}
	}
	v.Failures, v.Notes = remarkLines(table.Failures(run)), remarkLines(table.Notes(run))
	if run.Torn {
		v.Failures = append(v.Failures, "The run was cut off in the midst of a result.")
	}
	return form.Execute(w, v)
}

// pageLegend is the legend without the marks of Markdown.
func pageLegend(run *raw.Run) string {
	return strings.NewReplacer("bold", "tinted", `\`, "", "&lt;", "<").Replace(legend(run))
}

func facts(run *raw.Run) []factView {
	h := &run.Header
	list := []factView{
		{"command", h.Command, true}, {"commit", h.Commit, true},
		{"begun", h.Time.UTC().Format("2006-01-02 15:04 MST"), false},
		{"machine", machine(h), false},
	}
	for _, name := range optionNames(run) {
		list = append(list, factView{name, h.Options[name], false})
	}
	return list
}

func remarkLines(remarks []table.Remark) []string {
	var lines []string
	for _, r := range remarks {
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", joined(", ", r.Client, r.Scenario, r.Setting), r.Text, times(r.Rounds)))
	}
	return lines
}

// summaryOf has a column for the first metric of each scenario at each work of
// its first group. The ceiling is not a client's, so it is left out.
func summaryOf(run *raw.Run, sections []*table.Section) summaryView {
	var v summaryView
	for _, client := range run.Header.Clients {
		if client.Missing == "" {
			v.Rows = append(v.Rows, rowView{Name: client.Name, First: client.Name == run.Header.Clients[0].Name})
		}
	}
	for _, s := range sections {
		metrics := s.Headline()
		if s.Scenario.Name == result.Ceiling || len(metrics) == 0 {
			continue
		}
		m, g := metrics[0], s.Groups()[0]
		v.Spans = append(v.Spans, spanView{s.Scenario.Title, table.Heading(m, s.ScaleOf(m)), joined(", ", s.Common, g.Label), len(g.Works)})
		for i, w := range g.Works {
			v.Heads = append(v.Heads, headView{g.Columns[i], i == 0})
			for j := range v.Rows {
				cell := cellOf(w, v.Rows[j].Name, m, s.ScaleOf(m))
				cell.Small, cell.Edge = timesSign(w.Of(v.Rows[j].Name).Cell(m)), i == 0
				v.Rows[j].Cells = append(v.Rows[j].Cells, cell)
			}
		}
	}
	v.Rows = slices.DeleteFunc(v.Rows, func(r rowView) bool {
		return !slices.ContainsFunc(r.Cells, func(c cellView) bool { return c.Text != table.None })
	})
	return v
}

// tableOf is a work with all headline metrics; the first ones with their
// ratios.
func tableOf(s *table.Section, w *table.Work) tableView {
	v := tableView{Label: w.Label, About: joined(", ", s.Scenario.Title, w.Label)}
	ratios := ratiosOf(w)
	for i, m := range s.Headline() {
		v.Heads = append(v.Heads, headView{Title: table.Heading(m, s.ScaleOf(m))})
		if i < ratios {
			v.Heads = append(v.Heads, headView{Title: "×"})
		}
	}
	for _, one := range w.Series {
		row := rowView{Name: one.Client}
		for i, m := range s.Headline() {
			row.Cells = append(row.Cells, cellOf(w, one.Client, m, s.ScaleOf(m)))
			if c := one.Cell(m); i < ratios {
				row.First = row.First || c.Base
				row.Cells = append(row.Cells, cellView{Text: c.Times(), Small: c.TimesInterval()})
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func cellOf(w *table.Work, client string, m result.Metric, scale table.Scale) cellView {
	c := w.Of(client).Cell(m)
	return cellView{Text: c.Median(scale), Small: c.Interval(scale), Best: slices.Contains(w.Best(m), client)}
}

// timesSign is a ratio that stands below its figure.
func timesSign(c table.Cell) string {
	switch text := c.Times(); {
	case c.Base || text == table.None:
		return ""
	case strings.HasPrefix(text, "≈"):
		return text
	default:
		return text + "×"
	}
}
