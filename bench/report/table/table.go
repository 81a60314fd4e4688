package table

import (
	"slices"
	"strings"

	"spate/bench/report/raw"
	"spate/bench/result"
	"spate/bench/stats"
)

// Section is all that was measured in one scenario.
type Section struct {
	Scenario result.Scenario
	// Common is what the settings of all its works have in common, in words.
	Common string
	Works  []*Work
	// Failures are the results without figures.
	Failures []result.Result
}

// Work is what the clients did under one setting.
type Work struct {
	Setting result.Setting
	// Label is the setting without what is in Section.Common; empty for the
	// only work of a section.
	Label  string
	Series []*Series
}

// Series is the repetitions of one client.
type Series struct {
	Client string
	// Rounds is how many there are.
	Rounds int
	// Limited tells that the generator was the limit in one of them.
	Limited bool

	figures map[string]map[int]float64 // by metric and round
	base    *Series                    // the first client's, or nil
	cells   map[string]Cell
}

// Cell is what a series says of one metric.
type Cell struct {
	Metric result.Metric
	// Value is without values (N = 0) when the client has no such figure.
	Value stats.Estimate
	// Ratio is to the first client, and without values where there is none.
	Ratio stats.Estimate
	// Base tells that this is the first client.
	Base bool
	// AtLeast tells that the client could do more than the generator asked.
	AtLeast bool
}

// Sections groups a run.
func Sections(run *raw.Run) []*Section {
	var sections []*Section
	for _, r := range run.Results {
		i := slices.IndexFunc(sections, func(s *Section) bool { return s.Scenario.Name == r.Scenario })
		if i < 0 {
			i = len(sections)
			sections = append(sections, &Section{Scenario: known(r.Scenario)})
		}
		sections[i].add(r)
	}
	order := result.Scenarios()
	rank := func(s *Section) int {
		i := slices.IndexFunc(order, func(o result.Scenario) bool { return o.Name == s.Scenario.Name })
		if i < 0 {
			return len(order)
		}
		return i
	}
	slices.SortStableFunc(sections, func(a, b *Section) int { return rank(a) - rank(b) })
	for _, s := range sections {
		s.finish(&run.Header)
	}
	return sections
}

// known is the scenario of a name, or a bare one.
func known(name string) result.Scenario {
	for _, s := range result.Scenarios() {
		if s.Name == name {
			return s
		}
	}
	return result.Scenario{Name: name, Title: name}
}

// add takes a result of the section's scenario. Of two in the same round the
// later one counts.
func (s *Section) add(r result.Result) {
	if r.Error != "" {
		s.Failures = append(s.Failures, r)
		return
	}
	i := slices.IndexFunc(s.Works, func(w *Work) bool { return w.Setting == r.Setting })
	if i < 0 {
		i = len(s.Works)
		s.Works = append(s.Works, &Work{Setting: r.Setting})
	}
	w := s.Works[i]
	one := w.Of(r.Client)
	if one == nil {
		one = &Series{Client: r.Client, figures: map[string]map[int]float64{}, cells: map[string]Cell{}}
		w.Series = append(w.Series, one)
	}
	one.Rounds++
	one.Limited = one.Limited || r.Limit == result.LimitGenerator
	for name, value := range r.Figures {
		if one.figures[name] == nil {
			one.figures[name] = map[int]float64{}
		}
		one.figures[name][r.Round] = value
	}
}

// finish orders and labels what was added.
func (s *Section) finish(h *raw.Header) {
	rank := func(name string) int {
		i := slices.IndexFunc(h.Clients, func(c raw.Client) bool { return c.Name == name })
		if i < 0 {
			return len(h.Clients)
		}
		return i
	}
	for _, w := range s.Works {
		slices.SortStableFunc(w.Series, func(a, b *Series) int { return rank(a.Client) - rank(b.Client) })
		if len(h.Clients) == 0 {
			continue
		}
		base := w.Of(h.Clients[0].Name)
		for _, one := range w.Series {
			one.base = base
		}
	}
	s.label()
	if len(s.Scenario.Headline) > 0 {
		return
	}
	for _, m := range result.Metrics() {
		if s.Has(m.Name) {
			s.Scenario.Headline = append(s.Scenario.Headline, m.Name)
		}
	}
}

// label parts the words of all settings into what is common and what is not.
func (s *Section) label() {
	words := make([][]string, len(s.Works))
	for i, w := range s.Works {
		words[i] = settingWords(w.Setting)
	}
	everywhere := func(word string) bool {
		return !slices.ContainsFunc(words, func(list []string) bool { return !slices.Contains(list, word) })
	}
	if len(words) == 0 {
		return
	}
	var common []string
	for _, word := range words[0] {
		if everywhere(word) {
			common = append(common, word)
		}
	}
	s.Common = strings.Join(common, ", ")
	for i, w := range s.Works {
		w.Label = strings.Join(slices.DeleteFunc(slices.Clone(words[i]), everywhere), ", ")
	}
}

// Has tells whether any series of the section has a metric.
func (s *Section) Has(metric string) bool {
	for _, w := range s.Works {
		for _, one := range w.Series {
			if len(one.figures[metric]) > 0 {
				return true
			}
		}
	}
	return false
}

// Headline is the section's headline metrics of which there are figures.
func (s *Section) Headline() []result.Metric {
	var list []result.Metric
	for _, name := range s.Scenario.Headline {
		if m, ok := result.MetricByName(name); ok && s.Has(name) {
			list = append(list, m)
		}
	}
	return list
}

// Clients lists those of the section, in order.
func (s *Section) Clients() []string {
	var names []string
	for _, w := range s.Works {
		place := 0
		for _, one := range w.Series {
			if i := slices.Index(names, one.Client); i >= 0 {
				place = i + 1
				continue
			}
			names = slices.Insert(names, place, one.Client)
			place++
		}
	}
	return names
}

// Compared tells whether there are ratios: the first client, and another.
func (w *Work) Compared() bool {
	return len(w.Series) > 1 && w.Series[0].base != nil
}

// Of finds a client's series; nil when there is none.
func (w *Work) Of(client string) *Series {
	for _, s := range w.Series {
		if s.Client == client {
			return s
		}
	}
	return nil
}
