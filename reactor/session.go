package reactor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"spate/disk"
	"spate/proto/metainfo"
	"spate/reactor/announce"
	"spate/reactor/gnetio"
	"spate/reactor/histogram"
	"spate/reactor/wirecache"
)

// ErrNothingSelected says that no file of a torrent was picked.
var ErrNothingSelected = errors.New("no file matches the selection")

// IncompleteError says that content which was to be served is not all there.
type IncompleteError struct {
	// Have and Pieces count pieces.
	Have, Pieces int
}

// Error gives the counts.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("content is not complete: %d of %d pieces", e.Have, e.Pieces)
}

const (
	// stopLimit is how long a clean stop waits for trackers and disk.
	stopLimit = 8 * time.Second
	// idleBuffers is how much piece memory is kept for reuse, in bytes.
	idleBuffers = 64 << 20
	// hardMemory times PieceMemory is where no buffer is given any more; below
	// it torrents only open no further piece.
	hardMemory = 2
	// pendingEvents bounds the events that wait for OnEvent; beyond it the
	// oldest tracker events are dropped.
	pendingEvents = 100000
)

// New starts an engine on real sockets, files and trackers.
func New(cfg Config) (*Engine, error) {
	if cfg.PieceMemory <= 0 {
		cfg.PieceMemory = DefaultPieceMemory
	}
	loops, hashers := threads(cfg.Loops, cfg.Hashers)
	cfg.Loops = loops
	files, err := disk.RaiseNoFile()
	if err != nil {
		return nil, fmt.Errorf("raise the limit of open files: %w", err)
	}
	net, err := gnetio.New(gnetio.Config{
		Logger: cfg.Logger, MaxConns: cfg.MaxPeers, Congestion: cfg.Congestion,
	})
	if err != nil {
		return nil, err
	}
	s := &session{
		events:   newEventQueue(cfg.OnEvent),
		network:  net,
		trackers: announce.NewHTTP("spate/" + cfg.Version),
		buffers:  disk.NewBuffers(hardMemory*cfg.PieceMemory, idleBuffers),
	}
	s.disk = disk.New(disk.Config{
		Hashers: hashers, Files: int(min(files/fileShare, maxFiles)),
		Short: func() { s.network.Shed(1) },
		Took:  func(op disk.Op, d time.Duration) { s.took[op].Observe(d) },
	})
	s.folders = make(chan struct{}, maxExamined)
	s.images = newImages(cfg.WireCache, files, s.buffers)
	s.stopping, s.stop = context.WithCancel(context.Background())
	e, err := s.build(cfg)
	if err != nil {
		s.close()
		return nil, err
	}
	return e, nil
}

func (s *session) build(cfg Config) (*Engine, error) {
	if cfg.StateDir != "" {
		var err error
		if s.memory, err = openMemory(cfg.StateDir); err != nil {
			return nil, err
		}
	}
	epoch := time.Now()
	e, err := Build(cfg, Parts{
		Network:    s.network,
		Clock:      func() time.Duration { return time.Since(epoch) },
		ThreadTime: gnetio.ThreadTime,
		Transport:  s.trackers,
		Buffers:    s.buffers,
		Wall:       time.Now,
		Addresses:  gnetio.Addresses,
		Emit:       s.events.put,
		Backlog:    s.disk.QueuedBytes,
		WireCache:  s.images,
	})
	if err != nil {
		return nil, err
	}
	e.session, s.engine = s, e
	if s.images != nil {
		s.checks.Go(func() { watchImages(s.stopping, s.images, cfg.WireCache) })
	}
	return e, nil
}

// close ends what a session runs, after the network has stopped.
func (s *session) close() {
	s.stop()
	s.checks.Wait()
	s.trackers.Close()
	s.images.Close()
	s.disk.Close()
	s.events.close()
	if s.engine != nil {
		for _, f := range s.engine.control.folders {
			f.close()
		}
	}
	if s.memory != nil {
		_ = s.memory.locks.Close()
	}
}

const (
	// fileShare is the share of all descriptors that content files get, and
	// maxFiles their number at the most: a handful a busy torrent.
	fileShare = 8
	maxFiles  = 4096
)

// maxLoops bounds the loops that threads chooses: eight serve 70 GB/s, and each
// has buffers of its own.
const maxLoops = 8

// threads chooses the number of loops and hashers for this machine. Loops get all
// processors but one: with three of four a byte costs a quarter less of the whole
// machine's time than with two under cubic and reno (a fifth more under bbr, whose
// timers they have in common). Hashers get half of them, or what loops leave: who
// downloads from a few keeps one loop busy, and who serves many hashes nothing.
func threads(loops, hashers int) (int, int) {
	cpus := runtime.GOMAXPROCS(0)
	if loops <= 0 {
		loops = max(1, min(cpus-1, maxLoops))
	}
	if hashers <= 0 {
		hashers = max(1, cpus/2, cpus-loops)
	}
	return loops, hashers
}

// session is what an engine has only on real files.
type session struct {
	engine   *Engine // nil until it is built
	disk     *disk.Disk
	memory   *memory // nil where no state is kept
	events   *eventQueue
	network  *gnetio.Network
	trackers *announce.HTTP
	buffers  *disk.Buffers
	took     [disk.Ops]histogram.Histogram
	images   *wirecache.Cache // nil where there is none
	folders  chan struct{}    // holds one of maxExamined places for each check of a row's content
	checks   sync.WaitGroup
	stopping context.Context // ends checks under way
	stop     context.CancelFunc
}

// Stop ends the engine cleanly: pieces on their way are written, trackers are
// told, state is kept. It returns when all of it has ended, or sooner when ctx
// ends.
func (e *Engine) Stop(ctx context.Context) error {
	if e.session != nil {
		e.session.stop()
	}
	done := make(chan struct{})
	e.BeginStop(stopLimit, func() { close(done) })
	select {
	case <-done:
	case <-ctx.Done():
	case <-e.Failed():
	}
	err := e.parts.Network.Stop()
	if e.session != nil {
		e.session.close()
	}
	return err
}

// Add adds a torrent whose content lies, or is to lie, in a folder. What is
// there is found out from the resume state and by reading what that does not
// vouch for; the torrent then takes part by itself. Errors after the return are
// events and the torrent's Err.
func (e *Engine) Add(meta *metainfo.Torrent, o AddOptions) (*Torrent, error) {
	s := e.session
	if s == nil {
		return nil, errors.New("engine has no disk")
	}
	t, err := e.reserve(meta, o)
	if err != nil {
		return nil, err
	}
	info := meta.Info
	e.emit(Event{
		Kind: EventAdded, InfoHash: meta.InfoHash, Name: info.Name,
		Length: info.Length, Pieces: info.NumPieces(), PieceLength: info.PieceLength,
	})
	keep, err := openContent(s.disk, s.memory, meta, o.Dir)
	if err != nil {
		e.release(t)
		return nil, err
	}
	t.keep = keep
	e.furnish(t, diskStore{keep.store})
	s.checks.Add(1)
	go func() {
		defer s.checks.Done()
		e.check(t, keep)
	}()
	return t, nil
}

// check finds out what of a torrent is there, and lets it take part.
func (e *Engine) check(t *Torrent, c *content) {
	info := t.meta.Info
	if t.opts.SeedOnly && t.opts.NoCheck {
		e.attach(t, nil)
		return
	}
	err := c.store.CreateEmpty()
	if t.opts.SeedOnly {
		err = nil // serving creates nothing
	}
	have, err2 := c.known(e.session.stopping, func(err error) {
		e.emit(Event{Kind: EventError, InfoHash: t.meta.InfoHash, Err: err})
	})
	if err == nil {
		err = err2
	}
	if err == nil {
		e.emit(Event{
			Kind: EventChecked, InfoHash: t.meta.InfoHash, Have: have.Count(), Pieces: info.NumPieces(),
		})
		if t.opts.SeedOnly && !have.All() {
			err = &IncompleteError{Have: have.Count(), Pieces: info.NumPieces()}
		}
	}
	switch {
	case err == nil: // also when the engine stops: what was found is kept then
		e.attach(t, have)
	case e.session.stopping.Err() != nil:
		e.toControl(func(c *control) { c.end(t, StateStopped, nil) })
	default:
		e.toControl(func(c *control) { c.failed(t, err) })
	}
}
