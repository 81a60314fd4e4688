package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/result"
	"spate/proto/metainfo"
)

// Aside is what is asked for beside content that is warm, as results name it.
const Aside = "warm beside cold"

const (
	// mixOutstanding is how many blocks a peer asks for at a tick. All of them
	// are some 80 MB/s: a small part of what any client can do, so that the times
	// are those of requests that find no queue before them.
	mixOutstanding = 8
	// coldPieceLength is that of both torrents.
	coldPieceLength = 1 << 20
)

// ColdMix is serving hot peers while others, a third of all, ask for content that
// lies on disk alone.
//
//	cold content on disk alone, hot peers --> time to the first byte
//	   --> cold peers as well --> time to the first byte, of the hot peers
//
// All peers are paced (load.Config.Paced), and alike: under a load that is as
// much as a client can send, times are of its queue, and any further peer makes
// them longer, cold or not. The slowdown is the p99 with cold peers against that without, in the
// same run of the client.
type ColdMix struct {
	// HotConns and ColdConns are the peers.
	HotConns, ColdConns int
	// HotBytes and ColdBytes are the lengths of the torrents; of the cold one
	// there is to be more than is asked for in the time.
	HotBytes, ColdBytes int64
	// Span is what is measured at the least, without cold peers and with them.
	Span time.Duration

	hot, cold *content.Single
}

// DefaultColdMix is a third of cold peers, for long enough to sample more than a
// thousand requests, so that ten and more are beyond the p99.
func DefaultColdMix() *ColdMix {
	return &ColdMix{HotConns: 20, ColdConns: 10, HotBytes: 128 << 20, ColdBytes: 512 << 20, Span: 4 * time.Second}
}

// Name implements Scenario.
func (*ColdMix) Name() string { return result.ColdMix }

// Clients is who is measured: spate with its wire cache and without, and of those
// asked for the fastest two that do not map their content.
func (*ColdMix) Clients(asked []clients.Client) (chosen []clients.Client) {
	rivals := []string{"rtorrent", "libtorrent-posix"}
	for _, c := range asked {
		switch {
		case c.Name() == clients.SpateName:
			chosen = append(chosen, c, clients.Variant(c, c.Name()+"-uncached", "--wire-cache", "0"))
		case slices.Contains(rivals, c.Name()):
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// Prepare implements Scenario.
func (s *ColdMix) Prepare(ctx context.Context, env *Env) error {
	dir, err := env.shared(Disk, "content-coldmix")
	if err != nil {
		return err
	}
	if s.hot, err = content.New(ctx, dir, "hot", s.HotBytes, coldPieceLength); err != nil {
		return err
	}
	if s.cold, err = content.New(ctx, dir, "cold", s.ColdBytes, coldPieceLength); err != nil {
		return err
	}
	return s.cold.Evict(ctx) // so that a folder in memory is found out at once
}

// Skip implements Scenario.
func (*ColdMix) Skip(clients.Client) string { return "" }

// Measure implements Scenario.
func (s *ColdMix) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	res := env.blank(s, c, round, result.Setting{
		Conns: s.HotConns + s.ColdConns, Bytes: s.HotBytes + s.ColdBytes, Content: Aside, Place: Disk,
	})
	if err := s.serve(ctx, env, c, &res); err != nil {
		fail(&res, err)
	}
	if ctx.Err() == nil {
		emit(res)
	}
}

func (s *ColdMix) serve(ctx context.Context, env *Env, c clients.Client, res *result.Result) error {
	r, err := env.start(c, order{
		role: clients.Seed, torrents: []string{s.hot.Torrent, s.cold.Torrent}, data: s.hot.Data, place: Tmpfs,
	})
	if err != nil {
		return err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	both := []*metainfo.Torrent{s.hot.Meta, s.cold.Meta}
	if err := r.whole(ctx, both, readyTimeout); err != nil {
		return fmt.Errorf("not ready: %w%s", err, r.lastWords())
	}
	if err := r.chill(ctx, s.cold); err != nil {
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	if err := r.whole(ctx, both, readyTimeout); err != nil {
		return fmt.Errorf("not ready again: %w%s", err, r.lastWords())
	}
	ctx, stop := r.alive(ctx)
	defer stop()
	if err := s.load(ctx, env, r, res); err != nil {
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	return nil
}

// load puts the hot peers on a client that is ready, and then the cold ones.
func (s *ColdMix) load(ctx context.Context, env *Env, r *run, res *result.Result) (err error) {
	hot := leeching{env: env, run: r, torrent: s.hot.Meta, res: res}
	hot.generator, err = r.generate(load.Config{
		Role: load.Leech, Torrent: s.hot.Meta, Conns: s.HotConns, Outstanding: mixOutstanding, Paced: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = stopped(hot.generator, err) }()
	if err := hot.settled(ctx); err != nil {
		return err
	}
	span := max(env.Duration, s.Span)
	// The first seconds bring hot content into memory.
	if err := load.Pause(ctx, max(env.Warmup, span/2)); err != nil {
		return err
	}
	hot.generator.Reset()
	if err := load.Pause(ctx, span); err != nil {
		return err
	}
	alone := hot.generator.Snapshot().FirstByte.Quantile(0.99)

	cold := leeching{env: env, run: r, torrent: s.cold.Meta, res: res, cold: true}
	cold.generator, err = r.generate(load.Config{
		Role: load.Leech, Torrent: s.cold.Meta, Conns: s.ColdConns, Outstanding: mixOutstanding, Paced: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = stopped(cold.generator, err) }()
	if _, err := cold.started(ctx); err != nil {
		return err
	}
	hot.generator.Reset()
	first, from := hot.generator.Snapshot(), cold.generator.Snapshot()
	used, err := r.usage()
	if err != nil {
		return err
	}
	if err := cold.until(ctx, span, s.ColdBytes); err != nil {
		return err
	}
	last, to := hot.generator.Snapshot(), cold.generator.Snapshot()
	after, err := r.usage()
	if err != nil {
		return err
	}
	if alone == 0 || to.Bytes == from.Bytes {
		return fmt.Errorf("no payload came%s", lastFailure(cold.generator))
	}
	figure(res, last.Bytes-first.Bytes+to.Bytes-from.Bytes, last.At-first.At, used, after)
	service(res, first, last)
	res.Set("seconds", (last.At - first.At).Seconds())
	res.Set("alone_ms_p99", milliseconds(alone))
	res.Set("slowdown", last.FirstByte.Quantile(0.99).Seconds()/alone.Seconds())
	res.Set("cold_mb_per_s", float64(to.Bytes-from.Bytes)/mega/(to.At-from.At).Seconds())
	if to.Bytes >= s.ColdBytes {
		res.Notes = append(res.Notes, "all cold content was sent, and the time is shorter for it")
	}
	return nil
}

// stopped ends a generator, and returns the first error.
func stopped(g *load.Generator, err error) error {
	if failed := g.Stop(); err == nil {
		return failed
	}
	return err
}
