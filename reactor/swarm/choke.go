package swarm

import (
	"time"

	"spate/picker/choke"
)

// chokeConfig is how this torrent chokes: a seed without a limit of slots
// serves everyone.
func (t *Torrent) chokeConfig() choke.Config {
	return choke.Config{Slots: t.host.Slots, Seeding: !t.Downloading() || t.stopped, Policy: t.host.Policy.Choke}
}

// servesAll tells whether every interested peer is unchoked, so that no
// decision has to compare peers.
func servesAll(cfg choke.Config) bool { return cfg.Seeding && cfg.Slots == 0 && !cfg.Policy.SeedByRate }

// welcome considers a peer that has become interested: where there is a slot it
// is unchoked at once and need not wait for the next round.
func (t *Torrent) welcome(p *Peer) {
	cfg := t.chokeConfig()
	now := t.host.Loop.Now()
	if servesAll(cfg) {
		p.choke.Unchoked, p.choke.At = true, now
		p.sendUnchoke()
		return
	}
	views := t.chokeViews()
	t.choker.Admit(now, views, p.at, cfg)
	t.applyChoke(p, views[p.at])
}

// chokeRound decides anew about all peers.
func (t *Torrent) chokeRound(now time.Duration) {
	seconds := (now - t.lastChoke).Seconds()
	t.lastChoke = now
	for _, p := range t.active {
		p.down.rate = smooth(p.down.rate, p.down.round, seconds)
		p.up.rate = smooth(p.up.rate, p.up.round, seconds)
		p.down.round, p.up.round = 0, 0
	}
	cfg := t.chokeConfig()
	if servesAll(cfg) {
		for _, p := range t.active {
			if p.peerInterested && p.amChoking {
				t.welcome(p)
			}
		}
		return
	}
	views := t.chokeViews()
	t.choker.Round(now, views, cfg)
	for i, p := range t.active {
		t.applyChoke(p, views[i])
	}
}

// smooth blends the rate of the last round, in bytes/s, with those before: two
// rounds' worth, as BEP 3 advises 20 s.
func smooth(rate float64, bytes int64, seconds float64) float64 {
	if seconds <= 0 {
		return rate
	}
	return (rate + float64(bytes)/seconds) / 2
}

// chokeViews describes the peers to the choker, by their place in active. The
// slice is scratch, valid until the next call on this loop.
func (t *Torrent) chokeViews() []choke.Peer {
	h := t.host
	h.views = h.views[:0]
	for _, p := range t.active {
		h.views = append(h.views, choke.Peer{
			Interested: p.peerInterested, Snubbed: p.down.pipe.Snubbed(), Since: p.opened,
			Down: p.down.rate, Up: p.up.rate, State: p.choke,
		})
	}
	return h.views
}

func (t *Torrent) applyChoke(p *Peer, v choke.Peer) {
	p.choke = v.State
	if v.Unchoked {
		p.sendUnchoke()
	} else {
		p.sendChoke()
	}
}
