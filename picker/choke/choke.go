package choke

import (
	"math/rand/v2"
	"time"
)

const (
	// Interval is the time between two rounds (BEP 3): long enough for TCP to
	// show what a fresh unchoke is worth.
	Interval = 10 * time.Second
	// OptimisticInterval is how long an optimistic unchoke lasts (BEP 3): three
	// rounds, so that the peer can finish a piece and trade it.
	OptimisticInterval = 30 * time.Second
	// NewFor is how long a peer counts as new: it has nothing to trade yet.
	NewFor = 60 * time.Second
	// NewWeight is how many times as likely a new peer is to be unchoked
	// optimistically (BEP 3).
	NewWeight = 3
	// MinSlots is the least number of slots of a leecher that sets none.
	MinSlots = 8
	// SlotRate is what a slot of such a leecher is to carry on average, in
	// bytes/s, before another one is opened.
	SlotRate = 64 << 10
	// Turn is how long a peer of a seed with fewer slots than takers is served
	// before another one gets the slot.
	Turn = 60 * time.Second
	// IdleAfter is when such a turn ends early because the peer takes less
	// than IdleRate bytes/s.
	IdleAfter = 20 * time.Second
	// IdleRate is the rate in bytes/s below which a peer that is served counts
	// as idle.
	IdleRate = 1 << 10
)

// Config is how to choose.
type Config struct {
	// Slots is the number of peers to unchoke: 0 for no limit of the user's,
	// negative for nobody.
	Slots int
	// Seeding tells that we need nothing from anybody.
	Seeding bool
	// Policy is for experiments.
	Policy Policy
}

// Peer is what a decision about one peer rests on, and the decision.
type Peer struct {
	Interested bool          // in what we have
	Snubbed    bool          // let our requests wait for too long
	Since      time.Duration // when it connected
	Down, Up   float64       // bytes/s from it and to it, over some 20 s

	State // the latest decision, to be handed in unchanged the next time
}

// State is a decision about one peer; the zero value is the state of a new
// one, which is choked.
type State struct {
	Unchoked   bool
	Optimistic bool          // it has not earned that
	At         time.Duration // when Unchoked last changed
}

// set decides.
func (s *State) set(now time.Duration, unchoked, optimistic bool) {
	if s.Unchoked != unchoked {
		s.At = now
	}
	s.Unchoked, s.Optimistic = unchoked, unchoked && optimistic
}

// Choker decides for one torrent.
type Choker struct {
	rand   *rand.Rand
	rotate time.Duration // when the optimistic unchokes are next drawn
}

// New makes a choker that draws from rnd, which is used on the caller's
// goroutine only.
func New(rnd *rand.Rand) *Choker { return &Choker{rand: rnd} }

// Round decides about all peers: their State says which are to be unchoked
// until the next round, an Interval later.
func (c *Choker) Round(now time.Duration, peers []Peer, cfg Config) {
	slots := cfg.slots(peers)
	takers := 0
	for i := range peers {
		if peers[i].Interested {
			takers++
		}
	}
	switch {
	case cfg.Slots < 0:
		for i := range peers {
			peers[i].set(now, false, false)
		}
	case takers <= slots:
		for i := range peers {
			p := &peers[i]
			p.set(now, p.Unchoked || p.Interested, false)
		}
	case !cfg.Seeding:
		c.trade(now, peers, slots, cfg.Policy.optimistic(slots))
	case cfg.Policy.Seed == Fastest:
		c.favor(now, peers, slots, cfg.Policy.optimistic(slots))
	default:
		c.takeTurns(now, peers, slots)
	}
}

// Admit decides at once about peer i, which has become interested: it is
// unchoked when a slot is free, and otherwise waits for the next round.
func (c *Choker) Admit(now time.Duration, peers []Peer, i int, cfg Config) {
	if !peers[i].Interested || peers[i].Unchoked {
		return
	}
	free := cfg.slots(peers)
	for j := range peers {
		if peers[j].Interested && peers[j].Unchoked {
			free--
		}
	}
	if free > 0 {
		peers[i].set(now, true, !cfg.Seeding)
	}
}

// slots is the number of peers to unchoke.
func (cfg Config) slots(peers []Peer) int {
	switch {
	case cfg.Slots != 0:
		return max(0, cfg.Slots)
	case cfg.Seeding && !cfg.Policy.SeedByRate:
		return len(peers)
	}
	up := 0.0
	for i := range peers {
		up += peers[i].Up
	}
	return max(MinSlots, int(min(up/SlotRate, float64(len(peers)))))
}
