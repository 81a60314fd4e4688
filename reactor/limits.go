package reactor

import (
	"math"
	"time"

	"spate/reactor/swarm"
)

const (
	// dialReserve is how many connections are kept for those that we open, at
	// most a dialShare of all: as many as a download wants, so that a seeder
	// whose connections are used up by others can still fetch something.
	dialReserve = 100
	dialShare   = 10
	// goalGrace is how long a torrent that has reached its ratio waits for
	// blocks that are on their way to slow peers.
	goalGrace = 5 * time.Second
)

// limits makes what holds a torrent back: nothing that is not asked for, since
// each of them costs a cache line or two a loop.
func (e *Engine) limits(o AddOptions) swarm.Limits {
	l := swarm.Limits{Up: e.ownRate(o.UpLimit, e.up), Down: e.ownRate(o.DownLimit, e.down)}
	if e.cfg.MaxPeersPerTorrent > 0 {
		l.Room = swarm.NewRoom(e.cfg.MaxPeersPerTorrent)
	}
	return l
}

// goal is what a torrent with so many bytes wanted gives until it has reached
// its ratio, when it has sent so many before; nil for a ratio of 0.
func goal(ratio float64, wanted, sent int64) *swarm.Goal {
	if ratio <= 0 {
		return nil
	}
	return swarm.NewGoal(max(0, int64(math.Ceil(ratio*float64(wanted)))-sent))
}

// admit tells whether there is room for one more connection.
func (e *Engine) admit(inbound bool) bool {
	most := e.cfg.MaxPeers
	if inbound && e.incomplete.Load() > 0 {
		most -= min(dialReserve, most/dialShare)
	}
	return e.peers.Load() < int64(most)
}

// ownRate is a torrent's part in the rates of one direction. One without a rate
// of its own still has to be known to all loops where they share the rate over
// all torrents by torrent.
func (e *Engine) ownRate(rate int64, all *swarm.Limiter) *swarm.Limiter {
	if rate == 0 && (!all.Limited() || len(e.shards) == 1) {
		return nil
	}
	return swarm.NewLimiter(rate, len(e.shards))
}
