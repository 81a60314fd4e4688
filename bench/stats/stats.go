package stats

import (
	"math"
	"slices"
)

// Median is the middle of values, or the mean of the two in the middle; NaN
// without values, which it leaves as they are.
func Median(values []float64) float64 {
	return medianOf(slices.Clone(values))
}

// medianOf sorts values.
func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 0 {
		return (values[half-1] + values[half]) / 2
	}
	return values[half]
}

// Deviation is the standard deviation of what values are a sample of; 0 for
// fewer than two.
func Deviation(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	n := float64(len(values))
	var mean, squares float64
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / (n - 1))
}

// Jain is the fairness index of shares (Jain, Chiu, Hawe 1984): 1 when all are
// equal, 1/n when one has everything. Without shares, or when nobody has any,
// it is 1: nobody has more than another.
func Jain(shares []float64) float64 {
	var sum, squares float64
	for _, s := range shares {
		sum += s
		squares += s * s
	}
	if squares == 0 {
		return 1
	}
	return sum * sum / (float64(len(shares)) * squares)
}
