package scenario

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/result"
	"spate/bench/usage"
	"spate/proto/metainfo"
)

const (
	// numLooked is how many of them are looked at, besides the first and the
	// last: with 30, one in ten that is not ready is found 19 times in 20. More
	// would be felt: aria2 accepts some three connections a second.
	numLooked = 30
	// lookShare is the part of a time that looking may be before the result
	// says so.
	lookShare = 0.1
	// loadTimeout bounds a start: enough for 1,000 torrents at ten a second.
	loadTimeout = 2 * time.Minute
	// slowTorrents is the most that a client is measured with that loads so
	// few.
	slowTorrents = 300
)

// Torrents is having many small torrents, complete and seeding, that nobody
// wants anything of. All torrents name a tracker that refuses connections, since
// rtorrent loads none without a tracker; what a client spends on asking it again
// is among its idle CPU time, as it is with a tracker that is down.
//
//	start, nothing known --> all ready --> idle --> SIGTERM --> start again --> all ready
//	                           ready_s     memory, CPU time                    ready_again_s
//
// After the second start it is also told when the client first accepts a
// connection (listening_again_s), and when the first block of a torrent chosen by
// chance, another one in each round, has come (serving_again_s): clients that
// unchoke at fixed times take that long.
//
// Ready is when the client answers for each torrent looked at and has all of
// it: thirty by chance, the same for all clients and rounds, the first and the
// last. Times run from the start of the process, and have in them what the looks
// themselves take; where that is much, the result has it as a note. Memory per
// torrent is RssAnon beyond that of the same client with a single torrent, at
// the end of the same idle time.
type Torrents struct {
	// Counts are the numbers of torrents, each a setting.
	Counts []int

	all *content.Collection
	// tooSlow is by client what it could not get ready in time. It is not
	// tried again with as many or more: each attempt takes minutes.
	tooSlow map[string]attempt
}

// attempt is a start that took too long, and how far it came.
type attempt struct {
	torrents int
	outcome  string
}

// Name implements Scenario.
func (*Torrents) Name() string { return result.Torrents }

// Prepare implements Scenario.
func (s *Torrents) Prepare(ctx context.Context, env *Env) error {
	dir, err := env.folder(Tmpfs, "content-torrents")
	if err != nil {
		return err
	}
	s.tooSlow = map[string]attempt{}
	s.all, err = content.NewCollection(ctx, dir, slices.Max(s.Counts))
	return err
}

// Skip implements Scenario.
func (*Torrents) Skip(clients.Client) string { return "" }

// tooMany says why a client is not started with n torrents, or is empty.
func (s *Torrents) tooMany(c clients.Client, n int) string {
	t := c.Traits()
	before, failed := s.tooSlow[c.Name()]
	switch {
	case t.MaxTorrents > 0 && n > t.MaxTorrents:
		return fmt.Sprintf("not tried: it bears %d torrents", t.MaxTorrents)
	case t.SlowLoading && n > slowTorrents:
		return "not tried: it loads some ten torrents a second"
	case failed && n >= before.torrents:
		return fmt.Sprintf("not tried again: with %d torrents %s", before.torrents, before.outcome)
	}
	return ""
}

// Measure implements Scenario: a start with one torrent, and two for each
// setting.
func (s *Torrents) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	base, err := s.base(ctx, env, c)
	for _, n := range s.Counts {
		res := env.blank(s, c, round, result.Setting{Torrents: n})
		if why := s.tooMany(c, n); why != "" {
			res.Error = why
		} else if err != nil {
			fail(&res, err)
		} else if failed := s.have(ctx, env, c, base, &res); failed != nil {
			fail(&res, failed)
		}
		if ctx.Err() != nil {
			return
		}
		emit(res)
	}
}

// base is the client with a single torrent.
func (s *Torrents) base(ctx context.Context, env *Env, c clients.Client) (usage.Usage, error) {
	r, err := env.start(c, s.seeding(1))
	if err != nil {
		return usage.Usage{}, err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	if err := r.whole(ctx, s.all.Metas[:1], readyTimeout); err != nil {
		return usage.Usage{}, fmt.Errorf("with one torrent: %w%s", err, r.lastWords())
	}
	_, after, err := r.idle(ctx, env)
	return after, err
}

// idle lets the client be, for Options.Warmup and then for Options.Duration,
// before and after which it is looked at.
func (r *run) idle(ctx context.Context, env *Env) (before, after usage.Usage, err error) {
	if err = load.Pause(ctx, env.Warmup); err != nil {
		return before, after, err
	}
	if before, err = r.usage(); err != nil {
		return before, after, err
	}
	if err = load.Pause(ctx, env.Duration); err != nil {
		return before, after, err
	}
	after, err = r.usage()
	return before, after, err
}

// idled notes an idle time.
func (e *Env) idled(res *result.Result, before, after usage.Usage) {
	cpu := after.User + after.System - before.User - before.System
	res.Set("cpu_percent", 100*cpu.Seconds()/e.Duration.Seconds())
	res.Set("seconds", e.Duration.Seconds())
	res.Set("rss_anon", float64(after.Anon))
	res.Set("threads", float64(after.Threads))
}

// have measures the client with many torrents.
func (s *Torrents) have(ctx context.Context, env *Env, c clients.Client, base usage.Usage, res *result.Result) error {
	n := res.Setting.Torrents
	sample := sampled(s.all.Metas[:n])
	r, err := env.start(c, s.seeding(n))
	if err != nil {
		return err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	begun := time.Now()
	if err := r.whole(ctx, sample, loadTimeout); err != nil {
		var slow *notReady
		if errors.As(err, &slow) {
			s.tooSlow[c.Name()] = attempt{n, slow.Error()}
		}
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	ready := time.Since(begun)
	res.Set("ready_s", ready.Seconds())
	before, after, err := r.idle(ctx, env)
	if err != nil {
		return err
	}
	env.idled(res, before, after)
	if n > 1 {
		res.Set("bytes_per_torrent", float64(after.Anon-base.Anon)/float64(n-1))
	}
	begun = time.Now()
	if err := r.whole(ctx, sample, loadTimeout); err != nil {
		return fmt.Errorf("after %v: %w%s", ready, err, r.lastWords())
	}
	looking := time.Since(begun)
	again, err := r.restart(ctx, sample, s.all.One(n, res.Round))
	if err != nil {
		res.Notes = append(res.Notes, fmt.Sprintf("second start: %v%s", err, r.lastWords()))
	}
	again.figures(res)
	res.Notes = append(res.Notes, lookingNote(len(sample), looking, ready, again.ready)...)
	return nil
}

// lookingNote says what looking takes by itself, when that is much of a time
// that was measured; 0 is one that was not.
func lookingNote(looks int, looking time.Duration, measured ...time.Duration) []string {
	for _, m := range measured {
		if m > 0 && looking.Seconds() > lookShare*m.Seconds() {
			return []string{fmt.Sprintf("%.2f s of each time is looking at %d torrents", looking.Seconds(), looks)}
		}
	}
	return nil
}

// seeding is the order to serve the first n.
func (s *Torrents) seeding(n int) order {
	return order{role: clients.Seed, torrents: s.all.Torrents[:n], data: s.all.Data, place: Tmpfs}
}

// sampled is what is looked at of all, in their order.
func sampled(all []*metainfo.Torrent) []*metainfo.Torrent {
	n := len(all)
	places := rand.New(rand.NewPCG(uint64(n), 0)).Perm(n)
	places = append(places[:min(n, numLooked)], 0, n-1)
	slices.Sort(places)
	var metas []*metainfo.Torrent
	for _, i := range slices.Compact(places) {
		metas = append(metas, all[i])
	}
	return metas
}
