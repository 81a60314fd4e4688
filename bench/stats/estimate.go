package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// Resamples of a bootstrap. The ends of an interval have 250 of them
	// outside, which fixes its width to some 3 %.
	Resamples = 10_000
	// Level is how sure an interval is.
	Level = 0.95
	// Seed makes intervals repeatable.
	Seed = 0x5ba7e
	// MinValues is how many values have an interval. Two tell next to nothing
	// of their noise: Student's t would make them an interval of a fourteenfold
	// difference.
	MinValues = 3
)

// Estimate is a median with its interval.
type Estimate struct {
	// Mid is the median of N values, within Low and High.
	Mid, Low, High float64
	// N is how many values there were. With 0 the rest means nothing; below
	// MinValues the interval is infinite.
	N int
}

// Sure tells whether there were enough values for an interval.
func (e Estimate) Sure() bool { return e.N >= MinValues }

// Differs tells whether a ratio is other than 1, as far as its interval says.
func (e Estimate) Differs() bool {
	return e.Sure() && (e.Low > 1 || e.High < 1)
}

// Of estimates the median that values are a sample of, and leaves them as they
// are. They must be finite.
func Of(values []float64) Estimate {
	if len(values) == 0 {
		return Estimate{}
	}
	if slices.Min(values) <= 0 {
		return interval(values, Deviation(values))
	}
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(v)
	}
	middle, near := Median(logs), make([]float64, len(logs))
	for i, v := range logs {
		near[i] = min(max(v, middle-far), middle+far)
	}
	e := interval(logs, Deviation(near))
	// The median is that of the values: for an even number the mean of the two
	// in the middle is another one in logarithms.
	return Estimate{Mid: Median(values), Low: math.Exp(e.Low), High: math.Exp(e.High), N: e.N}
}

// Ratio estimates values over base, round by round. Both are by round; a round
// that either lacks, or in which either is not above 0, does not count.
func Ratio(values, base map[int]float64) Estimate {
	var ratios []float64
	for _, round := range rounds(values) {
		if v, b := values[round], base[round]; v > 0 && b > 0 {
			ratios = append(ratios, v/b)
		}
	}
	return Of(ratios)
}

// rounds lists those of a series in order, since chance must not meet them in
// another one.
func rounds(series map[int]float64) []int {
	list := make([]int, 0, len(series))
	for round := range series {
		list = append(list, round)
	}
	slices.Sort(list)
	return list
}

// far is how far from the median a logarithm counts for the noise: a factor of
// two. A round that stalled altogether would otherwise make all of them noisy
// by orders of magnitude.
const far = math.Ln2

// interval is the stretched smoothed bootstrap of the median, for values of
// that deviation: see the package.
func interval(values []float64, deviation float64) Estimate {
	n := len(values)
	e := Estimate{Mid: Median(values), N: n}
	if !e.Sure() {
		e.Low, e.High = math.Inf(-1), math.Inf(1)
		return e
	}
	var (
		chance  = rand.New(rand.NewPCG(Seed, uint64(n)))
		noise   = deviation / math.Sqrt(float64(n))
		sample  = make([]float64, n)
		medians = make([]float64, Resamples)
	)
	for i := range medians {
		for j := range sample {
			sample[j] = values[chance.IntN(n)] + noise*chance.NormFloat64()
		}
		medians[i] = medianOf(sample)
	}
	slices.Sort(medians)
	const tail = (1 - Level) / 2
	outside := int(tail * Resamples)
	student := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
	stretch := student.Quantile(1-tail) / distuv.UnitNormal.Quantile(1-tail)
	// An even number of far apart values can have all medians on one side.
	e.Low = e.Mid - stretch*max(0, e.Mid-medians[outside])
	e.High = e.Mid + stretch*max(0, medians[Resamples-1-outside]-e.Mid)
	return e
}
