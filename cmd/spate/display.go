package main

import "spate/cmd/internal/progress"

// display chooses how progress is shown: bars on a terminal, plain lines
// elsewhere, nothing where stdout belongs to JSON.
func (a *app) display(quiet, asJSON bool) progress.Display {
	mode := progress.Lines
	switch {
	case quiet || asJSON:
		mode = progress.Quiet
	case a.terminal:
		mode = progress.Bars
	}
	return progress.New(mode, a.stdout, a.stderr)
}
