package swarms

import (
	"time"

	"spate/proto/bitfield"
	"spate/reactor"
	"spate/reactor/sim"
)

// Numbers of a client.
const (
	// port is where all clients listen.
	port = ":6881"
	// pieceMemory is how many bytes of open pieces a client keeps at most, so
	// that thousands of them fit into one machine: what 64 neighbours can have
	// under way in blocks of 16 KiB, and at least minOpen pieces.
	pieceMemory = 16 << 20
	minOpen     = 16
	// stopLimit is how long a client that leaves waits for its tracker.
	stopLimit = 10 * time.Second
)

// client is one peer: a machine in the world, its disk and its engine.
type client struct {
	r      *run
	link   Link
	seed   bool
	rider  bool          // never uploads
	aborts time.Duration // after its arrival; 0 never

	machine *sim.Host
	disk    *sim.Store
	engine  *reactor.Engine // nil before and after
	torrent *reactor.Torrent

	arrived  time.Duration
	took     time.Duration // from arrival to completion; 0 while not complete
	aborted  bool
	sent     int64 // payload bytes of those that have left
	received int64
	wasted   int64
}

// arrive starts the client.
func (c *client) arrive() {
	r := c.r
	if r.err != nil {
		return
	}
	c.arrived = r.w.Now()
	cfg := reactor.Config{
		Listen: port, Loops: 1, MaxPeers: r.s.Neighbours, Seed: r.w.Rand().Uint64() | 1,
		PieceMemory: max(pieceMemory, minOpen*r.s.Piece),
	}
	r.v.tune(&cfg)
	if c.rider {
		cfg.UploadSlots = -1
	}
	c.machine = r.w.Host(sim.HostConfig{Up: c.link.Up, Down: c.link.Down, Latency: c.link.Latency})
	c.disk = c.machine.NewStore(r.content, sim.StoreConfig{Complete: c.seed})
	engine, err := reactor.Build(cfg, reactor.Parts{
		Network:   c.machine,
		Transport: c.machine.Announcer(),
		Buffers:   r.w.Buffers(2 * cfg.PieceMemory),
		Wall:      func() time.Time { return time.Unix(0, 0).Add(r.w.Now()) },
		Emit:      c.event,
		Backlog:   c.disk.Backlog,
	})
	if err != nil {
		r.err = err
		return
	}
	have := (*bitfield.Bits)(nil)
	if !c.seed {
		have = bitfield.New(r.content.Meta().Info.NumPieces())
	}
	c.engine = engine
	c.torrent, r.err = engine.Attach(r.content.Meta(), c.disk, have, reactor.AddOptions{
		SeedOnly: c.seed, Trackers: []string{trackerURL},
	})
	if c.aborts > 0 {
		r.w.After(c.aborts, c.abort)
	}
}

// event takes note of what the engine tells.
func (c *client) event(ev reactor.Event) {
	switch ev.Kind {
	case reactor.EventComplete:
		c.complete()
	case reactor.EventError:
		if c.r.err == nil {
			c.r.err = ev.Err
		}
	}
}

// complete is reached with the last piece.
func (c *client) complete() {
	if c.seed || c.took > 0 || c.aborted {
		return
	}
	w := c.r.w
	c.took = w.Now() - c.arrived
	c.r.last = w.Now()
	c.r.left--
	c.r.complete++
	if c.r.s.Linger != Stay {
		w.After(c.r.s.Linger, c.leave)
	}
}

// abort gives up, unless complete.
func (c *client) abort() {
	if c.took == 0 {
		c.aborted = true
		c.r.left--
		c.leave()
	}
}

// leave stops the client cleanly.
func (c *client) leave() {
	c.engine.BeginStop(stopLimit, func() { c.r.w.After(0, c.halt) })
}

// halt ends the client and lets go of what it had.
func (c *client) halt() {
	c.settle()
	if err := c.machine.Stop(); err != nil && c.r.err == nil {
		c.r.err = err
	}
	c.engine, c.torrent = nil, nil
}

// settle takes over the figures of a client that still runs.
func (c *client) settle() {
	if c.torrent == nil {
		return
	}
	st := c.torrent.Stats()
	c.sent, c.received, c.wasted = st.Uploaded, st.Downloaded, st.Wasted
}
