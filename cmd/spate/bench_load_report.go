package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"spate/bench/load/session"
)

// loadProgress shows a line each second, on stderr as stdout has the report: on
// a terminal always the same one, which end clears.
func (a *app) loadProgress(quiet bool) (show func(session.Progress), end func()) {
	if quiet {
		return nil, func() {}
	}
	before, after := "", "\n"
	end = func() {}
	if a.errTerminal {
		before, after = clearLine, ""
		end = func() { fmt.Fprint(a.stderr, clearLine) }
	}
	return func(p session.Progress) {
		fmt.Fprintf(a.stderr, "%s%.1f MB/s  %.2f Gbit/s  %d connected  %d unchoked%s",
			before, p.Rate/1e6, p.Rate*8/1e9, p.Connected, p.Unchoked, after)
	}, end
}

// clearLine goes to the start of a terminal's line and clears it.
const clearLine = "\r\x1b[K"

// tellLoad prints what was measured.
func (a *app) tellLoad(r *session.Report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	writeLoad(w, r)
	return w.Flush()
}

// writeLoad lays the report out for a reader, a line a subject.
func writeLoad(w io.Writer, r *session.Report) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, name+"\t"+format+"\n", args...)
	}
	line("payload", "%d bytes in %.2f s: %.1f MB/s, %.2f Gbit/s", r.Bytes, r.Seconds, r.MBPerS, r.GbitPerS)
	line("connections", "%d of %d connected, %d unchoked; all unchoked after %.2f s, %.0f handshakes/s",
		r.Connected, r.Conns, r.Unchoked, r.SettleS, r.AcceptPerS)
	if r.FirstByte.Count > 0 {
		writeTimes(line, "first byte", r.FirstByte)
		writeTimes(line, "last byte", r.LastByte)
	}
	if r.Unchoke.Count > 0 {
		writeTimes(line, "to unchoke", r.Unchoke)
	}
	if r.Fairness > 0 {
		line("fairness", "%.3f (Jain)", r.Fairness)
	}
	line("refused", "%d requests; %d surplus bytes", r.Rejects, r.Surplus)
	line("ended", "%d connections%s; %d dials failed%s; %d churned",
		r.Disconnects, reasons(r.DisconnectsBy), r.Failed, reasons(r.FailedBy), r.Churned)
	if r.Verified+r.Bad > 0 {
		line("verified", "%d pieces good, %d bad", r.Verified, r.Bad)
	}
	if r.Sent > 0 {
		line("seeded", "%d bytes, %d blocks of it wrong; complete: %t", r.Sent, r.Spoiled, r.Complete)
	}
	if t := r.Target; t != nil {
		line("client", "%.2f CPU-s (%.2f user, %.2f system): %.1f MB per CPU-s; RssAnon %.1f MiB, %d threads",
			t.CPUS, t.UserS, t.SystemS, t.MBPerCPUS, float64(t.RSSAnon)/(1<<20), t.Threads)
	}
	line("generator", "%.2f CPU-s on %d loops", r.GeneratorCPUS, r.GeneratorLoops)
	if r.GeneratorLimit {
		line("", "the generator was as busy as it can be: the client may do more (see --loops)")
	}
}

func writeTimes(line func(name, format string, args ...any), name string, t session.Times) {
	line(name, "p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f ms", t.P50, t.P90, t.P99, t.P999)
}

// reasons lists counts by reason, the most frequent first.
func reasons(by map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		if d := by[b] - by[a]; d != 0 {
			return int(min(max(d, -1), 1))
		}
		return strings.Compare(a, b)
	})
	if len(names) == 0 {
		return ""
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", by[name], name)
	}
	return " (" + strings.Join(names, ", ") + ")"
}
