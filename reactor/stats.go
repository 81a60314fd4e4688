package reactor

import (
	"spate/disk"
	"spate/reactor/announce"
	"spate/reactor/catalog"
	"spate/reactor/gnetio"
	"spate/reactor/histogram"
	"spate/reactor/swarm"
	"spate/reactor/wirecache"
)

// Stats are the engine's figures: sums over its loops and parts, none of which
// is held up by them. Counts are since the start and never fall.
type Stats struct {
	// Torrents is the number of torrents that take part, and Awake that of those
	// that are more than a row.
	Torrents, Awake int
	// States is the number of torrents by State, ended ones as well.
	States [NumStates]int
	// Peers is the number of connected peers past their handshake.
	Peers int
	// Connections are the open connections by what they are for, and Dialing
	// are those under way.
	Connections [swarm.PeerStates]int64
	Dialing     int64
	// Uploaded, Downloaded and Wasted are payload bytes of this session.
	Uploaded, Downloaded, Wasted int64
	// Sent is Uploaded by the way it left, and WireSent that from WireCache.
	Sent     [swarm.Tiers]int64
	WireSent int64
	// HashFails counts pieces whose hash was wrong.
	HashFails int64
	// Banned counts addresses that gave wrong blocks, and are refused.
	Banned int64
	// Requests has the figures of what peers ask for, and Rejected counts those
	// refused.
	Requests RequestStats
	Rejected int64
	// Backlog is the number of bytes that wait for hashers and writer, which
	// should not be more than BacklogBudget.
	Backlog, BacklogBudget int64
	// OpenPieces is the number of bytes of unfinished pieces, which should not
	// be more than OpenPiecesBudget.
	OpenPieces, OpenPiecesBudget int64
	// Buffers is the memory in piece and block buffers, in bytes: all of the two
	// above and what is on its way to peers.
	Buffers int64
	// Memory is what may grow with the load, by pools that share nothing.
	Memory []PoolStats
	// WireCache has the figures of the hot pieces in wire form.
	WireCache wirecache.Stats
	// Disk has those of the content's files, and Took how long their jobs took.
	Disk disk.Stats
	Took [disk.Ops]histogram.Snapshot
	// Announces has those of the trackers.
	Announces announce.Stats
	// Loops has those of each loop; none in a simulation.
	Loops []gnetio.LoopStats
	// Network has the counts of connections.
	Network NetworkStats
	// Disconnects counts ended connections by reason.
	Disconnects map[string]int64
}

// RequestStats are the figures of peers' requests.
type RequestStats struct {
	// Received counts all; of these, Served were sent, Cancelled were taken back
	// by the peer, and Dropped were left when it was choked or gone.
	Received, Served, Cancelled, Dropped int64
	// Queued is how many wait at this moment.
	Queued int64
	// Wait is the time from a request's arrival until its block begins to leave,
	// of a part of them.
	Wait histogram.Snapshot
}

// PoolStats is what a pool of memory takes.
type PoolStats struct {
	// Pool is its name.
	Pool string
	// Bytes is what it takes, Budget what it may.
	Bytes, Budget int64
}

// NetworkStats counts connections.
type NetworkStats struct {
	// Accepted and Shed count connections taken and turned away, Dialed and
	// DialFailed our own, all since the start.
	Accepted, Shed, Dialed, DialFailed int64
	// Open is the number of open connections.
	Open int64
	// Moves counts hand-overs between loops, Panics those of handlers.
	Moves, Panics int64
}

// Stats sums the engine's figures. What it costs depends on the number of loops,
// not on that of torrents or peers.
func (e *Engine) Stats() Stats {
	var s Stats
	e.mu.RLock()
	table := &e.control.table
	s.Awake = len(e.byHash)
	s.Torrents = s.Awake + table.Len() - table.Count(catalog.Awake)
	rows := table.Bytes()
	e.mu.RUnlock()
	for i := range e.states {
		s.States[i] = int(e.states[i].Load())
	}
	var requests, control int64
	for _, sh := range e.shards {
		f := &sh.Figures
		s.add(f)
		requests += f.RequestBytes.Load()
		control += f.ControlBytes.Load()
	}
	s.WireSent = s.Sent[swarm.TierWire]
	s.Requests.Received += s.Rejected
	s.Backlog = e.parts.Backlog()
	s.OpenPieces, s.OpenPiecesBudget = e.committed.Load(), e.cfg.PieceMemory
	s.Buffers = e.parts.Buffers.InUse()
	s.WireCache = e.parts.WireCache.Stats()
	s.Announces = e.control.announcer.Stats()
	s.Disconnects = e.disconnects.snapshot()
	mostRequests, mostControl := swarm.QueueBudget(e.cfg.MaxPeers, len(e.shards))
	s.Memory = []PoolStats{
		{"requests", requests, mostRequests},
		{"control", control, mostControl},
		{"wire_cache", s.WireCache.Bytes, s.WireCache.Budget},
		{"rows", rows, catalog.MostBytes},
	}
	if e.session != nil {
		e.session.addTo(&s, e.cfg.PieceMemory)
	}
	return s
}

// add adds the figures of one loop.
func (s *Stats) add(f *swarm.Figures) {
	for i := range f.Peers {
		n := f.Peers[i].Load()
		s.Connections[i] += n
		if swarm.PeerState(i) != swarm.PeerHandshaking {
			s.Peers += int(n)
		}
	}
	s.Dialing += f.Dialing.Load()
	for i := range f.Uploaded {
		n := f.Uploaded[i].Load()
		s.Sent[i] += n
		s.Uploaded += n
	}
	s.Downloaded += f.Downloaded.Load()
	s.Wasted += f.Wasted.Load()
	s.HashFails += f.HashFails.Load()
	s.Banned += f.Banned.Load()
	s.Rejected += f.Rejected.Load()
	s.Requests.Received += f.Received.Load()
	s.Requests.Served += f.Served.Load()
	s.Requests.Cancelled += f.Cancelled.Load()
	s.Requests.Dropped += f.Dropped.Load()
	s.Requests.Queued += f.Queued.Load()
	wait := f.Wait.Snapshot()
	s.Requests.Wait.Add(&wait)
}

// addTo adds the figures of what an engine has on real files and sockets only.
func (s *session) addTo(to *Stats, pieceMemory int64) {
	to.Network = NetworkStats(s.network.Stats())
	to.Loops = s.network.LoopStats()
	to.Disk = s.disk.Stats()
	to.BacklogBudget = s.disk.QueueLimit()
	for i := range s.took {
		to.Took[i] = s.took[i].Snapshot()
	}
	to.Memory = append(to.Memory,
		PoolStats{"buffers", to.Buffers, hardMemory * pieceMemory},
		PoolStats{"idle_buffers", s.buffers.Idle(), idleBuffers},
	)
}
