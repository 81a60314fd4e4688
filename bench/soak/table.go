package soak

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// maxRows is how many rows a table has.
const maxRows = 20

// Table is the run in rows of the same length of time: the medians of what the
// engine took, and what had happened by the end of each.
func (o *Outcome) Table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "minute\tRssAnon MiB\thot pieces MiB\tdescriptors\tgoroutines\tthreads\ttorrents\tpeers\tserved GB\treceived GB\tconnections\tbroken off\tadded\tremoved\tdownloads\tgiven up\t")
	for _, looks := range o.rows() {
		l := looks[len(looks)-1]
		mid := func(of func(Look) int) int { return median(looks, of) }
		fmt.Fprintf(w, "%.2f\t%.1f\t%.1f\t%d\t%d\t%d\t%d\t%d\t%.2f\t%.2f\t%d\t%d\t%d\t%d\t%d\t%d\t\n", l.At.Minutes(),
			float64(mid(func(l Look) int { return int(l.anon) }))/(1<<20), float64(mid(func(l Look) int { return int(l.cache) }))/(1<<20),
			mid(func(l Look) int { return l.files }), mid(func(l Look) int { return l.goroutines }), mid(func(l Look) int { return l.threads }),
			mid(func(l Look) int { return l.torrents }), mid(func(l Look) int { return l.peers }),
			float64(l.Served)/1e9, float64(l.Received)/1e9, l.Connections, l.Broken, l.Added, l.Removed, l.Downloads, l.GivenUp)
	}
	_ = w.Flush() // into memory
	fmt.Fprintf(&text, "before the first torrent %d goroutines and %d descriptors, after the last %d and %d\n",
		o.base.goroutines, o.base.files, o.end.goroutines, o.end.files)
	for _, g := range o.growth() {
		fmt.Fprintf(&text, "%s after the warm-up: %+.0f (bound %.0f)\n", g.what, g.rise, g.bound)
	}
	return text.String()
}

// rows cuts the looks into maxRows stretches of the same length, without those
// that are empty.
func (o *Outcome) rows() (rows [][]Look) {
	if len(o.Looks) == 0 {
		return nil
	}
	last := o.Looks[len(o.Looks)-1].At
	left := o.Looks
	for i := range maxRows {
		end := last * time.Duration(i+1) / maxRows
		n := 0
		for n < len(left) && left[n].At <= end {
			n++
		}
		if n > 0 {
			rows = append(rows, left[:n])
		}
		left = left[n:]
	}
	return rows
}

func median(looks []Look, of func(Look) int) int {
	values := make([]int, len(looks))
	for i, l := range looks {
		values[i] = of(l)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
