package scenario

import (
	"context"
	"fmt"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/result"
	"spate/bench/usage"
)

// stalledBytes is the length of the content that peers ask for and do not take.
const stalledBytes = 64 << 20

// Stalled is serving peers that ask for Options.Outstanding blocks each, and read
// nothing of them.
//
//	start --> ready --> memory --> all have asked --> Options.Duration --> memory
//
// What the client holds for them in its own memory is what RssAnon has grown by.
// What the kernel holds, in the sockets, is not told, as it is the same for all
// that do not fill them without bound. The peers have a receive buffer of a fixed
// size: the kernel would take all of it for them otherwise.
type Stalled struct {
	// Conns are the numbers of peers, each a setting with a start of its own.
	Conns []int

	content *content.Single
}

// Name implements Scenario.
func (*Stalled) Name() string { return result.Stalled }

// Prepare implements Scenario.
func (s *Stalled) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = env.Content(ctx, Tmpfs, stalledBytes)
	return err
}

// Skip implements Scenario.
func (*Stalled) Skip(c clients.Client) string {
	switch {
	case c.Traits().FewUploads:
		return "serves a handful of peers"
	case c.Traits().Slow:
		return "takes half a minute to let in hundreds"
	}
	return ""
}

// Measure implements Scenario.
func (s *Stalled) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	for _, n := range s.Conns {
		res := env.blank(s, c, round, result.Setting{Conns: n})
		env.crowd(ctx, c, s.content, &res, emit, s.stall)
	}
}

// stall is a crowding by peers that ask.
func (s *Stalled) stall(ctx context.Context, env *Env, r *run, alone usage.Usage, res *result.Result) error {
	peers := load.Stall(load.StallConfig{
		Target: r.task.Listen, Torrent: s.content.Meta, Conns: res.Setting.Conns,
		Outstanding: env.Outstanding, Source: load.Loopback(), Draw: draw,
	})
	defer peers.Close()
	asked, err := settledStall(ctx, peers, res.Setting.Conns)
	if err != nil {
		return err
	}
	before, after, err := r.idle(ctx, env)
	if err != nil {
		return err
	}
	env.idled(res, before, after)
	res.Set("unchoked", float64(asked))
	res.Set("connected", float64(peers.Standing()))
	res.Set("rss_anon_grown", float64(after.Anon-alone.Anon))
	res.Set("rss_grown", float64(after.RSS-alone.RSS))
	return nil
}

// settledStall waits until all peers have asked, or no more come to it, and
// returns how many have.
func settledStall(ctx context.Context, peers *load.Stalled, conns int) (int, error) {
	w := settling{deadline: time.Now().Add(unchokeTimeout + time.Duration(conns)*unchokeEach)}
	for {
		asked, last := peers.Asked()
		if w.over(time.Now(), asked, conns) {
			if asked == 0 {
				return 0, fmt.Errorf("none of %d peers may download (last failure: %w)", conns, last)
			}
			return asked, nil
		}
		if err := load.Pause(ctx, lookAgain); err != nil {
			return asked, err
		}
	}
}
