package scenario

import (
	"context"
	"fmt"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/load/session"
	"spate/bench/result"
	"spate/bench/usage"
	"spate/proto/metainfo"
)

const (
	// unchokeTimeout bounds the time until all connections may move payload,
	// and until the first does. Most clients choose whom to unchoke every ten
	// seconds. unchokeEach is added for each connection: clients were seen to let
	// in a few hundred a second.
	unchokeTimeout = 25 * time.Second
	unchokeEach    = 5 * time.Millisecond
	// stallTimeout is after how long without one more unchoked the rest is no
	// longer waited for: more than the time between two choices.
	stallTimeout = 12 * time.Second
	// glance is the time between two looks at the generator.
	glance = 5 * time.Millisecond
	// heatPasses is how many times the content is to have been sent before the
	// first measurement after the start of a client that Traits.Caches, and
	// heatTimeout what that may take: it finds out in the first passes what is
	// asked for often, and works on that in the next ones. For all others warm
	// content is in the page cache before they start.
	heatPasses  = 20
	heatTimeout = 5 * time.Second
	// onceShare is how much of what a client that serves a block but once a
	// connection could send is asked of it, so that no connection runs dry.
	onceShare = 0.9
)

// leeching is a load of leechers on a client that is ready, and its
// measurement.
type leeching struct {
	env     *Env
	run     *run
	torrent *metainfo.Torrent
	res     *result.Result
	// cold measures from the first payload on, and until the content was sent
	// once: settling would warm it.
	cold bool
	// loops is the generator's; 0 is session.Loops of the connections.
	loops int
	// heat says that it is the first load of warm content.
	heat bool

	generator *load.Generator
	first     time.Time // when the first payload was seen
}

// measure puts the load on and fills in the result.
func (l *leeching) measure(ctx context.Context) (err error) {
	ctx, stop := l.run.alive(ctx)
	defer stop()
	if l.loops == 0 {
		l.loops = session.Loops(l.res.Setting.Conns)
	}
	before, err := l.run.usage()
	if err != nil {
		return err
	}
	dialed := time.Now()
	l.generator, err = l.run.generate(load.Config{
		Role: leecher(l.run.client), Torrent: l.torrent, Conns: l.res.Setting.Conns, Outstanding: l.env.Outstanding, Loops: l.loops,
	})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := l.generator.Stop(); err == nil {
			err = stopped
		}
	}()
	first, err := l.started(ctx)
	if err != nil {
		return err
	}
	if l.cold { // all that was read and sent counts
		return l.window(ctx, load.Snapshot{At: first.At, PerConn: make([]int64, len(first.PerConn))}, before)
	}
	if err := l.settled(ctx); err != nil {
		return err
	}
	l.res.Set("settle_s", time.Since(dialed).Seconds())
	if err := l.warm(ctx); err != nil {
		return err
	}
	admission(l.res, l.generator.Snapshot())
	l.generator.Reset()
	first = l.generator.Snapshot()
	if before, err = l.run.usage(); err != nil {
		return err
	}
	return l.window(ctx, first, before)
}

// leecher is the role of those that want a client's content.
func leecher(c clients.Client) load.Role {
	if c.Traits().Web {
		return load.Web
	}
	return load.Leech
}

// started waits for the first payload.
func (l *leeching) started(ctx context.Context) (load.Snapshot, error) {
	deadline := time.Now().Add(unchokeTimeout)
	for {
		now := l.generator.Snapshot()
		switch {
		case now.Bytes > 0:
			l.first = time.Now()
			return now, nil
		case time.Now().Before(deadline):
		case now.Unchoked == 0:
			return now, fmt.Errorf("none of %d connections may download after %v%s", len(now.PerConn), unchokeTimeout, lastFailure(l.generator))
		default:
			return now, fmt.Errorf("no payload came in %v%s", unchokeTimeout, lastFailure(l.generator))
		}
		if err := load.Pause(ctx, glance); err != nil {
			return now, err
		}
	}
}

// settled waits until all connections may move payload, or no more are expected
// to.
func (l *leeching) settled(ctx context.Context) error {
	conns := l.res.Setting.Conns
	w := settling{deadline: time.Now().Add(unchokeTimeout + time.Duration(conns)*unchokeEach)}
	for {
		now := l.generator.Snapshot()
		if w.over(time.Now(), now.Unchoked, conns) {
			if now.Unchoked < conns {
				l.res.Notes = append(l.res.Notes, fmt.Sprintf("%d of %d connections may download", now.Unchoked, conns))
			}
			return nil
		}
		if err := load.Pause(ctx, glance); err != nil {
			return err
		}
	}
}

// settling decides for how long to wait for connections to be unchoked. Not
// every client unchokes all: then it is over when no more come, with those
// there are.
type settling struct {
	deadline time.Time
	most     int       // unchoked at a time
	stalled  time.Time // when no more are waited for
}

// over takes how many of all connections are unchoked.
func (s *settling) over(now time.Time, unchoked, all int) bool {
	if unchoked > s.most {
		s.most, s.stalled = unchoked, now.Add(stallTimeout)
	}
	return unchoked == all || !now.Before(s.deadline) || s.most > 0 && !now.Before(s.stalled)
}

// warm lets the load run for Options.Warmup, and the first one after a start
// until the content is as hot as it gets.
func (l *leeching) warm(ctx context.Context) error {
	if err := load.Pause(ctx, l.env.Warmup); err != nil || !l.heat || !l.run.client.Traits().Caches {
		return err
	}
	return l.until(ctx, max(0, heatTimeout-l.env.Warmup), heatPasses*l.torrent.Info.Length)
}

// window measures for Options.Duration, or until there is no more to send, from
// a first look on.
func (l *leeching) window(ctx context.Context, first load.Snapshot, before usage.Usage) error {
	own := usage.Self()
	if err := l.until(ctx, l.env.Duration, l.bound()); err != nil {
		return err
	}
	last := l.generator.Snapshot()
	after, err := l.run.usage()
	if err != nil {
		return err
	}
	bytes, over := last.Bytes-first.Bytes, last.At-first.At
	generatorTook(l.res, usage.Self()-own, over, l.loops, last.Backlog(&first))
	figure(l.res, bytes, over, before, after)
	service(l.res, first, last)
	l.res.Set("seconds", over.Seconds())
	if bytes == 0 {
		return fmt.Errorf("no payload came in %v%s", l.env.Duration, lastFailure(l.generator))
	}
	l.res.Set("surplus", 100*float64(last.Surplus-first.Surplus)/float64(bytes))
	if read, known := l.res.Figures["disk_read"]; known && l.cold {
		l.res.Set("read_amplification", read/float64(bytes))
	}
	return nil
}

// bound is the payload in bytes, from the start of the load, with which the
// measurement ends before its time; 0 is none.
func (l *leeching) bound() int64 {
	length := l.torrent.Info.Length
	switch {
	case l.cold:
		return length
	case l.run.client.Traits().ServesOnce:
		return int64(onceShare * float64(length) * float64(l.res.Setting.Conns))
	}
	return 0
}

// until returns after d, or when that many bytes have come since the start of
// the load; 0 is no bound.
func (l *leeching) until(ctx context.Context, d time.Duration, bytes int64) error {
	if bytes == 0 {
		return load.Pause(ctx, d)
	}
	deadline := time.Now().Add(d)
	for {
		left := time.Until(deadline)
		if left <= 0 || l.generator.Snapshot().Bytes >= bytes {
			return nil
		}
		if err := load.Pause(ctx, min(left, lookAgain)); err != nil {
			return err
		}
	}
}

// lastFailure is why the last of a generator's connections ended, for an error.
func lastFailure(g *load.Generator) string {
	if reason := g.Reason(); reason != nil {
		return fmt.Sprintf(" (last failure: %v)", reason)
	}
	return ""
}
