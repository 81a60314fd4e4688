package session

import (
	"maps"
	"time"

	"spate/bench/load"
	"spate/bench/stats"
	"spate/bench/usage"
)

// Report is what was measured. MB are 10^6 bytes; times of a distribution are
// in ms.
type Report struct {
	Role    string  `json:"role"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	MBPerS  float64 `json:"mb_per_s"`
	// GbitPerS is the same in 10^9 bits.
	GbitPerS float64 `json:"gbit_per_s"`
	// Conns is how many connections there were to be; Connected and Unchoked
	// how many were at the end.
	Conns     int `json:"conns"`
	Connected int `json:"connected"`
	Unchoked  int `json:"unchoked"`
	// Sent is the seeders' part of Bytes.
	Sent          int64            `json:"sent"`
	Rejects       int64            `json:"rejects"`
	Surplus       int64            `json:"surplus"`
	Disconnects   int64            `json:"disconnects"`
	DisconnectsBy map[string]int64 `json:"disconnects_by,omitempty"`
	// Failed counts dials that did not connect, since the start.
	Failed   int64            `json:"failed"`
	FailedBy map[string]int64 `json:"failed_by,omitempty"`
	Churned  int64            `json:"churned"`
	Verified int64            `json:"verified"`
	Bad      int64            `json:"bad"`
	Spoiled  int64            `json:"spoiled"`

	FirstByte Times `json:"first_byte_ms"`
	LastByte  Times `json:"last_byte_ms"`
	// Unchoke and Connect are since the start, as connections are made then.
	Unchoke Times `json:"unchoke_ms"`
	Connect Times `json:"connect_ms"`
	// Fairness is Jain's index over the bytes of all connections that were to
	// move some: 1 when each had the same, 1/n when one had all.
	Fairness float64 `json:"fairness"`
	// SettleS is the time until payload could move on all connections, and
	// AcceptPerS the connections a second until all had shaken hands; 0 when
	// that did not come to pass.
	SettleS    float64 `json:"settle_s"`
	AcceptPerS float64 `json:"accept_per_s"`

	GeneratorCPUS  float64 `json:"generator_cpu_s"`
	GeneratorLoops int     `json:"generator_loops"`
	// Backlog is load.Snapshot.Backlog.
	Backlog float64 `json:"backlog"`
	// GeneratorLimit says that the generator was as busy as it can be, and that
	// what it waited for was there before it looked.
	GeneratorLimit bool `json:"generator_limit"`
	// Target is the client's process, where it was looked at.
	Target *Target `json:"target,omitempty"`
	// Complete says that the client had all of the torrent; Interrupted, that
	// the measurement was cut short.
	Complete    bool `json:"complete"`
	Interrupted bool `json:"interrupted,omitempty"`

	// Before and After are the looks at the client's process.
	Before, After usage.Usage `json:"-"`
}

// Times are quantiles of a distribution, in ms; all 0 when it is empty.
type Times struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	// Count is how many times were recorded: of requests, a sample.
	Count int64 `json:"count"`
}

// Target is what the client's process took over the measurement; memory and
// threads are those at its end.
type Target struct {
	CPUS      float64 `json:"cpu_s"`
	UserS     float64 `json:"user_s"`
	SystemS   float64 `json:"system_s"`
	MBPerCPUS float64 `json:"mb_per_cpu_s"`
	RSSAnon   int64   `json:"rss_anon"`
	Threads   int     `json:"threads"`
}

// mega is the number of bytes in an MB.
const mega = 1e6

// limitShare is how busy a loop of the generator may be, in CPU-seconds a
// second, before what was measured is the generator.
const limitShare = 0.9

// limitBacklog is the backlog above which a busy generator is the limit. One
// that reads each few blocks as they come is as busy, and was measured to find
// 0.03 to 0.07; one that hashes what it reads, 0.17 to 0.83.
const limitBacklog = 0.12

// Limited tells whether a generator was the limit: its CPU time over a time, on
// so many loops, with a backlog as load.Snapshot tells, which is 0 where none is
// known.
func Limited(cpu, over time.Duration, loops int, backlog float64) bool {
	busy := cpu.Seconds() > limitShare*over.Seconds()*float64(loops)
	return busy && (backlog == 0 || backlog > limitBacklog)
}

// report is what lies between two looks.
func (s *Session) report(before, after look) *Report {
	a, b := before.load, after.load
	took := after.at.Sub(before.at).Seconds()
	r := &Report{
		Role: s.o.Role.String(), Bytes: b.Bytes - a.Bytes, Seconds: took,
		Conns: s.o.Conns, Connected: b.Connected, Unchoked: b.Unchoked,
		Sent: b.Sent - a.Sent, Rejects: b.Rejects - a.Rejects, Surplus: b.Surplus - a.Surplus,
		Disconnects: b.Disconnects - a.Disconnects, DisconnectsBy: less(b.DisconnectsBy, a.DisconnectsBy),
		Failed: b.Failed, FailedBy: b.FailedBy, Churned: b.Churned - a.Churned,
		Verified: b.Verified - a.Verified, Bad: b.Bad - a.Bad, Spoiled: b.Spoiled - a.Spoiled,
		FirstByte: quantiles(b.FirstByte), LastByte: quantiles(b.LastByte),
		Unchoke: quantiles(b.Unchoke), Connect: quantiles(b.Connect),
		Fairness: s.fairness(a, b), SettleS: s.settled.Seconds(),
		GeneratorCPUS: (after.own - before.own).Seconds(), GeneratorLoops: s.o.Loops,
		Before: before.used, After: after.used,
	}
	if took > 0 {
		r.MBPerS = float64(r.Bytes) / mega / took
		r.GbitPerS = r.MBPerS * 8 / 1000
	}
	if b.Settled > 0 {
		r.AcceptPerS = float64(s.o.Conns) / b.Settled.Seconds()
	}
	r.Backlog = b.Backlog(&a)
	r.GeneratorLimit = Limited(after.own-before.own, after.at.Sub(before.at), s.o.Loops, r.Backlog)
	select {
	case <-s.generator.Complete():
		r.Complete = true
	default:
	}
	if s.o.Usage != nil {
		r.Target = target(r.Bytes, before.used, after.used)
	}
	return r
}

func target(bytes int64, before, after usage.Usage) *Target {
	user, system := after.User-before.User, after.System-before.System
	t := &Target{
		CPUS: (user + system).Seconds(), UserS: user.Seconds(), SystemS: system.Seconds(),
		RSSAnon: after.Anon, Threads: after.Threads,
	}
	if t.CPUS > 0 {
		t.MBPerCPUS = float64(bytes) / mega / t.CPUS
	}
	return t
}

// less is the counts of b that a has not.
func less(b, a map[string]int64) map[string]int64 {
	d := maps.Clone(b)
	for reason, n := range a {
		if d[reason] -= n; d[reason] == 0 {
			delete(d, reason)
		}
	}
	return d
}

func quantiles(t load.Times) Times {
	ms := func(q float64) float64 { return float64(t.Quantile(q)) / float64(time.Millisecond) }
	return Times{P50: ms(0.5), P90: ms(0.9), P99: ms(0.99), P999: ms(0.999), Count: t.Count()}
}

// fairness is Fairness of all connections, but for slow ones.
func (s *Session) fairness(a, b load.Snapshot) float64 {
	cfg := s.o.config()
	return Fairness(a.PerConn, b.PerConn, cfg.Slow)
}

// Fairness is Jain's index (see package stats) of what each connection got
// between two looks, but for those that are to be left out, nil being none; 0
// when nobody got anything.
func Fairness(before, after []int64, out func(i int) bool) float64 {
	var shares []float64
	moved := false
	for i := range after {
		if out != nil && out(i) {
			continue
		}
		got := after[i] - before[i]
		shares, moved = append(shares, float64(got)), moved || got != 0
	}
	if !moved {
		return 0
	}
	return stats.Jain(shares)
}
