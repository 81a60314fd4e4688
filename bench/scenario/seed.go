package scenario

import (
	"context"
	"fmt"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/result"
)

// unchokeTimeout bounds the time until all connections may move payload. Most
// clients choose whom to unchoke every ten seconds.
const unchokeTimeout = 25 * time.Second

// slowConns is the most connections that a slow client is measured with: it
// takes half a minute to settle with hundreds.
const slowConns = 50

// Seed is serving leechers.
type Seed struct {
	// Conns are the numbers of connections, each a setting.
	Conns []int
	// Bytes is the length of the content.
	Bytes int64

	content *Content
}

// Name implements Scenario.
func (*Seed) Name() string { return result.Seed }

// Prepare implements Scenario.
func (s *Seed) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = env.Content(ctx, Tmpfs, s.Bytes)
	return err
}

// Skip implements Scenario.
func (*Seed) Skip(clients.Client) string { return "" }

// worthwhile tells whether a client serves that many connections at all, or
// within reasonable time.
func worthwhile(c clients.Client, conns int) bool {
	return conns == 1 || !c.Traits().FewUploads && (conns <= slowConns || !c.Traits().Slow)
}

// Measure implements Scenario: one start of the client, and a load for each
// setting.
func (s *Seed) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	r, err := env.startReady(ctx, c, s.content.seeding(), s.content.Meta, s.content.Meta.Info.NumPieces())
	for _, n := range s.Conns {
		if !worthwhile(c, n) || ctx.Err() != nil {
			continue
		}
		res := env.blank(s, c, round, result.Setting{Conns: n, Bytes: s.Bytes, Content: "warm", Place: Tmpfs})
		fail := err
		if fail == nil {
			if fail = s.load(ctx, env, r, &res); fail != nil {
				fail = fmt.Errorf("%w%s", fail, r.lastWords())
			}
		}
		if fail != nil {
			res.Error = fail.Error()
		}
		if ctx.Err() == nil {
			emit(res)
		}
	}
	if r != nil {
		_ = r.end() // what is left over lies in the Env's folder
	}
}

// load measures one load of leechers.
func (s *Seed) load(ctx context.Context, env *Env, r *run, res *result.Result) (err error) {
	conns := res.Setting.Conns
	g, err := r.generate(load.Config{
		Role: load.Leech, Torrent: s.content.Meta, Conns: conns, Outstanding: env.Outstanding,
	})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := g.Stop(); err == nil {
			err = stopped
		}
	}()
	dialed := time.Now()
	if err := settled(ctx, g, conns); err != nil {
		return err
	}
	res.Set("settle_s", time.Since(dialed).Seconds())
	if err := pause(ctx, env.Warmup); err != nil {
		return err
	}
	own := ownCPU()
	first := g.Snapshot()
	before, err := r.usage()
	if err != nil {
		return err
	}
	if err := pause(ctx, env.Duration); err != nil {
		return err
	}
	last := g.Snapshot()
	after, err := r.usage()
	if err != nil {
		return err
	}
	over := last.At - first.At
	generatorTook(res, ownCPU()-own, over, loops(conns))
	figure(res, last.Bytes-first.Bytes, over, before, after)
	res.Set("seconds", over.Seconds())
	res.Set("connected", float64(last.Connected))
	res.Set("unchoked", float64(last.Unchoked))
	res.Set("rejects", float64(last.Rejects-first.Rejects))
	res.Set("disconnects", float64(last.Disconnects-first.Disconnects))
	if last.Bytes == first.Bytes {
		return fmt.Errorf("no payload came%s", lastFailure(g))
	}
	res.Set("surplus", 100*float64(last.Surplus-first.Surplus)/float64(last.Bytes-first.Bytes))
	return nil
}

// settled waits until all connections may move payload. Not every client lets
// all: then it is over when the time is up, with those that may.
func settled(ctx context.Context, g *load.Generator, conns int) error {
	deadline := time.Now().Add(unchokeTimeout)
	for {
		now := g.Snapshot()
		if now.Unchoked == conns {
			return nil
		}
		if time.Now().After(deadline) {
			if now.Unchoked == 0 {
				return fmt.Errorf("none of %d connections may download%s", conns, lastFailure(g))
			}
			return nil
		}
		if err := pause(ctx, lookAgain); err != nil {
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
