package sim_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/announce"
	"spate/reactor/sim"
	"spate/reactor/wirecache"
)

const trackerURL = "http://tracker.test/announce"

// role describes one client of a swarm under test.
type role struct {
	host   sim.HostConfig
	store  sim.StoreConfig
	engine reactor.Config
	opts   reactor.AddOptions
	memory int64         // budget of buffers in bytes, 0 for none
	images int64         // memory for hot pieces in wire form, 0 for none
	late   time.Duration // when it joins
	noisy  bool          // what it sends is damaged on its way

	trackers func(*client) announce.Transport // nil for the world's
	wall     func() time.Time                 // nil for the world's time since 1970
}

// client is one engine in a world.
type client struct {
	role
	s       *swarm
	machine *sim.Host
	disk    *sim.Store
	buffers *sim.Buffers
	hot     *wirecache.Cache
	engine  *reactor.Engine
	torrent *reactor.Torrent
	errors  []error
	stopped bool
	lossy   bool // a power cut took pieces that others may have heard of
	held    bool // what it was sent, or sent, may have waited longer than time-outs
	bans    int  // peers shut out for bad data
	lives   int  // processes so far
}

// swarm is a world with engines that share one torrent.
type swarm struct {
	t       testing.TB
	w       *sim.World
	content *sim.Content
	tracker *sim.Tracker
	clients []*client
	actors  []*actor
}

// gather makes a world with a client for each role; all of them know a tracker.
func gather(t testing.TB, cfg sim.Config, content *sim.Content, roles ...role) *swarm {
	t.Helper()
	s := &swarm{t: t, w: sim.New(cfg), content: content}
	s.tracker = s.w.Tracker(trackerURL, sim.TrackerConfig{
		Delay: sim.Delay{Min: 10 * time.Millisecond, Max: 300 * time.Millisecond}, Interval: time.Minute,
	})
	for _, r := range roles {
		s.join(r)
	}
	return s
}

// join adds a client.
func (s *swarm) join(r role) *client {
	s.t.Helper()
	c := &client{role: r, s: s, machine: s.w.Host(r.host)}
	c.disk = c.machine.NewStore(s.content, r.store)
	s.clients = append(s.clients, c)
	s.w.After(r.late, c.start)
	return c
}

// start begins the client's process, which knows what is on its disk.
func (c *client) start() {
	c.stopped = false
	c.lives++
	found := c.disk.Recover()
	c.buffers = c.s.w.Buffers(c.memory)
	cfg := c.role.engine
	cfg.Seed = c.s.w.Rand().Uint64() | 1
	cfg.Logger = c.log()
	if cfg.Listen == "" {
		cfg.Listen = ":6881"
	}
	if cfg.Loops == 0 {
		cfg.Loops = 1
	}
	c.hot = nil
	if c.images > 0 {
		chance := c.s.w.Rand()
		c.hot = wirecache.New(wirecache.Config{
			Limit: c.images, Images: 20, Create: wirecache.Heap, Buffers: c.buffers,
			Go: func(fn func()) { c.s.w.After(time.Duration(chance.IntN(1e6)), fn) },
		})
	}
	transport, wall := announce.Transport(c.machine.Announcer()), c.wall
	if c.trackers != nil {
		transport = c.trackers(c)
	}
	if wall == nil {
		wall = func() time.Time { return time.Unix(0, 0).Add(c.s.w.Now()) }
	}
	var err error
	c.engine, err = reactor.Build(cfg, reactor.Parts{
		Network:   c.machine,
		Transport: transport,
		Buffers:   c.buffers,
		Wall:      wall,
		Emit:      c.event,
		Backlog:   c.disk.Backlog,
		WireCache: c.hot,
	})
	if err != nil {
		c.s.t.Fatal(err)
	}
	opts := c.opts
	if !cfg.NoTrackers {
		opts.Trackers = []string{trackerURL}
	}
	if c.torrent, err = c.engine.Attach(c.s.content.Meta(), c.disk, found, opts); err != nil {
		c.s.t.Fatal(err)
	}
}

func (c *client) event(ev reactor.Event) {
	c.s.w.Note(fmt.Sprint(c.machine.Addr(), " ", ev.Kind, " ", ev.Peers, " ", ev.Err))
	if ev.Err != nil && ev.Kind == reactor.EventError {
		c.errors = append(c.errors, ev.Err)
	}
}

// complete tells whether the client has everything.
func (c *client) complete() bool {
	if c.torrent == nil {
		return false
	}
	select {
	case <-c.torrent.Complete():
		return c.disk.Have().All()
	default:
		return false
	}
}

// ended tells whether the client's torrent is over.
func (c *client) ended() bool {
	select {
	case <-c.torrent.Done():
		return true
	default:
		return false
	}
}

// finish runs until these clients are complete, or fails the test.
func (s *swarm) finish(limit time.Duration, clients ...*client) {
	s.t.Helper()
	next := 0
	done := func() bool {
		for next < len(clients) && clients[next].complete() {
			next++
		}
		return next == len(clients)
	}
	if !s.w.RunUntil(done, limit) {
		s.t.Fatalf("not complete after %v:\n%s", limit, s.state())
	}
}

// state describes all clients, for failures.
func (s *swarm) state() string {
	var b strings.Builder
	for i, c := range s.clients {
		if c.torrent == nil {
			fmt.Fprintf(&b, "%d: not started\n", i)
			continue
		}
		st := c.torrent.Stats()
		fmt.Fprintf(&b, "%d: %v, %d of %d pieces, up %d, down %d, wasted %d, %d peers, %d conns, %v, ended by %v\n", i, st.State,
			c.disk.Have().Count(), c.disk.Have().Len(), st.Uploaded, st.Downloaded, st.Wasted, st.Peers,
			c.machine.Conns(), st.Err, c.engine.Stats().Disconnects)
	}
	return b.String()
}

// leave stops a client cleanly.
func (c *client) leave() {
	done := false
	c.engine.BeginStop(10*time.Second, func() { done = true })
	if !c.s.w.RunUntil(func() bool { return done || c.stopped }, time.Minute) {
		c.s.t.Fatal("the engine does not stop")
	}
	if c.stopped { // by a fault meanwhile
		c.fall()
		return
	}
	c.s.w.RunFor(2 * time.Second) // for what is under way with the disk
	c.halt()
	c.hot.Close()
}

// halt ends the client's process at once.
func (c *client) halt() {
	if err := c.machine.Stop(); err != nil {
		c.s.t.Error(err)
	}
	c.stopped = true
}

// cut ends the client's process and its connections without a word, in the
// middle of whatever is done: by SIGKILL, or with its machine by a power cut.
// fall does the rest, once the turn is over.
func (c *client) cut(power bool) {
	c.machine.Cut(true)
	if power {
		c.lossy = true
		c.disk.PowerCut()
	} else {
		c.disk.Kill()
	}
	c.stopped = true
}

// fall ends what cut has left.
func (c *client) fall() {
	c.halt()
	c.machine.Cut(false)
}

// end stops all clients and checks that nothing is left.
func (s *swarm) end() {
	s.t.Helper()
	for i, c := range s.clients {
		if c.stopped {
			continue
		}
		c.leave()
		if n := c.disk.Handles(); n != 0 {
			s.t.Errorf("client %d: %d files are still open", i, n)
		}
		if n := c.buffers.InUse(); n != 0 {
			s.t.Errorf("client %d: %d bytes of buffers are not given back", i, n)
		}
		if n := c.machine.Conns(); n != 0 {
			s.t.Errorf("client %d: %d connections are left", i, n)
		}
	}
}

// addr is where a client listens.
func addr(c *client) netip.AddrPort {
	return netip.AddrPortFrom(c.machine.Addr(), c.engine.Port())
}
