package regress

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"spate/bench/report/table"
	"spate/bench/result"
)

// JSON writes the comparison as one object.
func (c *Comparison) JSON(w io.Writer) error {
	return json.NewEncoder(w).Encode(struct {
		*Comparison
		Regressions  int `json:"regressions"`
		Improvements int `json:"improvements"`
	}{c, c.Regressions(), c.count(Improved)})
}

// Text writes the comparison as tables: the client under development first, then
// the others, and what was made of it.
func (c *Comparison) Text(w io.Writer) error {
	for _, line := range c.Warnings {
		if _, err := fmt.Fprintf(w, "warning: %s\n", line); err != nil {
			return err
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	c.rows(t, true, c.Client)
	c.rows(t, false, "Other clients, not judged")
	if err := t.Flush(); err != nil {
		return err
	}
	if len(c.Controls) > 0 {
		list := make([]string, len(c.Controls))
		for i, one := range c.Controls {
			list[i] = fmt.Sprintf("%s %s %s", one.Scenario, one.Metric, percent(one.Ratio))
		}
		if _, err := fmt.Fprintf(w, "\nTaken out, since unchanged clients moved by it: %s.\n", strings.Join(list, ", ")); err != nil {
			return err
		}
	}
	for _, one := range c.Gone {
		if _, err := fmt.Fprintf(w, "\n%s fails now: %s\n", c.Client, one); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s: %d metrics judged, %d regressions, %d improvements of more than %.3g %%.\n",
		c.Client, c.Judged(), c.Regressions(), c.count(Improved), 100*c.MinEffect)
	return err
}

// rows writes those that are judged, or those that are not.
func (c *Comparison) rows(t io.Writer, judged bool, title string) {
	begun := false
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Judged != judged {
			continue
		}
		if !begun {
			fmt.Fprintf(t, "\n%s\nscenario\tsetting\tclient\tmetric\told\tnew\tchange\tinterval\t\n", title)
			begun = true
		}
		m, _ := result.MetricByName(r.Metric)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Scenario, r.Setting, r.Client, m.Title,
			figure(m, r.Old), figure(m, r.New), percent(r.Ratio), r.interval(), r.mark())
	}
}

// figure is a number in its unit, for a row of its own.
func figure(m result.Metric, v float64) string {
	unit, per := m.Unit, 1.0
	if unit == "B" {
		unit, per = "KiB", 1<<10
		if v >= 4<<20 {
			unit, per = "MiB", 1<<20
		}
	}
	if unit == "MB/s" || unit == "1/s" || unit == "Gbit/s" {
		unit = ""
	}
	return strings.TrimSpace(table.Number(v/per) + " " + unit)
}

func (r *Row) interval() string {
	if r.Verdict == Unjudged {
		return table.None
	}
	return percent(r.Low) + " to " + percent(r.High)
}

func (r *Row) mark() string {
	switch r.Verdict {
	case Same:
		return ""
	case Regression:
		return "REGRESSION"
	default:
		return string(r.Verdict)
	}
}

// percent is a ratio as a change.
func percent(ratio float64) string {
	if change := 100 * (ratio - 1); change < 1000 {
		return fmt.Sprintf("%+.1f%%", change)
	}
	return fmt.Sprintf("%.0f-fold", ratio)
}
