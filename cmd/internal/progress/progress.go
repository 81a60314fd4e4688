// Package progress shows people how far long work is: bars on a terminal,
// plain lines at a modest interval elsewhere, nothing when asked to be quiet.
//
// A Display is fed with rows, about once a second, by one goroutine; notes may
// come from any. Bars are drawn by a goroutine of mpb's from the last rows
// shown. Close puts the terminal in order and must be called.
//
// # Limits
//
// More than MaxRows rows are shown as one, their sum.
package progress

import (
	"fmt"
	"io"
	"math"
	"time"

	"spate/cmd/internal/config"
)

// Row is how far one piece of work is. The rows of a Display keep their
// places: a row further on belongs to the same work each time.
type Row struct {
	Name         string
	State        string  // a word such as "seeding"; empty for moving on
	Done, Length int64   // bytes
	Down, Up     float64 // bytes per second
	Peers        int     // below 0 where there are no peers to speak of
}

// Display shows rows and notes.
type Display interface {
	// Show replaces the rows.
	Show(now time.Time, rows []Row)
	// Note shows one line that stays. It is dropped when quiet.
	Note(line string)
	// Write lets a log through without tearing the bars.
	io.Writer
	// Close ends the display; the last rows shown stay visible.
	Close()
}

// MaxRows is how many rows are shown one by one: they fit on a small terminal.
const MaxRows = 16

// Mode is how a Display shows things.
type Mode int

// The modes.
const (
	Lines Mode = iota // plain lines on out
	Bars              // bars on out, which is a terminal
	Quiet             // nothing
)

// New returns a Display in a mode. Show and Note go to out, Write to log,
// except with bars, where all share the terminal.
func New(mode Mode, out, log io.Writer) Display {
	switch mode {
	case Bars:
		return newBars(out)
	case Lines:
		return &lines{out: out, Writer: log}
	default:
		return quiet{log}
	}
}

type quiet struct{ io.Writer }

func (quiet) Show(time.Time, []Row) {}
func (quiet) Note(string)           {}
func (quiet) Close()                {}

// sum makes one row of many.
func sum(rows []Row) Row {
	s := Row{Name: fmt.Sprintf("%d torrents", len(rows)), State: rows[0].State}
	for _, r := range rows {
		s.Done += r.Done
		s.Length += r.Length
		s.Down += r.Down
		s.Up += r.Up
		s.Peers += r.Peers
		if r.State != s.State {
			s.State = ""
		}
	}
	return s
}

// fold keeps rows within MaxRows.
func fold(rows []Row) []Row {
	if len(rows) > MaxRows {
		return []Row{sum(rows)}
	}
	return rows
}

// status is what stands behind a row's bar, or its name.
func (r Row) status() string {
	rate := func(n float64) string { return config.FormatBytes(n) + "/s" }
	s := fmt.Sprintf("%5.1f%%", r.percent())
	if r.State != "" {
		s += "  " + r.State
	}
	if r.Peers < 0 {
		s += "  " + rate(r.Down)
	} else {
		s += fmt.Sprintf("  down %s  up %s  %s", rate(r.Down), rate(r.Up), config.Count(r.Peers, "peer"))
	}
	if eta, known := r.eta(); known {
		s += "  ETA " + eta.String()
	}
	return s
}

// percent rounds down, so that 100 means all of it.
func (r Row) percent() float64 {
	if r.Length <= 0 {
		return 100
	}
	return math.Floor(1000*float64(r.Done)/float64(r.Length)) / 10
}

// maxETA is the longest time that is shown: beyond it the figure means nothing.
const maxETA = 100 * 24 * time.Hour

// eta is how long the rest takes at the present rate.
func (r Row) eta() (time.Duration, bool) {
	left := float64(r.Length - r.Done)
	if left <= 0 || r.Down < 1 || left/r.Down > maxETA.Seconds() {
		return 0, false
	}
	return time.Duration(left/r.Down) * time.Second, true
}

// maxName is how many characters of a name are shown before a bar.
const maxName = 32
