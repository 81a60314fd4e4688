package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"spate/cmd/internal/config"
	"spate/cmd/internal/events"
	"spate/cmd/internal/metrics"
	"spate/cmd/internal/progress"
	"spate/cmd/internal/source"
	"spate/proto/metainfo"
	"spate/reactor"
)

// Outcomes of a run.
var (
	// ErrReported says that torrents failed, and that Report was told why.
	ErrReported = errors.New("some torrents failed")
	// ErrTimeout wraps what was given up because nothing arrived.
	ErrTimeout = errors.New("gave up")
)

// StopLimit is how long a stop waits for pieces to be written and for trackers
// to answer; what is not written then is fetched again the next time.
const StopLimit = 20 * time.Second

// interval is the time between two rounds of progress: the contract of --json.
const interval = time.Second

// Engine is what a run needs of reactor.Engine.
type Engine interface {
	Add(*metainfo.Torrent, reactor.AddOptions) (Torrent, error)
	AddFolder(reactor.FolderOptions) (Folder, error)
	Stats() reactor.Stats
	FolderStats(limit int) []reactor.TorrentStats
	Failed() <-chan struct{}
	Err() error
	Stop(context.Context) error
}

// Torrent is what a run needs of reactor.Torrent.
type Torrent interface {
	Meta() *metainfo.Torrent
	Stats() reactor.TorrentStats
	Complete() <-chan struct{}
	Done() <-chan struct{}
	Err() error
}

// Folder is what a run needs of reactor.Folder.
type Folder interface {
	Done() <-chan struct{}
	Failed() int
}

// Source is a torrent and what the user called it.
type Source struct {
	Label string
	Meta  *metainfo.Torrent
}

// Options is what a run is made of.
type Options struct {
	// Config is how to run.
	Config config.Transfer
	// Get downloads; otherwise the content must be there and is served.
	Get bool
	// Sources are the torrents, each info-hash once.
	Sources []Source
	// Folders are served besides, and Load reads a .torrent of theirs.
	Folders []source.Folder
	Load    func(path string) (*metainfo.Torrent, error)
	// Version is the program's.
	Version string
	// Logger takes the engine's log.
	Logger *zap.Logger
	// Display shows progress.
	Display progress.Display
	// Events takes JSON events; nil for none.
	Events *events.Writer
	// Report takes the errors that concern a torrent, each named in it.
	Report func(error)
	// Start starts the engine.
	Start func(reactor.Config) (Engine, error)
}

// session is a run under way.
type session struct {
	o        Options
	engine   Engine
	torrents []Torrent
	folders  []Folder
	refused  int // torrents that the engine did not take

	wake chan struct{} // an event may have changed whether the run is over

	mu     sync.Mutex // events come on the engine's goroutine
	labels map[metainfo.Hash]string
	told   map[metainfo.Hash]bool // torrents that Report knows to have failed
	silent map[trackerOf]string   // the last error of a tracker, told once
	rows   []progress.Row
}

// trackerOf is one tracker of one torrent.
type trackerOf struct {
	hash metainfo.Hash
	url  string
}

// Run runs until all is done or ctx ends.
func Run(ctx context.Context, o Options) error {
	s := &session{
		o: o, wake: make(chan struct{}, 1),
		labels: make(map[metainfo.Hash]string, len(o.Sources)),
		told:   map[metainfo.Hash]bool{}, silent: map[trackerOf]string{},
	}
	for _, src := range o.Sources {
		s.labels[src.Meta.InfoHash] = src.Label
	}
	var figures *metrics.Server
	if addr := o.Config.Metrics; addr != "" {
		var err error
		if figures, err = metrics.Listen(addr); err != nil {
			return err
		}
		defer figures.Close()
	}
	if err := s.start(ctx); err != nil {
		if s.engine != nil {
			_ = s.stopEngine() // why it did not start matters more
		}
		return err
	}
	if figures != nil {
		figures.Serve(s)
	}
	return s.finish(s.follow(ctx))
}

// start starts the engine and adds the torrents. What one of them is refused
// for is reported; the others go on.
func (s *session) start(ctx context.Context) error {
	add, err := s.addOptions(ctx)
	if err != nil {
		return err
	}
	s.engine, err = s.o.Start(s.engineConfig())
	if err != nil {
		return startError(s.o.Config, err)
	}
	for _, src := range s.o.Sources {
		t, err := s.engine.Add(src.Meta, add)
		if err != nil {
			s.mu.Lock()
			s.fail(time.Now(), src.Meta.InfoHash, err)
			s.mu.Unlock()
			s.refused++
			continue
		}
		s.torrents = append(s.torrents, t)
	}
	return s.addFolders(add)
}

// follow watches until the run is over.
func (s *session) follow(ctx context.Context) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	quiet := newSilence(s.o.Config.Timeout)
	for !s.over() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.engine.Failed():
			return s.engine.Err()
		case <-s.wake:
		case <-tick.C:
			s.progress(time.Now())
			s.show(time.Now())
		case <-quiet.expired(time.Now()):
		}
		if s.o.Get && quiet.since(time.Now(), s.arrived()) {
			return s.gaveUp()
		}
	}
	return nil
}

// over tells whether nothing is left to do: every torrent ended, or is
// complete where that is all that was asked for.
func (s *session) over() bool {
	for _, f := range s.folders {
		if !isClosed(f.Done()) {
			return false
		}
	}
	for _, t := range s.torrents {
		if !isClosed(t.Done()) && !(s.o.Get && !s.o.Config.Seed && isClosed(t.Complete())) {
			return false
		}
	}
	return true
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// arrived is what silence is measured by: the bytes that came, or below zero
// while there is something else to wait for.
func (s *session) arrived() int64 {
	var sum int64
	waiting := false
	for _, t := range s.torrents {
		stats := t.Stats()
		if stats.State == reactor.StateChecking {
			return -1
		}
		waiting = waiting || stats.State == reactor.StateDownloading
		sum += stats.Downloaded
	}
	if !waiting {
		return -1
	}
	return sum
}

// gaveUp names what is missing.
func (s *session) gaveUp() error {
	missing, name := 0, ""
	for _, t := range s.torrents {
		if stats := t.Stats(); stats.State == reactor.StateDownloading {
			missing++
			name = s.labels[stats.InfoHash]
		}
	}
	if missing > 1 {
		name = fmt.Sprintf("%s and %d more", name, missing-1)
	}
	return fmt.Errorf("%s: %w: nothing has arrived for %s", name, ErrTimeout, s.o.Config.Timeout)
}

func (s *session) stopEngine() error {
	ctx, cancel := context.WithTimeout(context.Background(), StopLimit)
	defer cancel()
	return s.engine.Stop(ctx)
}

// finish stops the engine and turns what happened into the outcome.
func (s *session) finish(outcome error) error {
	s.show(time.Now())
	err := s.stopEngine()
	if outcome == nil && err != nil {
		outcome = fmt.Errorf("stopping: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := s.foldersFailed()
	for _, t := range s.torrents {
		if t.Err() == nil {
			continue
		}
		failed = true
		if hash := t.Meta().InfoHash; !s.told[hash] {
			s.fail(time.Now(), hash, t.Err())
		}
	}
	if outcome == nil && failed {
		outcome = ErrReported
	}
	return outcome
}
