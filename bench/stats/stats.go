// Package stats says what repeated measurements amount to. Rounds are few and
// machines noisy, so it speaks of medians and of the whole range, and compares
// two clients within the rounds that both ran in: what slows a machine down for
// a minute slows both.
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
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	median := sorted[half]
	if len(sorted)%2 == 0 {
		median = (sorted[half-1] + sorted[half]) / 2
	}
	return Summary{Median: median, Min: sorted[0], Max: sorted[len(sorted)-1], N: len(sorted)}
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
