// Package chart draws plots as SVG for a page that is read on paper white and
// on black, wide and narrow.
//
// # Contract
//
// A drawing has a viewBox and no size: the page gives it one. It has no colour
// of its own either: lines and letters are the text's colour (currentColor),
// and the rest are custom properties that the page defines: Accent for the
// client that others are compared with, Muted for the others, Grid, and
// Hue(0)... for lines. Letters are placed by the widths of Arial; the page should
// choose a font with the same. Its role is "img", and its label says what it
// shows to those who do not see it.
//
// Values come in the unit in which they are shown. What a number is called is
// the caller's.
package chart
