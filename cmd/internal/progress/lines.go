package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"spate/cmd/internal/safetext"
)

// LineInterval is the time between two rounds of plain lines.
const LineInterval = 10 * time.Second

// lines shows each row as a line, every LineInterval; the first round comes
// one interval after the first Show, so that short work stays short.
type lines struct {
	io.Writer // where a log goes

	mu   sync.Mutex // notes come from any goroutine
	out  io.Writer
	next time.Time
}

// Show implements Display.
func (l *lines) Show(now time.Time, rows []Row) {
	if len(rows) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next.IsZero() {
		l.next = now.Add(LineInterval)
	}
	if now.Before(l.next) {
		return
	}
	l.next = now.Add(LineInterval)
	for _, r := range fold(rows) {
		fmt.Fprintf(l.out, "%s: %s\n", safetext.Short(r.Name, maxName), r.status())
	}
}

// Note implements Display.
func (l *lines) Note(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.out, safetext.Line(line))
}

// Close implements Display.
func (l *lines) Close() {}
