package comparison

import (
	"fmt"
	"io"
	"strings"
	"time"

	"spate/bench/result"
	"spate/bench/run"
	"spate/cmd/internal/config"
)

// watcher shows how a run goes: what is measured, each result, and the time
// that is left.
type watcher struct {
	to      io.Writer
	results int
}

func (w *watcher) say(format string, args ...any) {
	fmt.Fprintf(w.to, format+"\n", args...)
}

func (w *watcher) progress(p run.Progress) {
	what := p.Scenario
	if p.Congestion != "" {
		what += " under " + p.Congestion
	}
	if p.Note != "" {
		w.say("%s: %s", what, p.Note)
		return
	}
	left := ""
	if p.Left > 0 {
		left = fmt.Sprintf(", %v to go", p.Left.Round(time.Second))
	}
	w.say("[%d/%d%s] %s, round %d of %d: %s", p.Done+1, p.Turns, left, what, p.Round, p.Rounds, p.Client)
}

// result shows the headline figures of its scenario.
func (w *watcher) result(r result.Result) {
	w.results++
	if r.Error != "" {
		w.say("    %s: failed: %s", r.Setting, r.Error)
		return
	}
	var words []string
	for _, s := range result.Scenarios() {
		if s.Name != r.Scenario {
			continue
		}
		for _, name := range s.Headline {
			m, _ := result.MetricByName(name)
			if v, there := r.Figures[name]; there {
				words = append(words, m.Title+" "+figure(v, m.Unit))
			}
		}
	}
	if r.Limit != "" {
		words = append(words, r.Limit+" at its limit")
	}
	w.say("    %s: %s", r.Setting, strings.Join(words, ", "))
}

// figure is a number for a reader.
func figure(v float64, unit string) string {
	if unit == "B" {
		return config.FormatBytes(v)
	}
	text := fmt.Sprintf("%.3g", v)
	if v >= 1000 {
		text = fmt.Sprintf("%.0f", v)
	}
	if unit == "s" || unit == "ms" || unit == "%" {
		text += " " + unit
	}
	return text
}
