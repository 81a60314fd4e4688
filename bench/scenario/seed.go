package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/result"
)

// slowConns is the most connections that a slow client is measured with: it
// takes half a minute to settle with hundreds.
const slowConns = 50

// Seed is serving leechers.
type Seed struct {
	// Conns are the numbers of connections, each a setting.
	Conns []int
	// Bytes is the length of the content.
	Bytes int64
	// Content is Warm or Cold; empty is Warm. Both lie on disk, Warm content in
	// the page cache as well, as most of what is seeded does: files in memory
	// alone take other ways through the kernel.
	Content string

	content *content.Single
	// stays says that the content cannot be evicted: it lies in memory, or this
	// is no Linux.
	stays bool
}

// Name implements Scenario.
func (*Seed) Name() string { return result.Seed }

// Prepare implements Scenario.
func (s *Seed) Prepare(ctx context.Context, env *Env) (err error) {
	if s.content, err = env.Content(ctx, Disk, s.Bytes); err != nil {
		return err
	}
	err = s.content.Evict(ctx) // so that a folder in memory is found out at once
	if s.stays = s.Content != Cold && stays(err); s.stays {
		return nil
	}
	return err
}

// stays tells whether content could not be evicted.
func stays(err error) bool {
	return errors.Is(err, content.ErrWarm) || errors.Is(err, errors.ErrUnsupported)
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
	r, err := s.start(ctx, env, c)
	first := true
	for _, n := range s.Conns {
		if !worthwhile(c, n) || ctx.Err() != nil {
			continue
		}
		res := env.blank(s, c, round, result.Setting{
			Conns: n, Bytes: s.Bytes, Content: cmp.Or(s.Content, Warm), Place: Disk,
		})
		if most := c.Traits().MaxConns; most > 0 && n > most {
			res.Error = fmt.Sprintf("not tried: it bears %d connections", most)
			emit(res)
			continue
		}
		failed := err
		if failed == nil {
			if failed = s.load(ctx, env, r, &res, first); failed != nil {
				failed = fmt.Errorf("%w%s", failed, r.lastWords())
			}
			first = false
		}
		if failed != nil {
			fail(&res, failed)
		}
		if ctx.Err() == nil {
			emit(res)
		}
	}
	if r != nil {
		_ = r.end() // what is left over lies in the Env's folder
	}
}

// start starts the client. Warm content comes into the page cache anew before, so
// that it lies there alike for all, whoever was there before.
func (s *Seed) start(ctx context.Context, env *Env, c clients.Client) (*run, error) {
	if s.Content != Cold && !s.stays {
		if err := s.content.Reheat(ctx); err != nil && !stays(err) {
			return nil, err
		}
	}
	return env.startReady(ctx, c, seeding(s.content), s.content.Meta, s.content.Meta.Info.NumPieces())
}

// load measures one load of leechers. The first one after a start of the client
// tells the time from there to its first byte.
func (s *Seed) load(ctx context.Context, env *Env, r *run, res *result.Result, first bool) error {
	l := leeching{env: env, run: r, torrent: s.content.Meta, res: res, cold: s.Content == Cold, heat: first && s.Content != Cold}
	if l.cold {
		if err := r.chill(ctx, s.content); err != nil {
			return err
		}
	}
	if err := l.measure(ctx); err != nil {
		return err
	}
	if l.cold {
		return nil
	}
	if first {
		res.Set("start_s", l.first.Sub(r.began).Seconds())
	}
	if most, known := env.ceiling(res); known {
		res.Set("of_ceiling", 100*res.Figures["mb_per_s"]/most)
	}
	return nil
}
