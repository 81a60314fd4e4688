package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bar is one bar with its interval.
type Bar struct {
	Name string
	// Value is the bar's length, at least 0; NaN for a bar that is not there.
	Value float64
	// Low and High are the interval; they are infinite where there is none. One
	// that is much longer than all bars is cut off at the end of the drawing.
	Low, High float64
	// Text stands behind the bar.
	Text string
	// First marks the client that others are compared with.
	First bool
}

// Measures of bars.
const (
	barsWidth = vg.Length(340)
	barPitch  = vg.Length(20)
	barWidth  = vg.Length(12)
	// room is how much longer than the longest bar the drawing is, for the text.
	room = 1.32
	// reachMost is how much longer than the longest bar an interval may be.
	reachMost = 1.5
	// lift sets a bar's text on the line of its name.
	lift = vg.Length(1.7)
)

// Bars draws horizontal bars, the first one on top. label says what they are.
func Bars(bars []Bar, label string) (string, error) {
	p := blank()
	longest := 0.0
	names := make([]string, len(bars))
	for i, bar := range bars {
		place := len(bars) - 1 - i // from the bottom
		names[place] = bar.Name
		if math.IsNaN(bar.Value) {
			continue
		}
		longest = max(longest, bar.Value)
	}
	reach := longest
	for _, bar := range bars {
		reach = max(reach, min(finite(bar.High), longest*reachMost))
	}
	longest = reach
	if longest == 0 {
		longest = 1
	}
	for i, bar := range bars {
		if math.IsNaN(bar.Value) {
			bar.Value, bar.Text = 0, "–"
			bar.Low, bar.High = math.Inf(-1), math.Inf(1)
		}
		if err := add(p, bar, float64(len(bars)-1-i), longest); err != nil {
			return "", err
		}
	}
	p.NominalY(names...)
	p.Y.Width, p.Y.Tick.Width = 0, 0
	p.Y.Padding = vg.Length(5)
	p.X.Min, p.X.Max = 0, longest*room
	p.Y.Min, p.Y.Max = -0.6, float64(len(bars))-0.4
	p.HideX()
	return render(p, barsWidth, barPitch*vg.Length(len(bars))+6, label), nil
}

// add draws one bar at a place from the bottom.
func add(p *plot.Plot, bar Bar, place, longest float64) error {
	one, err := plotter.NewBarChart(plotter.Values{bar.Value}, barWidth)
	if err != nil {
		return err
	}
	one.Horizontal, one.XMin = true, place
	one.LineStyle.Width = 0
	one.Color = inkMuted
	if bar.First {
		one.Color = inkAccent
	}
	p.Add(one)
	end := bar.Value
	if !math.IsInf(bar.High, 0) && bar.High > bar.Low {
		bar.High = min(bar.High, longest)
		end = max(end, bar.High)
		whisker, err := plotter.NewXErrorBars(interval{bar, place})
		if err != nil {
			return err
		}
		whisker.LineStyle.Color, whisker.LineStyle.Width = inkText, vg.Length(1)
		whisker.CapWidth = vg.Length(5)
		p.Add(whisker)
	}
	text, err := plotter.NewLabels(plotter.XYLabels{
		XYs:    plotter.XYs{{X: end + longest*0.02, Y: place}},
		Labels: []string{bar.Text},
	})
	if err != nil {
		return err
	}
	text.TextStyle[0].Font.Variant = variant
	text.TextStyle[0].Font.Size = letters
	text.TextStyle[0].Color = inkText
	text.TextStyle[0].YAlign = draw.YCenter
	text.Offset.Y = lift
	p.Add(text)
	return nil
}

// interval is a bar's interval as gonum wants it.
type interval struct {
	bar   Bar
	place float64
}

func (interval) Len() int                { return 1 }
func (i interval) XY(int) (x, y float64) { return i.bar.Value, i.place }
func (i interval) XError(int) (low, high float64) {
	return i.bar.Value - max(0, i.bar.Low), i.bar.High - i.bar.Value
}

func finite(v float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	return v
}
