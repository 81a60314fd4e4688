package swarm

import (
	"sync/atomic"

	"spate/reactor/histogram"
)

// Tier is a way by which blocks leave.
type Tier uint8

// The ways of a block, the cheapest first.
const (
	// TierWire: from a wire image.
	TierWire Tier = iota
	// TierCopy: through a buffer of this process.
	TierCopy
	// TierFile: from its file, by references to it: in frames, or by sendfile(2).
	TierFile
	// Tiers is the number of ways.
	Tiers
)

// String is the way's name.
func (t Tier) String() string { return [Tiers]string{"wire", "copy", "file"}[t] }

// tier is the way of what is sent next of the block under way.
func (u *upload) tier() Tier {
	switch {
	case u.image != nil:
		return TierWire
	case u.staged > 0 || u.buf != nil:
		return TierCopy
	}
	return TierFile
}

// Figures are what happened on one loop since its start, and what stands there.
// The loop writes, anyone reads; the engine's figures are the sums over the
// loops, whichever torrents have come and gone.
type Figures struct {
	// Uploaded counts payload bytes of blocks that were sent, by where they came
	// from, and Downloaded those that were received.
	Uploaded   [Tiers]atomic.Int64
	Downloaded atomic.Int64
	// Wasted counts payload bytes that were thrown away.
	Wasted atomic.Int64
	// HashFails counts pieces whose hash was wrong.
	HashFails atomic.Int64
	// Banned counts addresses from which nothing more is taken.
	Banned atomic.Int64
	// Rejected counts requests that were refused when they came.
	Rejected atomic.Int64
	// Wait has the time of requests from their arrival until their block begins
	// to leave: of one in sampleRequests, and one at a time of a peer.
	Wait histogram.Histogram

	// What follows is brought up to date with each Tick.

	// Received counts requests that were queued; of these, Served were taken to
	// be sent, Cancelled taken back by the peer, and Dropped left unserved by a
	// choke or the peer's end.
	Received, Served, Cancelled, Dropped atomic.Int64
	// Queued is how many requests wait.
	Queued atomic.Int64
	// RequestBytes and ControlBytes are the memory of the peers' queues.
	RequestBytes, ControlBytes atomic.Int64
	// Peers are the open connections by what they do.
	Peers [PeerStates]atomic.Int64
	// Dialing is the number of connections under way.
	Dialing atomic.Int64
}

// publish tells the figures that the loop keeps for itself.
func (h *Host) publish() {
	f, in := &h.Figures, &h.intake
	f.Received.Store(in.received)
	f.Served.Store(in.served)
	f.Cancelled.Store(in.cancelled)
	f.Dropped.Store(in.dropped)
	f.Queued.Store(int64(in.queued))
	f.RequestBytes.Store(h.census.requests)
	f.ControlBytes.Store(h.census.control)
	for i, n := range h.census.peers {
		f.Peers[i].Store(n)
	}
	f.Dialing.Store(h.census.dialing)
}

// The figures of a torrent and of its loop.

func (t *Torrent) uploaded(n int64, from Tier) {
	t.counters.Uploaded.Add(n)
	if from == TierWire {
		t.counters.Hot.Add(n)
	}
	t.host.Figures.Uploaded[from].Add(n)
}

func (t *Torrent) downloaded(n int64) {
	t.counters.Downloaded.Add(n)
	t.host.Figures.Downloaded.Add(n)
}

func (t *Torrent) wasted(n int64) {
	t.counters.Wasted.Add(n)
	t.host.Figures.Wasted.Add(n)
}

func (t *Torrent) rejected() {
	t.counters.Rejected.Add(1)
	t.host.Figures.Rejected.Add(1)
}

func (t *Torrent) hashFailed() {
	t.counters.HashFails.Add(1)
	t.host.Figures.HashFails.Add(1)
}
