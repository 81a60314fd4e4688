package stats

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	check := func(want float64, values ...float64) {
		t.Helper()
		if got := Median(values); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%v: got %v, want %v", values, got, want)
		}
	}
	check(math.NaN())
	check(3, 3)
	check(2, 3, 1)
	check(2, 9, -1, 2)
	check(2.5, 4, 2, 3, 1)
}

func TestMedianKeepsItsInput(t *testing.T) {
	values := []float64{3, 1, 2}
	Median(values)
	Of(values)
	if values[0] != 3 || values[1] != 1 {
		t.Errorf("got %v", values)
	}
}

func TestDeviation(t *testing.T) {
	check := func(want float64, values ...float64) {
		t.Helper()
		if got := Deviation(values); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: got %v, want %v", values, got, want)
		}
	}
	check(0)
	check(0, 7)
	check(math.Sqrt2, 1, 3)
	check(2, 1, 3, 5)
}

func TestJain(t *testing.T) {
	check := func(want float64, shares ...float64) {
		t.Helper()
		if got := Jain(shares); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: got %v, want %v", shares, got, want)
		}
	}
	check(1)
	check(1, 0, 0)
	check(1, 5)
	check(1, 2, 2, 2)
	check(0.25, 0, 0, 9, 0)
	check(0.9, 1, 2)
}
