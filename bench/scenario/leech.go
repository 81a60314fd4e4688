package scenario

import (
	"context"
	"fmt"
	"time"

	"spate/bench/load"
	"spate/bench/result"
	"spate/proto/metainfo"
)

const (
	// unchokeTimeout bounds the time until all connections may move payload,
	// and until the first does. Most clients choose whom to unchoke every ten
	// seconds.
	unchokeTimeout = 25 * time.Second
	// stallTimeout is after how long without one more unchoked the rest is no
	// longer waited for: more than the time between two choices.
	stallTimeout = 12 * time.Second
	// glance is the time between two looks at the generator.
	glance = 5 * time.Millisecond
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

	generator *load.Generator
	first     time.Time // when the first payload was seen
}

// measure puts the load on and fills in the result.
func (l *leeching) measure(ctx context.Context) (err error) {
	ctx, stop := l.run.alive(ctx)
	defer stop()
	conns := l.res.Setting.Conns
	dialed := time.Now()
	l.generator, err = l.run.generate(load.Config{
		Role: load.Leech, Torrent: l.torrent, Conns: conns, Outstanding: l.env.Outstanding,
	})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := l.generator.Stop(); err == nil {
			err = stopped
		}
	}()
	if err := l.started(ctx); err != nil {
		return err
	}
	if !l.cold {
		if err := l.settled(ctx); err != nil {
			return err
		}
		l.res.Set("settle_s", time.Since(dialed).Seconds())
		if err := pause(ctx, l.env.Warmup); err != nil {
			return err
		}
	}
	return l.window(ctx)
}

// started waits for the first payload.
func (l *leeching) started(ctx context.Context) error {
	deadline := time.Now().Add(unchokeTimeout)
	for {
		now := l.generator.Snapshot()
		switch {
		case now.Bytes > 0:
			l.first = time.Now()
			return nil
		case time.Now().Before(deadline):
		case now.Unchoked == 0:
			return fmt.Errorf("none of %d connections may download after %v%s", len(now.PerConn), unchokeTimeout, lastFailure(l.generator))
		default:
			return fmt.Errorf("no payload came in %v%s", unchokeTimeout, lastFailure(l.generator))
		}
		if err := pause(ctx, glance); err != nil {
			return err
		}
	}
}

// settled waits until all connections may move payload. Not every client lets
// all: then it is over when no more come, with those that may.
func (l *leeching) settled(ctx context.Context) error {
	most := 0
	deadline := time.Now().Add(unchokeTimeout)
	var stalled time.Time // when no more are waited for
	for {
		now := l.generator.Snapshot()
		if now.Unchoked > most {
			most, stalled = now.Unchoked, time.Now().Add(stallTimeout)
		}
		if late := time.Now(); now.Unchoked == len(now.PerConn) || late.After(deadline) || most > 0 && late.After(stalled) {
			return nil
		}
		if err := pause(ctx, glance); err != nil {
			return err
		}
	}
}

// window measures for Options.Duration, or until there is no more to send.
func (l *leeching) window(ctx context.Context) error {
	own := ownCPU()
	first := l.generator.Snapshot()
	before, err := l.run.usage()
	if err != nil {
		return err
	}
	if err := l.last(ctx, l.env.Duration, l.bound()); err != nil {
		return err
	}
	last := l.generator.Snapshot()
	after, err := l.run.usage()
	if err != nil {
		return err
	}
	bytes, over := last.Bytes-first.Bytes, last.At-first.At
	generatorTook(l.res, ownCPU()-own, over, loops(l.res.Setting.Conns))
	figure(l.res, bytes, over, before, after)
	peers(l.res, first, last)
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

// last returns after d, or when that many bytes have come.
func (l *leeching) last(ctx context.Context, d time.Duration, bytes int64) error {
	if bytes == 0 {
		return pause(ctx, d)
	}
	deadline := time.Now().Add(d)
	for {
		left := time.Until(deadline)
		if left <= 0 || l.generator.Snapshot().Bytes >= bytes {
			return nil
		}
		if err := pause(ctx, min(left, glance)); err != nil {
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
