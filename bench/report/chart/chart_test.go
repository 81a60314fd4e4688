package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

// wellFormed reads all of a drawing, and fails for what would ask the network.
func wellFormed(t *testing.T, svg string) {
	t.Helper()
	if !strings.HasPrefix(svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="`) || strings.Contains(svg, "<!--") {
		t.Errorf("it begins with %.120s", svg)
	}
	for _, no := range []string{"NaN", "Inf", "href", "url(", "#0", "font-family", "<script"} {
		if strings.Contains(svg, no) {
			t.Errorf("there is %q in it", no)
		}
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in:\n%s", err, svg)
		}
	}
}

func TestBars(t *testing.T) {
	none := math.Inf(1)
	check := func(bars []Bar, want ...string) {
		t.Helper()
		svg, err := Bars(bars, `MB/s & "more"`)
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, svg)
		for _, w := range append(want, `aria-label="MB/s &amp; &#34;more&#34;"`, "currentColor") {
			if !strings.Contains(svg, w) {
				t.Errorf("%q is missing in:\n%s", w, svg)
			}
		}
	}
	check([]Bar{{Name: "one", Value: 10, Low: 9, High: 12, Text: "10.0", First: true}, {Name: "two", Value: 5, Low: -none, High: none, Text: "5.00"}},
		"one", "two", "10.0", "5.00", "var(--accent)", "var(--muted)")
	check([]Bar{{Name: "zero", Text: "0"}}, "zero")
	check([]Bar{{Name: "gone", Value: math.NaN(), Low: math.NaN(), High: math.NaN()}}, "gone", "–")
	check([]Bar{{Name: "wide", Value: 1, Low: -5, High: 1000, Text: "1"}}, "wide")
	check([]Bar{{Name: "a<b", Value: 1, Low: 1, High: 1, Text: "1"}}, "a&lt;b")
}

func TestTails(t *testing.T) {
	check := func(tails []Tail, want ...string) {
		t.Helper()
		svg, err := Tails(tails, []string{"p50", "p99"}, "latency")
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, svg)
		for _, w := range append(want, "p50", "p99") {
			if !strings.Contains(svg, w) {
				t.Errorf("%q is missing in:\n%s", w, svg)
			}
		}
	}
	check([]Tail{{Values: []float64{1, 100}, Hue: 0}, {Values: []float64{2, 50}, Hue: Hues + 1}}, "currentColor", "var(--hue-0)", "var(--hue-1)", ">10<", ">100<")
	check([]Tail{{Values: []float64{0, math.NaN()}}})
	check([]Tail{{Values: []float64{3, 3, 3}}}, ">3<")
	check([]Tail{{Values: []float64{0.001, 1000}}}, ">0.001<", ">1<", ">1000<")
	check(nil, ">2<")
}
