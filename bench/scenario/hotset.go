package scenario

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/result"
	"spate/bench/usage"
	"spate/proto/metainfo"
)

// What leechers want of many torrents, as results name it.
const (
	// HotTenth: a tenth of the torrents takes nine tenths of the requests.
	HotTenth = "hot tenth"
	// Evenly: all torrents are wanted alike.
	Evenly = "evenly"
)

const (
	// tenth is the share of the torrents that is hot, and hotRequests the share
	// of the leechers that want one of them.
	tenth       = 0.1
	hotRequests = 0.9
	// hotSetPasses is how many times the content is to have been sent before
	// anything is measured, and hotSetTimeout what that may take: a cache has to
	// find out what is hot, and then to lay it out.
	hotSetPasses  = 14
	hotSetTimeout = 15 * time.Second
	// fewImages is a wire cache in which a quarter of the hot tenth has room, of
	// DefaultHotSet.
	fewImages = "128MiB"
)

// HotSet is serving many torrents, of which some are wanted more than others, by
// spate with its wire cache as it is by default, with one that is too small for
// what is hot, and without. Each leecher wants one torrent, gets it whole, its
// pieces in an order of chance, and makes place for the next; so content is sent
// in proportion to how often it is wanted. There is several times as much as
// the cache takes.
//
//	start, content in memory --> leechers --> hotSetPasses --> Options.Duration
//
// Memory is RssAnon and the memory files and pipes that the process has open, in
// which the cache lies. The share of the payload that came from there, and how many pieces
// were laid out, is what spate says of itself.
type HotSet struct {
	// Torrents is how many there are, of Bytes each, and Conns how many leechers
	// at a time.
	Torrents, Conns int
	Bytes           int64
	// PieceLength is that of each torrent: a leecher that takes the rarest piece
	// first asks for as much in one go.
	PieceLength int64

	dir   string
	files []string // the .torrents
	metas []*metainfo.Torrent
}

// DefaultHotSet has 4.7 GiB of content, which is more than four times what the
// cache takes by default.
//
// Its pieces are as long as those of torrents that are as long as all of these.
func DefaultHotSet() *HotSet {
	return &HotSet{Torrents: 100, Conns: 100, Bytes: 48 << 20, PieceLength: 2 << 20}
}

// Name implements Scenario.
func (*HotSet) Name() string { return result.HotSet }

// Clients is who is measured: spate, in three ways, where it was asked for.
func (*HotSet) Clients(asked []clients.Client) []clients.Client {
	for _, c := range asked {
		if c.Name() == clients.SpateName {
			return []clients.Client{
				c,
				clients.Variant(c, c.Name()+"-"+fewImages, "--wire-cache", fewImages),
				clients.Variant(c, c.Name()+"-uncached", "--wire-cache", "0"),
			}
		}
	}
	return nil
}

// Prepare implements Scenario.
func (s *HotSet) Prepare(ctx context.Context, env *Env) (err error) {
	if s.dir, err = env.shared(Tmpfs, "content-hotset"); err != nil {
		return err
	}
	s.files, s.metas = nil, nil
	for i := range s.Torrents {
		c, err := content.New(ctx, s.dir, fmt.Sprintf("%03d", i), s.Bytes, s.PieceLength)
		if err != nil {
			return err
		}
		s.files, s.metas = append(s.files, c.Torrent), append(s.metas, c.Meta)
	}
	return nil
}

// Skip implements Scenario.
func (*HotSet) Skip(clients.Client) string { return "" }

// choose draws what the next leecher wants; any number of goroutines may.
func (s *HotSet) choose(wanted string) func() *metainfo.Torrent {
	hot := max(1, int(tenth*float64(len(s.metas))))
	return func() *metainfo.Torrent {
		switch {
		case wanted == Evenly || hot == len(s.metas):
			return s.metas[rand.IntN(len(s.metas))]
		case rand.Float64() < hotRequests:
			return s.metas[rand.IntN(hot)]
		}
		return s.metas[hot+rand.IntN(len(s.metas)-hot)]
	}
}

// Measure implements Scenario: a start of the client for each of both ways in
// which content is wanted.
func (s *HotSet) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	for _, wanted := range []string{HotTenth, Evenly} {
		res := env.blank(s, c, round, result.Setting{
			Conns: s.Conns, Torrents: s.Torrents, Bytes: int64(s.Torrents) * s.Bytes, Content: wanted, Place: Tmpfs,
		})
		if err := s.serve(ctx, env, c, &res); err != nil {
			fail(&res, err)
		}
		if ctx.Err() != nil {
			return
		}
		emit(res)
	}
}

func (s *HotSet) serve(ctx context.Context, env *Env, c clients.Client, res *result.Result) error {
	figures, err := clients.FreeAddr(netip.MustParseAddr("127.0.0.1"), rand.IntN)
	if err != nil {
		return err
	}
	r, err := env.start(c, order{
		role: clients.Seed, torrents: s.files, data: filepath.Join(s.dir, "data"), place: Tmpfs,
		flags: []string{"--metrics", figures.String()},
	})
	if err != nil {
		return err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	if err := r.whole(ctx, s.metas, readyTimeout); err != nil {
		return fmt.Errorf("not ready: %w%s", err, r.lastWords())
	}
	ctx, stop := r.alive(ctx)
	defer stop()
	if err := s.load(ctx, env, r, figures, res); err != nil {
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	return nil
}

// load puts leechers on a client that is ready, and measures.
func (s *HotSet) load(ctx context.Context, env *Env, r *run, figures netip.AddrPort, res *result.Result) (err error) {
	l := leeching{env: env, run: r, torrent: s.metas[0], res: res}
	l.generator, err = r.generate(load.Config{
		Role: load.Leech, Choose: s.choose(res.Setting.Content), Conns: s.Conns, Outstanding: env.Outstanding,
	})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := l.generator.Stop(); err == nil {
			err = stopped
		}
	}()
	if _, err := l.started(ctx); err != nil {
		return err
	}
	if err := l.until(ctx, hotSetTimeout, hotSetPasses*res.Setting.Bytes); err != nil {
		return err
	}
	before, err := scrape(ctx, figures)
	if err != nil {
		return err
	}
	l.generator.Reset()
	first := l.generator.Snapshot()
	used, err := r.usage()
	if err != nil {
		return err
	}
	if err := l.window(ctx, first, used); err != nil {
		return err
	}
	after, err := scrape(ctx, figures)
	if err != nil {
		return err
	}
	cached(res, before, after)
	files, err := usage.MemoryFiles(os.DirFS("/proc"), r.process.Group())
	if err != nil {
		return r.gone(err)
	}
	res.Set("memory_files", float64(files))
	res.Set("memory", res.Figures["rss_anon"]+float64(files))
	return nil
}

// cached fills in what spate told of its cache before and after.
func cached(res *result.Result, before, after map[string]float64) {
	grown := func(name string) float64 { return after[name] - before[name] }
	if sent := grown("spate_uploaded_bytes_total"); sent > 0 {
		res.Set("hit_rate", 100*grown("spate_wire_sent_bytes_total")/sent)
	}
	res.Set("images_built", grown("spate_wire_cache_builds_total"))
	res.Set("images_evicted", grown("spate_wire_cache_evictions_total"))
}
