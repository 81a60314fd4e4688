package scenario

import (
	"context"
	"fmt"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
)

// Seed runs a client as a seeder, and measures it with each of these numbers
// of connections in turn. Results come by emit as they are there.
func (l *Lab) Seed(ctx context.Context, c clients.Client, round int, conns []int, o Options, emit func(Result)) {
	blank := func(n int) Result {
		return Result{Time: time.Now().UTC(), Scenario: NameSeed, Client: c.Name(), Round: round, Conns: n}
	}
	r, err := l.start(ctx, c, clients.Seed, l.meta.Info.NumPieces())
	if err != nil {
		for _, n := range conns {
			result := blank(n)
			result.Error = err.Error()
			emit(result)
		}
		return
	}
	for _, n := range conns {
		result := blank(n)
		if err := r.seed(ctx, o, &result); err != nil {
			result.Error = err.Error() + r.lastWords()
		}
		emit(result)
	}
	_ = r.end() // what is left over lies in the lab's folder
}

// seed measures one load of result.Conns leechers.
func (r *run) seed(ctx context.Context, o Options, result *Result) (err error) {
	g, err := r.generate(load.Config{Role: load.Leech, Conns: result.Conns, Outstanding: o.Outstanding})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := g.Stop(); err == nil {
			err = stopped
		}
	}()
	dialed := time.Now()
	if err := settled(ctx, g, result.Conns); err != nil {
		return err
	}
	result.SettleS = time.Since(dialed).Seconds()
	if err := pause(ctx, o.Warmup); err != nil {
		return err
	}
	own := ownCPU()
	first := g.Snapshot()
	before, err := r.usage()
	if err != nil {
		return err
	}
	if err := pause(ctx, o.Duration); err != nil {
		return err
	}
	last := g.Snapshot()
	after, err := r.usage()
	if err != nil {
		return err
	}
	result.GeneratorCPUS, result.GeneratorLoops = (ownCPU() - own).Seconds(), loops(result.Conns)
	result.figure(last.Bytes-first.Bytes, last.At-first.At, before, after)
	result.Unchoked = last.Unchoked
	result.Rejects, result.Surplus = last.Rejects-first.Rejects, last.Surplus-first.Surplus
	result.Disconnects = last.Disconnects - first.Disconnects
	if result.Bytes == 0 {
		return fmt.Errorf("no payload came%s", lastFailure(g))
	}
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
