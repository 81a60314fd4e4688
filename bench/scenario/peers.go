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

const (
	// peersBytes is the length of the content that idle peers are connected
	// for: 1,024 pieces, as many as usual, and little to verify, since what is
	// left of that in memory would count against the peers.
	peersBytes = 16 << 20
	// slowPeers is the most that a slow client is measured with: it takes a quarter
	// of a minute to let them in.
	slowPeers = 2000
	// connectTimeout bounds the time until all idle connections stand, and
	// connectStall is after how long without one more the rest is no longer
	// waited for.
	connectTimeout = time.Minute
	connectStall   = 10 * time.Second
	// standShare is the share of the connections that must stand for memory to
	// be told by peer: dropping the others, time and again, costs memory too.
	standShare = 0.9
)

// Peers is being connected to by peers that shake hands and want nothing, each
// from an address of its own, while seeding one torrent.
//
//	start --> ready, and a first connection --> RssAnon --> all connected --> idle --> RssAnon
//
// Memory per peer is what RssAnon has grown by at the end of the idle time, by
// connection that stands then. It is what the system sees: memory that a
// collector could free but has not is the client's too. What a client drops is
// dialed again after a second; when it keeps fewer than nine in ten there is no
// figure by peer.
type Peers struct {
	// Conns are the numbers of connections, each a setting with a start of its
	// own.
	Conns []int

	content *content.Single
}

// Name implements Scenario.
func (*Peers) Name() string { return result.Peers }

// Prepare implements Scenario.
func (s *Peers) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = env.Content(ctx, Tmpfs, peersBytes)
	return err
}

// Skip implements Scenario.
func (*Peers) Skip(c clients.Client) string {
	if c.Traits().FewUploads {
		return "lets in a few peers a second"
	}
	return ""
}

// Measure implements Scenario.
func (s *Peers) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	for _, n := range s.Conns {
		if c.Traits().Slow && n > slowPeers {
			continue
		}
		res := env.blank(s, c, round, result.Setting{Conns: n})
		env.crowd(ctx, c, s.content, &res, emit, s.stand)
	}
}

// stand is a crowding by connections.
func (s *Peers) stand(ctx context.Context, env *Env, r *run, alone usage.Usage, res *result.Result) (err error) {
	g, err := r.generate(load.Config{Role: load.Idle, Torrent: s.content.Meta, Conns: res.Setting.Conns})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := g.Stop(); err == nil {
			err = stopped
		}
	}()
	most, took, err := connected(ctx, g)
	if err != nil {
		return err
	}
	before, after, err := r.idle(ctx, env)
	if err != nil {
		return err
	}
	last := g.Snapshot()
	res.Notes = append(res.Notes, reasons("disconnects", last.DisconnectsBy, nil)...)
	res.Notes = append(res.Notes, reasons("connects that failed", last.FailedBy, nil)...)
	if last.Connected == 0 {
		return fmt.Errorf("no connection stands%s", lastFailure(g))
	}
	env.idled(res, before, after)
	res.Set("connected", float64(last.Connected))
	res.Set("disconnects", float64(last.Disconnects))
	res.Set("accept_per_s", float64(most)/took.Seconds())
	perPeer(res, after.Anon-alone.Anon, last.Connected)
	return nil
}

// perPeer divides memory in bytes by the connections that stand.
func perPeer(res *result.Result, grown int64, stand int) {
	if asked := res.Setting.Conns; float64(stand) < standShare*float64(asked) {
		res.Notes = append(res.Notes, fmt.Sprintf("%d of %d connections stand", stand, asked))
		return
	}
	res.Set("bytes_per_peer", float64(grown)/float64(stand))
}

// connected waits until all connections stand, or no more come. It returns how
// many stood at most at a time, and how long after the first dial.
func connected(ctx context.Context, g *load.Generator) (most int, took time.Duration, err error) {
	begun := time.Now()
	last := begun // when one more stood
	for {
		now := g.Snapshot()
		if now.Settled > 0 {
			return len(now.PerConn), now.Settled, nil
		}
		at := time.Now()
		if now.Connected > most {
			most, last = now.Connected, at
		}
		if at.Sub(last) > connectStall || at.Sub(begun) > connectTimeout {
			if most == 0 {
				return 0, 0, fmt.Errorf("none of %d connections came about%s", len(now.PerConn), lastFailure(g))
			}
			return most, last.Sub(begun), nil
		}
		if err := load.Pause(ctx, lookAgain); err != nil {
			return 0, 0, err
		}
	}
}
