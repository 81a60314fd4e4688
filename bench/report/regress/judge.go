package regress

import (
	"fmt"
	"math"
	"slices"

	"spate/bench/report/raw"
	"spate/bench/report/table"
	"spate/bench/result"
	"spate/bench/stats"
)

// correct takes out of every change what the unchanged clients moved by.
func (c *Comparison) correct(unchanged func(client string) bool) {
	type key struct{ scenario, metric string }
	var order []key
	moved := map[key][]float64{}
	for i := range c.Rows {
		r := &c.Rows[i]
		k := key{r.Scenario, r.Metric}
		if _, ok := moved[k]; !ok {
			order = append(order, k)
			moved[k] = nil
		}
		if unchanged(r.Client) && r.enough() {
			moved[k] = append(moved[k], r.change)
		}
	}
	for _, k := range order {
		if len(moved[k]) < MinControls {
			continue
		}
		n := len(moved[k])
		c.Controls = append(c.Controls, Control{
			Scenario: k.scenario, Metric: k.metric, Ratio: math.Exp(stats.Median(moved[k])), Cells: n,
			doubt: medianError * stats.Deviation(moved[k]) / math.Sqrt(float64(n)),
		})
	}
}

// drift is the change that is the machine's, and how far off that may be: what
// controls say, or nothing without them.
func (c *Comparison) drift(r *Row) (change, doubt float64) {
	for _, one := range c.Controls {
		if one.Scenario == r.Scenario && one.Metric == r.Metric {
			return math.Log(one.Ratio), math.Hypot(DriftControlled, one.doubt)
		}
	}
	return 0, DriftAlone
}

func (r *Row) enough() bool { return min(r.rounds[0], r.rounds[1]) >= MinRounds }

// judge gives each row its interval and verdict.
func (c *Comparison) judge() {
	for i := range c.Rows {
		r := &c.Rows[i]
		moved, drift := c.drift(r)
		change := r.change - moved
		r.Ratio = math.Exp(change)
		if !r.enough() {
			r.Low, r.High, r.Verdict = r.Ratio, r.Ratio, Unjudged
			continue
		}
		noise := medianError * max(r.deviation, c.usual(r)) * math.Sqrt(1/float64(r.rounds[0])+1/float64(r.rounds[1]))
		half := Certainty * math.Hypot(noise, drift)
		r.Low, r.High = math.Exp(change-half), math.Exp(change+half)
		r.Verdict = verdict(r, c.MinEffect)
	}
}

// usual is the median deviation of a row's metric and client, over all works.
func (c *Comparison) usual(r *Row) float64 {
	var all []float64
	for i := range c.Rows {
		if o := &c.Rows[i]; o.Metric == r.Metric && o.Client == r.Client && o.Scenario == r.Scenario && o.enough() {
			all = append(all, o.deviation)
		}
	}
	return stats.Median(all)
}

func verdict(r *Row, effect float64) Verdict {
	less, more := Regression, Improved
	if r.better == result.Lower {
		less, more = Improved, Regression
	}
	switch {
	case r.High < 1-effect:
		return less
	case r.Low > 1/(1-effect):
		return more
	default:
		return Same
	}
}

// gone lists works at which the judged client has figures in the old run, and
// failed in the new one.
func (c *Comparison) gone(old, now []*table.Section) {
	for _, s := range now {
		was := find(old, s.Scenario.Name)
		if was == nil {
			continue
		}
		for _, w := range was.Works {
			failed := slices.ContainsFunc(s.Failures, func(r result.Result) bool {
				return r.Setting == w.Setting && r.Client == c.Client
			})
			after := match(s, w)
			if failed && w.Of(c.Client) != nil && (after == nil || after.Of(c.Client) == nil) {
				c.Gone = append(c.Gone, fmt.Sprintf("%s, %s", s.Scenario.Title, w.Setting))
			}
		}
	}
}

// warnings says where the runs were not made alike.
func warnings(old, now *raw.Header) []string {
	var list []string
	differ := func(what, a, b string) {
		if a != b {
			list = append(list, fmt.Sprintf("%s: %q in the old run, %q in the new one", what, a, b))
		}
	}
	differ("CPU", old.CPU, now.CPU)
	differ("cores", fmt.Sprint(old.Cores), fmt.Sprint(now.Cores))
	differ("memory (GiB)", fmt.Sprint(old.MemoryGiB), fmt.Sprint(now.MemoryGiB))
	differ("kernel", old.Kernel, now.Kernel)
	differ("congestion control", old.Congestion, now.Congestion)
	differ("congestion control pinned", fmt.Sprint(old.Pinned), fmt.Sprint(now.Pinned))
	var names []string
	for _, options := range []map[string]string{old.Options, now.Options} {
		for name := range options {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		differ(name, old.Options[name], now.Options[name])
	}
	return list
}
