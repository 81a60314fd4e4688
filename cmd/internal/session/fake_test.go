package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"spate/cmd/internal/events"
	"spate/cmd/internal/progress"
	"spate/proto/metainfo"
	"spate/reactor"
)

// fakeEngine is an engine whose torrents do what a test tells them.
type fakeEngine struct {
	conf     reactor.Config
	refuse   map[string]error // by name
	torrents []*fakeTorrent
	folders  []*fakeFolder
	rows     []reactor.TorrentStats
	failed   chan struct{}
	stopped  atomic.Bool
}

func (e *fakeEngine) Add(meta *metainfo.Torrent, o reactor.AddOptions) (Torrent, error) {
	if err := e.refuse[meta.Info.Name]; err != nil {
		return nil, err
	}
	t := &fakeTorrent{
		engine: e, meta: meta, options: o, complete: make(chan struct{}), done: make(chan struct{}),
		stats: reactor.TorrentStats{InfoHash: meta.InfoHash, Name: meta.Info.Name, Length: meta.Info.Length, State: reactor.StateDownloading},
	}
	e.torrents = append(e.torrents, t)
	return t, nil
}

func (e *fakeEngine) AddFolder(o reactor.FolderOptions) (Folder, error) {
	f := &fakeFolder{o: o, done: make(chan struct{})}
	e.folders = append(e.folders, f)
	return f, nil
}

// FolderStats has nothing to tell of too many: they all rest.
func (e *fakeEngine) FolderStats(limit int) []reactor.TorrentStats {
	if len(e.rows) > limit {
		return nil
	}
	return e.rows
}

func (e *fakeEngine) Stats() reactor.Stats {
	s := reactor.Stats{Torrents: len(e.torrents) + len(e.rows)}
	s.States[reactor.StateSeeding] = s.Torrents
	return s
}
func (e *fakeEngine) Failed() <-chan struct{} { return e.failed }
func (e *fakeEngine) Err() error              { return errEngine }

func (e *fakeEngine) Stop(context.Context) error {
	e.stopped.Store(true)
	for _, t := range e.torrents {
		if !isClosed(t.done) {
			t.end(reactor.StateStopped, nil)
		}
	}
	return nil
}

// fakeFolder is a folder of a fakeEngine.
type fakeFolder struct {
	o      reactor.FolderOptions
	done   chan struct{}
	failed int
}

func (f *fakeFolder) Done() <-chan struct{} { return f.done }
func (f *fakeFolder) Failed() int           { return f.failed }

var errEngine = errors.New("engine broke")

// fakeTorrent is told its figures.
type fakeTorrent struct {
	engine   *fakeEngine
	meta     *metainfo.Torrent
	options  reactor.AddOptions
	complete chan struct{}
	done     chan struct{}

	mu    sync.Mutex
	stats reactor.TorrentStats
}

func (t *fakeTorrent) Meta() *metainfo.Torrent   { return t.meta }
func (t *fakeTorrent) Complete() <-chan struct{} { return t.complete }
func (t *fakeTorrent) Done() <-chan struct{}     { return t.done }
func (t *fakeTorrent) Err() error                { return t.Stats().Err }

func (t *fakeTorrent) Stats() reactor.TorrentStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}

// arrive adds n bytes; the last ones complete the torrent.
func (t *fakeTorrent) arrive(n int64) {
	t.mu.Lock()
	t.stats.Done += n
	t.stats.Downloaded += n
	whole := t.stats.Done == t.stats.Length
	if whole {
		t.stats.State = reactor.StateSeeding
		close(t.complete)
	}
	t.mu.Unlock()
	if whole {
		t.tell(reactor.Event{Kind: reactor.EventComplete, Seconds: 2.5, Downloaded: t.stats.Downloaded})
	}
}

func (t *fakeTorrent) end(state reactor.State, err error) {
	t.mu.Lock()
	t.stats.State, t.stats.Err = state, err
	close(t.done)
	t.mu.Unlock()
	if err != nil {
		t.tell(reactor.Event{Kind: reactor.EventError, Err: err})
	}
	t.tell(reactor.Event{Kind: reactor.EventStopped, Downloaded: t.stats.Downloaded, Uploaded: t.stats.Uploaded})
}

func (t *fakeTorrent) tell(e reactor.Event) {
	e.Time, e.InfoHash = time.Now(), t.meta.InfoHash
	t.engine.conf.OnEvent(e)
}

// lines collects what is written, in order.
type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, s)
}

func (l *lines) Write(p []byte) (int, error) {
	l.add(string(p[:len(p)-1]))
	return len(p), nil
}

// run is a session of a test.
type run struct {
	Options
	engine *fakeEngine
	json   lines
	out    lines
	errs   lines
}

// newRun prepares a get of torrents of 100 bytes with these names, labelled
// NAME.torrent.
func newRun(t *testing.T, names ...string) *run {
	t.Helper()
	r := &run{engine: &fakeEngine{}}
	r.Options = Options{
		Get: true, Logger: zap.NewNop(), Events: events.NewWriter(&r.json),
		Display: progress.New(progress.Lines, &r.out, nil),
		Report:  func(err error) { r.errs.add(err.Error()) },
		Start: func(conf reactor.Config) (Engine, error) {
			r.engine.conf = conf
			return r.engine, nil
		},
	}
	for _, name := range names {
		b := metainfo.Builder{
			Name: name, PieceLength: 16 << 10, Pieces: make([]byte, 20),
			Files: []metainfo.File{{Path: []string{name}, Length: 100}},
		}
		meta, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		r.Sources = append(r.Sources, Source{Label: name + ".torrent", Meta: meta})
	}
	return r
}

// begin runs the session beside the test and returns what it will return.
func (r *run) begin(ctx context.Context) <-chan error {
	outcome := make(chan error, 1)
	go func() { outcome <- Run(ctx, r.Options) }()
	return outcome
}
