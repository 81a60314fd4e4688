package reactor

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"spate/picker"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/reactor/announce"
	"spate/reactor/loop"
	"spate/reactor/swarm"
	"spate/reactor/wirecache"
)

// Parts are the outside of an engine: New fills them with the real things, a
// simulation with its own.
type Parts struct {
	// Network carries the bytes; the engine starts and stops it.
	Network loop.Network
	// Transport carries announces to trackers.
	Transport announce.Transport
	// Buffers hands out piece and block buffers.
	Buffers swarm.Buffers
	// Wall is the wall clock, for events only.
	Wall func() time.Time
	// Emit takes events, from any loop; it must not block.
	Emit func(Event)
	// Clock is the time at this very moment, for measuring waits; nil makes do
	// with the time of the loops.
	Clock func() time.Duration
	// ThreadTime is the processor time that the calling thread has taken, for
	// comparing the costs of turns; nil compares nothing.
	ThreadTime func() time.Duration
	// WireCache has the hot pieces; nil for none. Its owner closes it once the
	// network has stopped.
	WireCache *wirecache.Cache
	// Addresses are those of this machine, which are not dialed at our own
	// port. It is asked rarely, from any loop; nil is for none.
	Addresses func() []netip.Addr
	// Backlog is the number of bytes that wait for the disk, over all
	// torrents; a stop waits until it is 0.
	Backlog func() int64
}

// Engine is a running set of loops and the torrents on them.
type Engine struct {
	cfg    Config
	parts  Parts
	log    *zap.Logger
	seed   uint64
	peerID [20]byte
	client string

	shards  []*shard
	control *control       // on the first loop
	session *session       // nil in a simulation
	up      *swarm.Limiter // nil for none
	down    *swarm.Limiter // nil for none
	port    atomic.Uint32
	own     own
	dials   swarm.DialRate
	peers   atomic.Int64

	addresses  *addresses   // nil for no limit
	incomplete atomic.Int64 // torrents that are not complete

	committed atomic.Int64            // bytes of open pieces, over all torrents
	states    [NumStates]atomic.Int64 // torrents by where they stand, ended ones as well

	disconnects disconnects

	mu      sync.RWMutex // the catalogue: read once a handshake, never on the way of a block
	byHash  map[metainfo.Hash]*Torrent
	stopped bool

	nextOn atomic.Uint64 // loop for the next torrent, modulo their number
}

// Build starts an engine on parts. New does it with real ones.
func Build(cfg Config, parts Parts) (*Engine, error) {
	if cfg.MaxPeers <= 0 {
		cfg.MaxPeers = DefaultMaxPeers
	}
	if cfg.PieceMemory <= 0 {
		cfg.PieceMemory = DefaultPieceMemory
	}
	if cfg.RestAfter <= 0 {
		cfg.RestAfter = DefaultRestAfter
	}
	if cfg.LookEvery <= 0 {
		cfg.LookEvery = DefaultLookEvery
	}
	if cfg.SpaceEvery <= 0 {
		cfg.SpaceEvery = DefaultSpaceEvery
	}
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	if cfg.Version == "" {
		cfg.Version = "0.0.0"
	}
	e := &Engine{
		cfg: cfg, parts: parts, log: cfg.Logger, seed: cfg.Seed,
		client: "spate/" + cfg.Version,
		byHash: make(map[metainfo.Hash]*Torrent), addresses: newAddresses(cfg.MaxPeersPerAddress),
	}
	if e.seed == 0 {
		e.seed = rand.Uint64()
	}
	e.peerID = newPeerID(cfg.Version, rand.New(rand.NewPCG(e.seed, 0)))
	e.control = newControl(e)
	n := max(1, cfg.Loops)
	if cfg.UpLimit > 0 {
		e.up = swarm.NewLimiter(cfg.UpLimit, n)
	}
	if cfg.DownLimit > 0 {
		e.down = swarm.NewLimiter(cfg.DownLimit, n)
	}
	e.shards = make([]*shard, n)
	err := parts.Network.Start(n, func(l loop.Loop) loop.Handler {
		s := newShard(e, l)
		e.shards[l.Index()] = s
		return s
	})
	if err != nil {
		return nil, err
	}
	if cfg.Listen != "" {
		addr, err := parts.Network.Listen(cfg.Listen)
		if err != nil {
			_ = parts.Network.Stop()
			return nil, err
		}
		e.port.Store(uint32(addr.Port()))
		e.own.listen.Store(&addr)
		e.emit(Event{Kind: EventListening, Addr: addr.String()})
	}
	return e, nil
}

// newPeerID makes a peer id in Azureus style (BEP 20): -sE, three digits of the
// version and one of the build, then chance.
func newPeerID(version string, r *rand.Rand) (id [20]byte) {
	copy(id[:], "-sE0000-")
	at := 3
	for i := 0; i < len(version) && at < 7; i++ {
		if c := version[i]; c >= '0' && c <= '9' {
			id[at] = c
			at++
		}
	}
	binary.LittleEndian.PutUint64(id[8:], r.Uint64())
	binary.LittleEndian.PutUint32(id[16:], r.Uint32())
	return id
}

// Port is the port peers can reach the engine at, 0 when it does not listen.
func (e *Engine) Port() uint16 { return uint16(e.port.Load()) }

// Failed is closed when the network ended without Stop.
func (e *Engine) Failed() <-chan struct{} { return e.parts.Network.Failed() }

// Err is the reason of Failed.
func (e *Engine) Err() error { return e.parts.Network.Err() }

// lookup finds a torrent that takes peers; where there is none, row tells
// whether there is one that can be woken.
func (e *Engine) lookup(h metainfo.Hash) (t *Torrent, row bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if t = e.byHash[h]; t == nil {
		_, row = e.control.table.Find(h)
	}
	return t, row
}

// emit stamps an event and passes it on.
func (e *Engine) emit(ev Event) {
	if e.parts.Emit != nil {
		ev.Time = e.parts.Wall()
		e.parts.Emit(ev)
	}
}

// toControl runs fn where the control's state lives.
func (e *Engine) toControl(fn func(*control)) bool {
	return e.shards[0].Loop.Post(func() { fn(e.control) })
}

// ErrExists refuses a torrent that the engine has already.
type ErrExists struct {
	// Hash is the torrent.
	Hash metainfo.Hash
	// As is where the .torrent lies of the one that the engine has, where that
	// is known.
	As string
}

// Error names the torrent.
func (e *ErrExists) Error() string {
	if e.As != "" {
		return "the same torrent as " + e.As
	}
	return fmt.Sprintf("torrent %s is added already", e.Hash)
}

// Attach adds a torrent whose content is known: have are the pieces that are in
// the store, nil for all. The torrent takes peers from then on. Add does this
// for files on disk. The state of a store that is a Keeper is kept.
func (e *Engine) Attach(meta *metainfo.Torrent, store swarm.Store, have *bitfield.Bits, o AddOptions) (*Torrent, error) {
	t, err := e.reserve(meta, o)
	if err != nil {
		return nil, err
	}
	if k, ok := store.(Keeper); ok {
		t.keep = k
	}
	e.furnish(t, store)
	e.attach(t, have)
	return t, nil
}

// reserve makes a torrent and takes its place, so that it cannot be added
// twice while its content is being checked.
func (e *Engine) reserve(meta *metainfo.Torrent, o AddOptions) (*Torrent, error) {
	t := e.newTorrent(meta, o)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return nil, loop.ErrClosed
	}
	_, twice := e.control.reserved[meta.InfoHash]
	_, row := e.control.table.Find(meta.InfoHash)
	if twice || row {
		return nil, &ErrExists{Hash: meta.InfoHash}
	}
	e.control.reserved[meta.InfoHash] = t
	e.states[StateChecking].Add(1)
	return t, nil
}

// newTorrent makes a torrent, which nobody knows yet.
func (e *Engine) newTorrent(meta *metainfo.Torrent, o AddOptions) *Torrent {
	n := len(e.shards)
	return &Torrent{
		engine: e, meta: meta, opts: o, wanted: meta.Info.Length,
		home:   int((e.nextOn.Add(1) - 1) % uint64(n)),
		locals: make([]*swarm.Torrent, n), counters: make([]swarm.Counters, n),
		done: make(chan struct{}), ready: make(chan struct{}), limits: e.limits(o),
	}
}

// release gives up a reserved torrent that was never attached.
func (e *Engine) release(t *Torrent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.control.reserved, t.meta.InfoHash)
	e.states[StateChecking].Add(-1)
}

// attach lets a reserved torrent take part.
func (e *Engine) attach(t *Torrent, have *bitfield.Bits) {
	var d *swarm.Download
	var err error
	if have != nil && !have.All() {
		d = &swarm.Download{Have: have, Sequential: t.opts.Sequential}
		var wanted int64
		d.Priorities, wanted, err = selection(t.meta.Info, t.opts.Select)
		if err != nil {
			e.toControl(func(c *control) { c.failed(t, err) })
			return
		}
		t.mu.Lock()
		t.wanted = wanted
		t.mu.Unlock()
	}
	t.limits.Goal = goal(t.opts.Ratio, t.wanted, t.sent)
	home := e.shards[t.home]
	home.Loop.Post(func() {
		if t.over() {
			return
		}
		t.locals[t.home] = home.NewTorrent(swarm.Params{
			Meta: t.meta, Store: t.store, Images: t.images, Download: d, Owner: t,
			Counters: &t.counters[t.home], Home: true, Limits: t.limits,
		})
		missing := t.locals[t.home].Downloading()
		t.setComplete(t.locals[t.home].Have() == nil)
		e.enter(t)
		t.locals[t.home].AddPeers(t.opts.Peers, true)
		e.toControl(func(c *control) { c.attached(t, missing) })
	})
}

// enter lets peers find a torrent, unless it was ended just now: then what its
// home loop has of it is about to be stopped.
func (e *Engine) enter(t *Torrent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !t.over() {
		e.byHash[t.meta.InfoHash] = t
	}
}

// selection turns the files picked into piece priorities: a piece is wanted
// when any picked file has bytes in it.
func selection(info *metainfo.Info, pick func(string) bool) ([]picker.Priority, int64, error) {
	if pick == nil {
		return nil, info.Length, nil
	}
	prio := make([]picker.Priority, info.NumPieces())
	any := false
	for _, f := range info.Files {
		if f.Pad || !pick(path.Join(f.Path...)) {
			continue
		}
		any = true
		if f.Length == 0 {
			continue
		}
		for i := f.Offset / info.PieceLength; i <= (f.Offset+f.Length-1)/info.PieceLength; i++ {
			prio[i] = picker.Normal
		}
	}
	if !any {
		return nil, 0, ErrNothingSelected
	}
	var wanted int64
	for i, p := range prio {
		if p != 0 {
			wanted += int64(info.PieceSize(i))
		}
	}
	return prio, wanted, nil
}

// AddPeers makes addresses of peers known to a torrent, as strangers name them.
func (e *Engine) AddPeers(t *Torrent, addrs ...netip.AddrPort) {
	s := e.shards[t.home]
	s.Loop.Post(func() {
		if local := t.locals[s.index]; local != nil {
			local.AddPeers(addrs, false)
		}
	})
}

// Remove ends one torrent: its peers are closed, its trackers told, its state
// kept.
func (e *Engine) Remove(t *Torrent) { e.toControl(func(c *control) { c.end(t, StateStopped, nil) }) }

// BeginStop ends all torrents, tells the trackers, and calls done once that is
// through and all verified pieces are written, or after limit. The loops still
// run then.
func (e *Engine) BeginStop(limit time.Duration, done func()) {
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	e.parts.Network.StopListening()
	if !e.toControl(func(c *control) { c.stop(limit, done) }) {
		done()
	}
}
