package reactor

import "spate/reactor/swarm"

// limits makes what holds a torrent back: nothing that is not asked for, since
// each of them costs a cache line or two a loop.
func (e *Engine) limits(o AddOptions) swarm.Limits {
	return swarm.Limits{Up: e.ownRate(o.UpLimit, e.up), Down: e.ownRate(o.DownLimit, e.down)}
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
