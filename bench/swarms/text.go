package swarms

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText describes outcomes for people, one block each. Equal outcomes give
// equal bytes.
func WriteText(w io.Writer, outcomes []*Outcome) error {
	for i, o := range outcomes {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(w, o.text()); err != nil {
			return err
		}
	}
	return nil
}

// text describes one outcome.
func (o *Outcome) text() string {
	var b strings.Builder
	s := &o.Scenario
	fmt.Fprintf(&b, "%s, %s, seed %d\n\n", s, o.Variant, o.Seed)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "times to complete, s\tpeers\tmin\tmedian\tp90\tp99\tmax\t\n")
	row := func(name string, d *Times) {
		if d != nil {
			fmt.Fprintf(t, "%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", name, d.Peers, d.Min, d.Median, d.P90, d.P99, d.Max)
		}
	}
	row("honest", o.Honest)
	row("free-riders", o.Riders)
	_ = t.Flush() // to memory
	fmt.Fprintf(&b, "\nlast complete at        %.2f s\nlower bound             %.2f s\n", o.Last, o.Bound)
	fmt.Fprintf(&b, "last / bound            %.3f\n", o.OfBound)
	fmt.Fprintf(&b, "copies sent by seeds    %.2f\nfairness (Jain)         %.3f\n", o.Copies, o.Fairness)
	fmt.Fprintf(&b, "received in vain        %.1f %%, %d bytes\n", o.WastedPercent, o.Wasted)
	if o.Aborted+o.Unfinished > 0 {
		fmt.Fprintf(&b, "gave up, unfinished     %d, %d\n", o.Aborted, o.Unfinished)
	}
	fmt.Fprintf(&b, "events, bytes, log      %d, %d, %016x\n", o.Events, o.Bytes, o.Sum)
	return b.String()
}

// String is the scenario in a line.
func (s *Scenario) String() string {
	text := fmt.Sprintf("%s: %s, %s, %.4g MiB in pieces of %d KiB", s.Name, count(s.Peers, "peer"), count(s.Seeds, "seed"),
		float64(s.Size)/(1<<20), s.Piece>>10)
	if s.Arrivals > 0 {
		text += fmt.Sprintf(", arriving over %v", s.Arrivals)
	}
	if s.Linger != Stay {
		text += fmt.Sprintf(", leaving %v after completion", s.Linger)
	}
	if s.Aborts > 0 {
		text += fmt.Sprintf(", %.0f %% give up", 100*s.Aborts)
	}
	if s.FreeRiders > 0 {
		text += fmt.Sprintf(", %.0f %% never upload", 100*s.FreeRiders)
	}
	return text
}

// count is a number of things.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
