package stats

import "testing"

func TestSummarize(t *testing.T) {
	check := func(want Summary, values ...float64) {
		t.Helper()
		if got := Summarize(values); got != want {
			t.Errorf("%v: got %+v, want %+v", values, got, want)
		}
	}
	check(Summary{})
	check(Summary{Median: 3, Min: 3, Max: 3, N: 1}, 3)
	check(Summary{Median: 2, Min: 1, Max: 3, N: 2}, 3, 1)
	check(Summary{Median: 2, Min: -1, Max: 9, N: 3}, 9, -1, 2)
	check(Summary{Median: 2.5, Min: 1, Max: 4, N: 4}, 4, 2, 3, 1)
}

func TestSummarizeKeepsItsInput(t *testing.T) {
	values := []float64{3, 1, 2}
	Summarize(values)
	if values[0] != 3 || values[1] != 1 {
		t.Errorf("got %v", values)
	}
}

func TestRatios(t *testing.T) {
	check := func(values, base map[int]float64, want Summary) {
		t.Helper()
		if got := Ratios(values, base); got != want {
			t.Errorf("%v over %v: got %+v, want %+v", values, base, got, want)
		}
	}
	check(nil, nil, Summary{})
	check(map[int]float64{1: 2, 2: 6, 3: 12}, map[int]float64{1: 1, 2: 2, 3: 3}, Summary{Median: 3, Min: 2, Max: 4, N: 3})
	// A slow round slows both: the ratio does not move.
	check(map[int]float64{1: 20, 2: 2}, map[int]float64{1: 10, 2: 1}, Summary{Median: 2, Min: 2, Max: 2, N: 2})
	check(map[int]float64{1: 2, 2: 5}, map[int]float64{2: 10, 3: 10}, Summary{Median: 0.5, Min: 0.5, Max: 0.5, N: 1})
	check(map[int]float64{1: 2}, map[int]float64{1: 0}, Summary{})
}
