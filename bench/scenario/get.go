package scenario

import (
	"context"
	"fmt"
	"os"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
)

// Get runs a client as a leecher that conns seeders connect to.
func (l *Lab) Get(ctx context.Context, c clients.Client, round, conns int) Result {
	result := Result{Time: time.Now().UTC(), Scenario: NameGet, Client: c.Name(), Round: round, Conns: conns}
	r, err := l.start(ctx, c, clients.Get, 0)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	if err := r.get(ctx, &result); err != nil {
		result.Error = err.Error() + r.lastWords()
	}
	_ = r.end() // what is left over lies in the lab's folder
	return result
}

func (r *run) get(ctx context.Context, result *Result) (err error) {
	file, err := os.Open(r.lab.file)
	if err != nil {
		return err
	}
	defer file.Close()
	own := ownCPU()
	before, err := r.usage()
	if err != nil {
		return err
	}
	g, err := r.generate(load.Config{Role: load.Seed, Conns: result.Conns, Content: load.Content{File: file}})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := g.Stop(); err == nil {
			err = stopped
		}
	}()
	limit := time.NewTimer(getTimeout)
	defer limit.Stop()
	select {
	case <-g.Complete():
	case <-r.process.Done():
		return fmt.Errorf("it ended: %w", r.process.Err())
	case <-limit.C:
		return fmt.Errorf("not complete after %v, %d bytes sent%s", getTimeout, g.Snapshot().Bytes, lastFailure(g))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	result.GeneratorCPUS, result.GeneratorLoops = (ownCPU() - own).Seconds(), loops(result.Conns)
	busy, err := r.usage()
	if err != nil {
		return err
	}
	if err := r.written(ctx); err != nil {
		return err
	}
	after, err := r.usage()
	if err != nil {
		return err
	}
	result.figure(r.lab.meta.Info.Length, g.Took(), before, after)
	result.RSSAnon, result.Threads = max(busy.Anon, after.Anon), busy.Threads
	last := g.Snapshot()
	result.Rejects, result.Disconnects = last.Rejects, last.Disconnects
	result.Surplus = last.Bytes - r.lab.meta.Info.Length
	return nil
}

// written waits until the client's folder has the content.
func (r *run) written(ctx context.Context) error {
	deadline := time.Now().Add(writeTimeout)
	for {
		err := r.lab.verify(r.task.Data)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}
