package stats

import "slices"

// Summary is the middle and the range of some values.
type Summary struct {
	Median, Min, Max float64
	// N is how many values there were; with 0 the rest means nothing.
	N int
}

// Summarize leaves values as they are.
func Summarize(values []float64) Summary {
	if len(values) == 0 {
		return Summary{}
	}
	return Summary{Median: Median(values), Min: slices.Min(values), Max: slices.Max(values), N: len(values)}
}

// Ratios summarizes values over base, round by round. Both are by round; a
// round that either lacks, or whose base is 0, does not count.
func Ratios(values, base map[int]float64) Summary {
	var ratios []float64
	for round, v := range values {
		if b := base[round]; b != 0 {
			ratios = append(ratios, v/b)
		}
	}
	return Summarize(ratios)
}
