package chart

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Custom properties of the page.
const (
	Accent = "--accent"
	Muted  = "--muted"
	Grid   = "--grid"
)

// Hues is how many lines have a colour of their own; others begin anew.
const Hues = 12

// Hue is the custom property of a line's colour.
func Hue(i int) string { return fmt.Sprintf("--hue-%d", i%Hues) }

// Colours that stand for custom properties until a drawing is done. Nothing
// else in a drawing is nearly black.
var (
	inkAccent = color.RGBA{R: 1, G: 1, B: 1, A: 255}
	inkMuted  = color.RGBA{R: 2, G: 2, B: 2, A: 255}
	inkGrid   = color.RGBA{R: 3, G: 3, B: 3, A: 255}
	inkText   = color.RGBA{R: 4, G: 4, B: 4, A: 255} // black itself is left unsaid in SVG
)

// firstHue is where the colours of lines begin.
const firstHue = 16

func inkHue(i int) color.RGBA {
	n := uint8(i%Hues + firstHue)
	return color.RGBA{R: n, G: n, B: n, A: 255}
}

// property is what a colour stands for.
func property(ink string) string {
	var n int
	if _, err := fmt.Sscanf(ink, "#%2x", &n); err != nil {
		return ink
	}
	switch {
	case n == 1:
		return "var(" + Accent + ")"
	case n == 2:
		return "var(" + Muted + ")"
	case n == 3:
		return "var(" + Grid + ")"
	case n >= firstHue:
		return "var(" + Hue(n-firstHue) + ")"
	default:
		return "currentColor"
	}
}

// letters is the size of all text, and variant the kind of font that it is
// measured with: the widths of Arial and what stands in for it.
const (
	letters = vg.Length(11)
	variant = "Sans"
)

// blank is a plot without anything in it but our letters.
func blank() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font.Variant = variant
		axis.Tick.Label.Font.Size = letters
		axis.Tick.Label.Color = inkText
		axis.Padding = 0
		axis.LineStyle.Width = 0
		axis.Tick.LineStyle.Width = 0
		axis.Tick.Length = 2
	}
	return p
}

var (
	sizes = regexp.MustCompile(`^(?s).*?<svg width="[^"]*" height="[^"]*" (viewBox="[^"]*")[^>]*>`)
	inks  = regexp.MustCompile(`#([0-9A-Fa-f]{2}){3}`)
	fonts = regexp.MustCompile(`font-family:[^;"]*;?|font-variant:[^;"]*;?|font-weight:[^;"]*;?|font-style:[^;"]*;?`)
	notes = regexp.MustCompile(`(?s)<!--.*?-->\s*`)
)

// render draws a plot of a size, and makes it fit for the page.
func render(p *plot.Plot, width, height vg.Length, label string) string {
	canvas := vgsvg.New(width, height)
	p.Draw(draw.New(canvas))
	var b bytes.Buffer
	_, _ = canvas.WriteTo(&b) // memory takes all
	text := sizes.ReplaceAllString(b.String(), `<svg xmlns="http://www.w3.org/2000/svg" $1 role="img" aria-label="`+html.EscapeString(label)+`">`)
	text = notes.ReplaceAllString(text, "")
	text = inks.ReplaceAllStringFunc(text, property)
	return strings.TrimSpace(fonts.ReplaceAllString(text, ""))
}
