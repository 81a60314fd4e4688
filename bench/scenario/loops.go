package scenario

import (
	"context"
	"errors"
	"fmt"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/cores"
	"spate/bench/result"
)

// Loops is seeding as in Seed, warm, by a client that is told how many event
// loops to have, and that has as many cores of the machine, while the generator
// has the others. It is measured where these are no fewer: one that has less than
// the client is what would be measured.
type Loops struct {
	// Counts are the numbers of loops, each a setting with a start of its own.
	Counts []int
	// Conns and Bytes are as in Seed.
	Conns int
	Bytes int64

	content *content.Single
	all     []int // cores
}

// Name implements Scenario.
func (*Loops) Name() string { return result.Loops }

// Prepare implements Scenario.
func (s *Loops) Prepare(ctx context.Context, env *Env) (err error) {
	if s.all, err = cores.Allowed(); err != nil {
		return err
	}
	if len(s.all) < 2 {
		return errOneCore
	}
	s.content, err = env.Content(ctx, Tmpfs, s.Bytes)
	return err
}

// errOneCore says that there is no core for the generator.
var errOneCore = errors.New("there is one core, which client and generator would share")

// Skip implements Scenario.
func (*Loops) Skip(c clients.Client) string {
	if !c.Traits().Loops {
		return "cannot be told how many loops to have"
	}
	return ""
}

// Measure implements Scenario: a start for each setting.
func (s *Loops) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	one := 0.0 // MB/s of a single loop
	for _, n := range s.Counts {
		if 2*n > len(s.all) {
			continue
		}
		res := env.blank(s, c, round, result.Setting{Loops: n, Conns: s.Conns, Bytes: s.Bytes, Content: Warm, Place: Tmpfs})
		if err := s.apart(ctx, env, c, &res); err != nil {
			fail(&res, err)
		} else if rate := res.Figures["mb_per_s"]; n == 1 {
			one = rate
		} else if one > 0 {
			res.Set("of_one_loop", 100*rate/one)
		}
		if ctx.Err() != nil {
			return
		}
		emit(res)
	}
}

// apart measures with the client on the first cores, as many as it has loops, and
// this process on the others.
func (s *Loops) apart(ctx context.Context, env *Env, c clients.Client, res *result.Result) (err error) {
	n := res.Setting.Loops
	defer func() { err = errors.Join(err, cores.Pin(s.all)) }()
	if err := cores.Pin(s.all[:n]); err != nil {
		return err
	}
	o := seeding(s.content)
	o.loops = n
	r, err := env.startReady(ctx, c, o, s.content.Meta, s.content.Meta.Info.NumPieces())
	if err != nil {
		return err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	if err := cores.Pin(s.all[n:]); err != nil {
		return err
	}
	l := leeching{env: env, run: r, torrent: s.content.Meta, res: res, heat: true, loops: len(s.all) - n}
	if err := l.measure(ctx); err != nil {
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	return nil
}
