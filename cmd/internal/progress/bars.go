package progress

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"spate/cmd/internal/safetext"
)

// refresh is how often bars are drawn: more than the rows change, so that a
// resized terminal is put in order soon.
const refresh = 250 * time.Millisecond

// bars shows each row as a bar of mpb's.
type bars struct {
	*mpb.Progress // takes writes above the bars
	rows          []*bar
}

// bar is one row on the terminal. mpb's goroutine reads row while it draws.
type bar struct {
	*mpb.Bar
	row atomic.Pointer[Row]
}

func newBars(out io.Writer) *bars {
	return &bars{Progress: mpb.New(mpb.WithOutput(out), mpb.WithAutoRefresh(), mpb.WithRefreshRate(refresh))}
}

// Show implements Display.
func (b *bars) Show(_ time.Time, rows []Row) {
	rows = fold(rows)
	// The number of rows shrinks when they are folded.
	for _, gone := range b.rows[min(len(rows), len(b.rows)):] {
		gone.Abort(true)
	}
	b.rows = b.rows[:min(len(rows), len(b.rows))]
	for i := range rows {
		row := rows[i]
		if i == len(b.rows) {
			b.rows = append(b.rows, b.add(&row))
		}
		b.rows[i].row.Store(&row)
		done, total := row.Done, row.Length
		if total == 0 { // nothing is left to do, and mpb draws that as an empty bar
			done, total = 1, 1
		}
		b.rows[i].SetTotal(total, false)
		b.rows[i].SetCurrent(done)
	}
}

// add makes a bar that only Close ends: one of unknown total, as mpb sees it.
func (b *bars) add(row *Row) *bar {
	bar := &bar{}
	bar.row.Store(row)
	bar.Bar = b.New(0, mpb.BarStyle().Rbound("]  "),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return safetext.Short(bar.row.Load().Name, maxName) },
			decor.WC{C: decor.DindentRight | decor.DextraSpace | decor.DSyncWidth})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return bar.row.Load().status() })))
	return bar
}

// Note implements Display.
func (b *bars) Note(line string) { fmt.Fprintln(b.Progress, safetext.Line(line)) }

// Close implements Display.
func (b *bars) Close() {
	for _, bar := range b.rows {
		bar.Abort(false)
	}
	b.Wait()
}
