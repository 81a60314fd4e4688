package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"spate/bench/load"
	"spate/bench/load/session"
	"spate/bench/result"
	"spate/bench/usage"
)

// mega is the number of bytes in an MB.
const mega = 1e6

// figure fills in what bytes, seconds and two looks at the client make.
func figure(r *result.Result, bytes int64, took time.Duration, before, after usage.Usage) {
	user, system := (after.User - before.User).Seconds(), (after.System - before.System).Seconds()
	r.Set("bytes", float64(bytes))
	r.Set("user_s", user)
	r.Set("system_s", system)
	r.Set("cpu_s", user+system)
	r.Set("rss_anon", float64(after.Anon))
	r.Set("rss", float64(after.RSS))
	r.Set("rss_peak", float64(after.Peak))
	r.Set("threads", float64(after.Threads))
	// Those of threads that ended are gone, so that there may be less than before.
	r.Set("switches", float64(max(0, after.Voluntary+after.Involuntary-before.Voluntary-before.Involuntary)))
	if !after.DiskUnknown {
		r.Set("disk_read", float64(after.DiskRead-before.DiskRead))
		r.Set("disk_write", float64(after.DiskWrite-before.DiskWrite))
	}
	if s := took.Seconds(); s > 0 {
		r.Set("mb_per_s", float64(bytes)/mega/s)
		r.Set("gbit_per_s", float64(bytes)*8/1e9/s)
	}
	if cpu := user + system; cpu > 0 {
		r.Set("mb_per_cpu_s", float64(bytes)/mega/cpu)
	}
}

// generatorTook notes the generator's own cost, and whether it was the limit;
// see session.Limited.
func generatorTook(r *result.Result, cpu, over time.Duration, loops int, backlog float64) {
	r.Set("generator_cpu_s", cpu.Seconds())
	r.Set("generator_loops", float64(loops))
	if session.Limited(cpu, over, loops, backlog) {
		r.Limit = result.LimitGenerator
	}
}

// admission fills in how the client let connections in, up to a look.
func admission(r *result.Result, now load.Snapshot) {
	if now.Settled > 0 {
		r.Set("accept_per_s", float64(len(now.PerConn))/now.Settled.Seconds())
	}
	if now.Unchoke.Count() > 0 {
		r.Set("unchoke_ms_p50", milliseconds(now.Unchoke.Quantile(0.5)))
		r.Set("unchoke_ms_p99", milliseconds(now.Unchoke.Quantile(0.99)))
	}
	r.Notes = append(r.Notes, reasons("connects that failed", now.FailedBy, nil)...)
}

// service fills in how connections fared between two looks, before the first of
// which the times were reset.
func service(r *result.Result, first, last load.Snapshot) {
	r.Set("connected", float64(last.Connected))
	r.Set("unchoked", float64(last.Unchoked))
	r.Set("rejects", float64(last.Rejects-first.Rejects))
	r.Set("disconnects", float64(last.Disconnects-first.Disconnects))
	r.Set("fairness", session.Fairness(first.PerConn, last.PerConn, nil))
	for name, t := range map[string]load.Times{"first_byte_ms": last.FirstByte, "last_byte_ms": last.LastByte} {
		if t.Count() > 0 {
			r.Set(name+"_p50", milliseconds(t.Quantile(0.5)))
			r.Set(name+"_p90", milliseconds(t.Quantile(0.9)))
			r.Set(name+"_p99", milliseconds(t.Quantile(0.99)))
			r.Set(name+"_p999", milliseconds(t.Quantile(0.999)))
		}
	}
	r.Notes = append(r.Notes, reasons("disconnects", last.DisconnectsBy, first.DisconnectsBy)...)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// reasons is what has been counted by reason between two looks, as one line, in
// the order of the reasons; none when there is nothing.
func reasons(what string, last, first map[string]int64) []string {
	var each []string
	for _, why := range slices.Sorted(maps.Keys(last)) {
		if n := last[why] - first[why]; n > 0 {
			each = append(each, fmt.Sprintf("%d %s", n, why))
		}
	}
	if len(each) == 0 {
		return nil
	}
	return []string{what + ": " + strings.Join(each, ", ")}
}

// fail notes why there are no figures, and removes those that were known before.
func fail(r *result.Result, err error) {
	r.Figures, r.Limit = nil, ""
	r.Error = strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
}
