package chart

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Tail is the quantiles of one client's distribution.
type Tail struct {
	// Values are one for each of the drawing's quantiles; NaN is left out, and
	// so is what is not above 0.
	Values []float64
	// Hue is the number of its colour.
	Hue int
}

// Measures of tails.
const (
	tailsWidth  = vg.Length(420)
	tailsHeight = vg.Length(240)
)

// Tails draws distributions by their quantiles, evenly spaced, over a
// logarithmic scale. quantiles names them, as "p50".
func Tails(tails []Tail, quantiles []string, label string) (string, error) {
	p := blank()
	low, high := math.Inf(1), 0.0
	var lines []plot.Plotter
	for _, tail := range tails {
		var points plotter.XYs
		for i, v := range tail.Values {
			if v > 0 && !math.IsInf(v, 0) && i < len(quantiles) {
				points = append(points, plotter.XY{X: float64(i), Y: v})
				low, high = min(low, v), max(high, v)
			}
		}
		if len(points) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return "", err
		}
		line.Color, line.Width = inkHue(tail.Hue), vg.Length(1.6)
		dots.Color, dots.Shape, dots.Radius = inkHue(tail.Hue), draw.CircleGlyph{}, vg.Length(2.4)
		lines = append(lines, line, dots)
	}
	if len(lines) == 0 {
		low, high = 1, 10
	}
	p.Y.Scale = plot.LogScale{}
	p.Y.Min, p.Y.Max = low/1.3, high*1.3
	p.Y.Tick.Marker = plot.ConstantTicks(decades(p.Y.Min, p.Y.Max))
	p.X.Min, p.X.Max = -0.15, float64(len(quantiles))-0.85
	p.X.Padding, p.Y.Padding = 4, 4
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color, grid.Horizontal.Width = inkGrid, vg.Length(0.7)
	p.Add(grid)
	p.Add(lines...)
	var ticks []plot.Tick
	for i, name := range quantiles {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: name})
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Min, p.X.Max = -0.15, float64(len(quantiles))-0.85
	p.Y.Min, p.Y.Max = low/1.3, high*1.3
	return render(p, tailsWidth, tailsHeight, label), nil
}

// decades lists the round numbers of a logarithmic scale: powers of ten, and
// multiples of them where there are few.
func decades(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	var steps []float64
	switch {
	case high/low < 10:
		steps = []float64{1, 1.5, 2, 3, 4, 5, 6, 8}
	case high/low < 1000:
		steps = []float64{1, 2, 5}
	default:
		steps = []float64{1}
	}
	for power := int(math.Floor(math.Log10(low))); math.Pow10(power) <= high; power++ {
		for _, step := range steps {
			if v := math.Pow10(power) * step; v >= low && v <= high {
				digits := max(0, -power)
				if step != math.Trunc(step) && power <= 0 {
					digits++
				}
				ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', digits, 64)})
			}
		}
	}
	return ticks
}
