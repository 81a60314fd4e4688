package table

import (
	"slices"

	"spate/bench/result"
	"spate/bench/stats"
)

// Values lists a metric's figures in the order of the rounds.
func (s *Series) Values(metric string) []float64 {
	byRound := s.figures[metric]
	rounds := make([]int, 0, len(byRound))
	for round := range byRound {
		rounds = append(rounds, round)
	}
	slices.Sort(rounds)
	values := make([]float64, len(rounds))
	for i, round := range rounds {
		values[i] = byRound[round]
	}
	return values
}

// Cell is what the series says of a metric. It may be asked of no series, which
// says nothing.
func (s *Series) Cell(m result.Metric) Cell {
	if s == nil {
		return Cell{Metric: m}
	}
	cell, ok := s.cells[m.Name]
	if ok {
		return cell
	}
	cell = Cell{
		Metric: m, Value: stats.Of(s.Values(m.Name)),
		Base: s.base == s,
		// A rate could be more; what has no unit is a share, which could not.
		AtLeast: s.Limited && m.Better == result.Higher && m.Unit != "",
	}
	if s.base != nil && !cell.Base {
		cell.Ratio = stats.Ratio(s.figures[m.Name], s.base.figures[m.Name])
	}
	s.cells[m.Name] = cell
	return cell
}

// Best finds the clients of a work that nobody is better than in a metric: the
// one with the best median, and those whose interval reaches it. Nobody is best
// when there is no other, or no better way.
func (w *Work) Best(m result.Metric) []string {
	var best Cell
	several := false
	for _, s := range w.Series {
		c := s.Cell(m)
		switch {
		case c.Value.N == 0 || m.Better == result.Neither:
			continue
		case best.Value.N == 0:
			best = c
			continue
		case m.Better == result.Higher && c.Value.Mid > best.Value.Mid,
			m.Better == result.Lower && c.Value.Mid < best.Value.Mid:
			best = c
		}
		several = true
	}
	var names []string
	for _, s := range w.Series {
		c := s.Cell(m)
		if !several || c.Value.N == 0 {
			continue
		}
		if c.Value.Mid == best.Value.Mid || c.Value.Sure() && c.Value.Low <= best.Value.Mid && best.Value.Mid <= c.Value.High {
			names = append(names, s.Client)
		}
	}
	return names
}
