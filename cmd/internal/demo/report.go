package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"spate/cmd/internal/config"
)

// report prints what every process moved and took.
func (d *demo) report(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nprocess\tdownloaded\tuploaded\tseconds\trate\tCPU-seconds\tpeak memory\t")
	for _, p := range d.all {
		cpu, peak := p.usage()
		seconds, rate := "-", "-"
		if p.took > 0 {
			seconds = fmt.Sprintf("%.2f", p.took)
			rate = config.FormatBytes(float64(p.moved[0])/p.took) + "/s"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.2f\t%s\t\n", p.name,
			config.FormatBytes(float64(p.moved[0])), config.FormatBytes(float64(p.moved[1])),
			seconds, rate, cpu.Seconds(), config.FormatBytes(float64(peak)))
	}
	return t.Flush()
}
