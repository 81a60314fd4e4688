package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/load/session"
	"spate/bench/result"
	"spate/bench/usage"
)

// Time limits of a download.
const (
	// getTimeout bounds the download itself.
	getTimeout = 2 * time.Minute
	// writeTimeout bounds the time from a client's word that it has all until
	// all is in its folder.
	writeTimeout = 20 * time.Second
	// sampleEvery is the time between two looks at its memory.
	sampleEvery = 50 * time.Millisecond
)

// Get is downloading from fast seeders that connect to the client.
type Get struct {
	// Conns are the numbers of seeders, and Places where the client writes;
	// each pair is a setting.
	Conns  []int
	Places []string
	// Bytes is the length of the content.
	Bytes int64

	content *content.Single
}

// Name implements Scenario.
func (*Get) Name() string { return result.Get }

// Prepare implements Scenario. The seeders' content always lies in memory.
func (s *Get) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = env.Content(ctx, Tmpfs, s.Bytes)
	return err
}

// Skip implements Scenario.
func (*Get) Skip(c clients.Client) string {
	if c.Traits().Slow {
		return "takes minutes for a download, however fast the other end is"
	}
	return ""
}

// Measure implements Scenario: a start of the client for each setting.
func (s *Get) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	for _, place := range s.Places {
		for _, n := range s.Conns {
			res := env.blank(s, c, round, result.Setting{Conns: n, Bytes: s.Bytes, Place: place})
			if err := s.get(ctx, env, c, &res); err != nil {
				fail(&res, err)
			}
			if ctx.Err() != nil {
				return
			}
			emit(res)
		}
	}
}

func (s *Get) get(ctx context.Context, env *Env, c clients.Client, res *result.Result) error {
	o := order{role: clients.Get, torrents: []string{s.content.Torrent}, place: res.Setting.Place}
	r, err := env.startReady(ctx, c, o, s.content.Meta, 0)
	if err != nil {
		return err
	}
	if err = s.serve(ctx, r, res); err != nil {
		err = fmt.Errorf("%w%s", err, r.lastWords())
	}
	_ = r.end() // what is left over lies in the Env's folder
	return err
}

func (s *Get) serve(ctx context.Context, r *run, res *result.Result) (err error) {
	ctx, stop := r.alive(ctx)
	defer stop()
	file, err := os.Open(s.content.File)
	if err != nil {
		return err
	}
	defer file.Close()
	own := usage.Self()
	before, err := r.usage()
	if err != nil {
		return err
	}
	conns := res.Setting.Conns
	dialed := time.Now()
	g, err := r.generate(load.Config{
		Role: load.Seed, Torrent: s.content.Meta, Conns: conns, Content: load.Content{File: file},
	})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := g.Stop(); err == nil {
			err = stopped
		}
	}()
	most, err := complete(ctx, r, g)
	if err != nil {
		return err
	}
	took := time.Since(dialed)
	generatorTook(res, usage.Self()-own, took, session.Loops(conns), 0)
	last := g.Snapshot() // most clients hang up on seeds from now on
	if err := s.written(ctx, r); err != nil {
		return err
	}
	after, err := r.usage()
	if err != nil {
		return err
	}
	length := s.content.Meta.Info.Length
	figure(res, length, took, before, after)
	res.Set("took_s", took.Seconds())
	res.Set("rss_anon", float64(max(most, after.Anon)))
	res.Set("rejects", float64(last.Rejects))
	res.Set("disconnects", float64(last.Disconnects))
	res.Set("surplus", 100*float64(last.Bytes-length)/float64(length))
	return nil
}

// complete waits until the client says that it has all. It returns the most of
// its own memory that was seen in use meanwhile, in bytes.
func complete(ctx context.Context, r *run, g *load.Generator) (most int64, err error) {
	proc := os.DirFS("/proc")
	members, err := usage.Members(proc, r.process.Group())
	if err != nil {
		return 0, r.gone(err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, getTimeout, errGetTime)
	defer cancel()
	sample := time.NewTicker(sampleEvery)
	defer sample.Stop()
	for {
		select {
		case <-g.Complete():
			return most, nil
		case <-sample.C:
			if now, err := usage.Of(proc, members); err == nil { // else it is ending, which ctx tells
				most = max(most, now.Anon)
			}
		case <-ctx.Done():
			if err := context.Cause(ctx); !errors.Is(err, errGetTime) {
				return 0, err
			}
			return 0, fmt.Errorf("%w, %d bytes sent%s", errGetTime, g.Snapshot().Bytes, lastFailure(g))
		}
	}
}

// errGetTime says that a download took too long.
var errGetTime = fmt.Errorf("not complete after %v", getTimeout)

// written waits until the client's folder has the content: CPU time counts
// until then.
func (s *Get) written(ctx context.Context, r *run) error {
	deadline := time.Now().Add(writeTimeout)
	for {
		err := s.content.Verify(r.task.Data)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		if err := load.Pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}
