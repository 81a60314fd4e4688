package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestOf(t *testing.T) {
	check := func(values []float64, mid float64) Estimate {
		t.Helper()
		got := Of(values)
		if got.Mid != mid || got.N != len(values) || got.Low > mid || got.High < mid {
			t.Errorf("%v: got %+v, want %v within", values, got, mid)
		}
		if again := Of(values); again != got {
			t.Errorf("%v: %+v, and %+v when asked again", values, got, again)
		}
		return got
	}
	if got := Of(nil); got != (Estimate{}) {
		t.Errorf("nothing: got %+v", got)
	}
	for _, few := range [][]float64{{3}, {3, 3}, {1, 5}} {
		if e := check(few, 3); e.Low != 0 || !math.IsInf(e.High, 1) || e.Sure() {
			t.Errorf("%v has the interval %v to %v", few, e.Low, e.High)
		}
	}
	if e := check([]float64{5, 5, 5}, 5); math.Abs(e.Low-5) > 1e-9 || math.Abs(e.High-5) > 1e-9 {
		t.Errorf("equal values have the interval %v to %v", e.Low, e.High)
	}
	check([]float64{1, 1000}, 500.5)
	check([]float64{1, 2, 3, 4}, 2.5)
	check([]float64{0, 0, 1}, 0)
	check([]float64{-1, 0, 1}, 0)
	// In logarithms a lower end never falls below 0.
	if e := check([]float64{1, 10, 100}, 10); e.Low <= 0 {
		t.Errorf("got %+v", e)
	}
	// A round that stalled moves neither the median nor the upper end by much.
	if e := check([]float64{100, 101, 99, 100, 0.001}, 100); e.High > 140 {
		t.Errorf("got %+v", e)
	}
	if e := check([]float64{100, 101, 0.001}, 100); e.High > 250 {
		t.Errorf("got %+v", e)
	}
}

func TestRatio(t *testing.T) {
	check := func(values, base map[int]float64, mid float64, n int, differs bool) {
		t.Helper()
		got := Ratio(values, base)
		if math.Abs(got.Mid-mid) > 1e-9 || got.N != n || got.Differs() != differs {
			t.Errorf("%v over %v: got %+v, differs %v; want %v of %d, %v", values, base, got, got.Differs(), mid, n, differs)
		}
	}
	check(nil, nil, 0, 0, false)
	check(map[int]float64{1: 2}, map[int]float64{1: 1}, 2, 1, false) // one round says nothing of noise
	check(map[int]float64{1: 20, 2: 2}, map[int]float64{1: 10, 2: 1}, 2, 2, false)
	check(map[int]float64{1: 2, 2: 5}, map[int]float64{2: 10, 3: 10}, 0.5, 1, false)
	check(map[int]float64{1: 2, 2: 0}, map[int]float64{1: 0, 2: 1}, 0, 0, false)
	// A slow round slows both.
	check(map[int]float64{1: 10, 2: 51, 3: 9.9}, map[int]float64{1: 5, 2: 25, 3: 5}, 2, 3, true)
	check(map[int]float64{1: 10, 2: 5, 3: 20, 4: 8, 5: 12}, map[int]float64{1: 8, 2: 12, 3: 10, 4: 20, 5: 5}, 1.25, 5, false)
}

// TestCoverage holds the intervals to their word: of simulated measurements,
// at least 95 in 100 have the true median in the interval, and not by being
// endless.
func TestCoverage(t *testing.T) {
	const (
		trials    = 100
		deviation = 0.05 // the noise of a quiet machine
		truth     = 1000
	)
	chance := rand.New(rand.NewPCG(1, 2))
	check := func(rounds int, outliers float64, widest float64) {
		t.Helper()
		inside := 0
		var widths []float64
		for range trials {
			values := make([]float64, rounds)
			for i := range values {
				noise := deviation * chance.NormFloat64()
				if chance.Float64() < outliers {
					noise *= 4
				}
				values[i] = truth * math.Exp(noise)
			}
			e := Of(values)
			if e.Low <= truth && truth <= e.High {
				inside++
			}
			widths = append(widths, math.Log(e.High/e.Low)/deviation)
		}
		// 100 trials tell a share of 0.97 to 0.02.
		if share := float64(inside) / trials; share < 0.92 {
			t.Errorf("%d rounds, outliers %v: %v of the intervals have the median", rounds, outliers, share)
		}
		slices.Sort(widths)
		if got := widths[trials/2]; got > widest {
			t.Errorf("%d rounds, outliers %v: intervals are %v deviations wide, want %v", rounds, outliers, got, widest)
		}
	}
	check(3, 0, 6)
	check(5, 0, 3.5)
	check(5, 0.1, 4)
	check(10, 0, 2)
	check(20, 0.1, 1.5)
}

func BenchmarkOf(b *testing.B) {
	values := []float64{100, 103, 99, 97, 105}
	for b.Loop() {
		Of(values)
	}
}
