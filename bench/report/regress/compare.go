package regress

import (
	"math"

	"spate/bench/report/raw"
	"spate/bench/report/table"
	"spate/bench/result"
	"spate/bench/stats"
)

// How sure a regression is: see the package.
const (
	// MinEffect is the least change that is reported, by default, as a share.
	MinEffect = 0.05
	// Certainty is half the width of an interval in standard errors.
	Certainty = 2.75
	// DriftAlone is the standard deviation of the change between two runs of
	// the same program, as a share.
	DriftAlone = 0.04
	// DriftControlled is what controls leave of it.
	DriftControlled = 0.02
	// MinControls is how many cells of unchanged clients make a correction.
	MinControls = 3
	// MinRounds is how many rounds a run needs, that its deviation is known.
	MinRounds = 3
	// medianError is the standard error of a median over that of a mean.
	medianError = 1.2533
)

// Options says what to look for.
type Options struct {
	// Client is the one under development; empty for the first of the new run.
	Client string
	// MinEffect is the least change that is reported, as a share of the old
	// figure; 0 for the constant.
	MinEffect float64
}

// Verdict is what a row says.
type Verdict string

// The verdicts.
const (
	Same       Verdict = "same"
	Regression Verdict = "regression"
	Improved   Verdict = "improvement"
	// Unjudged is a row with too few rounds.
	Unjudged Verdict = "too few rounds"
)

// Row is one metric of one client at one work, in both runs.
type Row struct {
	Scenario string         `json:"scenario"`
	Setting  result.Setting `json:"setting"`
	Client   string         `json:"client"`
	Metric   string         `json:"metric"`
	// Old and New are the medians.
	Old float64 `json:"old"`
	New float64 `json:"new"`
	// Ratio is new over old with what the controls moved by taken out, and Low
	// and High its interval; for a row with too few rounds they are equal.
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	// Judged tells that the client is the one under development.
	Judged  bool    `json:"judged"`
	Verdict Verdict `json:"verdict"`

	better            result.Better
	change, deviation float64 // of the logarithms
	rounds            [2]int
}

// Control is by how much unchanged clients moved.
type Control struct {
	Scenario string `json:"scenario"`
	Metric   string `json:"metric"`
	// Ratio is the median of Cells ratios of new to old.
	Ratio float64 `json:"ratio"`
	Cells int     `json:"cells"`

	doubt float64 // its standard error, in logarithms
}

// Comparison is two runs beside each other.
type Comparison struct {
	Client    string    `json:"client"`
	MinEffect float64   `json:"min_effect"`
	Warnings  []string  `json:"warnings,omitempty"`
	Controls  []Control `json:"controls,omitempty"`
	Rows      []Row     `json:"rows"`
	// Gone are works of the judged client that have figures in the old run
	// alone: a client that fails is no improvement.
	Gone []string `json:"gone,omitempty"`
}

// Compare puts two runs beside each other.
func Compare(before, after *raw.Run, o Options) *Comparison {
	c := &Comparison{Client: o.Client, MinEffect: o.MinEffect}
	if c.Client == "" && len(after.Header.Clients) > 0 {
		c.Client = after.Header.Clients[0].Name
	}
	if c.MinEffect == 0 {
		c.MinEffect = MinEffect
	}
	c.Warnings = warnings(&before.Header, &after.Header)
	old := table.Sections(before)
	for _, section := range table.Sections(after) {
		c.section(find(old, section.Scenario.Name), section)
	}
	c.gone(old, table.Sections(after))
	unchanged := func(client string) bool {
		a, inOld := before.Header.Client(client)
		b, inNew := after.Header.Client(client)
		return client != c.Client && inOld && inNew && a.Version == b.Version
	}
	for i := range c.Rows {
		c.Rows[i].Judged = c.Rows[i].Client == c.Client
	}
	c.correct(unchanged)
	c.judge()
	return c
}

// Regressions counts them, and the works that are gone.
func (c *Comparison) Regressions() int { return c.count(Regression) + len(c.Gone) }

func (c *Comparison) count(v Verdict) int {
	n := 0
	for i := range c.Rows {
		if c.Rows[i].Judged && c.Rows[i].Verdict == v {
			n++
		}
	}
	return n
}

// Judged counts the rows that had a verdict.
func (c *Comparison) Judged() int {
	return c.count(Same) + c.count(Regression) + c.count(Improved)
}

func find(sections []*table.Section, name string) *table.Section {
	for _, s := range sections {
		if s.Scenario.Name == name {
			return s
		}
	}
	return nil
}

// section makes a row for each headline metric that both runs have.
func (c *Comparison) section(old, now *table.Section) {
	if old == nil {
		return
	}
	for _, w := range now.Works {
		was := match(old, w)
		if was == nil {
			continue
		}
		for _, one := range w.Series {
			before := was.Of(one.Client)
			for _, m := range now.Headline() {
				if m.Better == result.Neither || before == nil {
					continue
				}
				a, b := before.Values(m.Name), one.Values(m.Name)
				if len(a) > 0 && len(b) > 0 {
					c.Rows = append(c.Rows, row(now, w, one.Client, m, a, b))
				}
			}
		}
	}
}

func match(s *table.Section, w *table.Work) *table.Work {
	for _, other := range s.Works {
		if other.Setting == w.Setting {
			return other
		}
	}
	return nil
}

// row compares the figures of both runs.
func row(s *table.Section, w *table.Work, client string, m result.Metric, old, now []float64) Row {
	a, b := logs(old, Slack(m)), logs(now, Slack(m))
	r := Row{
		Scenario: s.Scenario.Name, Setting: w.Setting, Client: client, Metric: m.Name,
		Old: stats.Median(old), New: stats.Median(now),
		better: m.Better,
		change: stats.Median(b) - stats.Median(a),
		rounds: [2]int{len(a), len(b)},
	}
	if d := r.rounds[0] + r.rounds[1] - 2; d > 0 {
		va, vb := stats.Deviation(a), stats.Deviation(b)
		r.deviation = math.Sqrt((va*va*float64(len(a)-1) + vb*vb*float64(len(b)-1)) / float64(d))
	}
	return r
}

// Slack is what is added to a metric's figures before they are compared: about
// what the system counts in, so that nothing is a multiple of next to nothing.
func Slack(m result.Metric) float64 {
	switch {
	case m.Unit == "%" && m.Better == result.Lower:
		return 10 // of a core, or of the content
	case m.Name == "cpu_s":
		return 0.1 // ten ticks of the clock that counts CPU time
	case m.Unit == "s":
		return 0.02
	case m.Unit == "ms":
		return 0.5
	case m.Name == "rss_anon":
		return 1 << 20
	default:
		return tiny
	}
}

// tiny keeps a figure of 0 from having no logarithm.
const tiny = 1e-9

func logs(values []float64, slack float64) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = math.Log(max(v, 0) + slack)
	}
	return list
}
