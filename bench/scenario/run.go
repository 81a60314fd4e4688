package scenario

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/usage"
	"spate/reactor/gnetio"
)

// Time limits, for a machine that does other things as well.
const (
	// readyTimeout bounds a client's start, loading and verifying.
	readyTimeout = 2 * time.Minute
	// unchokeTimeout bounds the time until all connections may move payload.
	// Most clients choose whom to unchoke every ten seconds.
	unchokeTimeout = 25 * time.Second
	// getTimeout bounds a download.
	getTimeout = 2 * time.Minute
	// writeTimeout bounds the time from a client's word that it has all until
	// all is in its folder.
	writeTimeout = 20 * time.Second
	// lookAgain is the time between two looks at something.
	lookAgain = 20 * time.Millisecond
)

// maxLoops bounds the generator's loops: on a machine with four cores it
// leaves two to the client.
const maxLoops = 2

// Options is how to measure.
type Options struct {
	// Outstanding is the requests under way a connection.
	Outstanding int
	// Warmup is the time under load before the measurement, and Duration that
	// of the measurement itself; for seeding only.
	Warmup, Duration time.Duration
}

// draw is chance for peer ids.
func draw(b []byte) { _, _ = rand.Read(b) } // never fails

// run is a client at work.
type run struct {
	lab     *Lab
	client  clients.Client
	dir     string // with all that it has for itself
	task    clients.Task
	process *clients.Process
}

// start starts a client and waits until it answers and has that many pieces.
func (l *Lab) start(ctx context.Context, c clients.Client, role clients.Role, pieces int) (*run, error) {
	dir, err := l.folder()
	if err != nil {
		return nil, err
	}
	r := &run{lab: l, client: c, dir: dir}
	listen, err := clients.FreeAddr(netip.MustParseAddr("127.0.0.1"), mrand.IntN)
	if err != nil {
		return nil, errors.Join(err, r.end())
	}
	r.task = clients.Task{
		Role: role, Torrents: []string{l.torrent}, Data: l.data, Listen: listen,
		Scratch: filepath.Join(dir, "scratch"),
	}
	if role == clients.Get {
		r.task.Data = filepath.Join(dir, "data")
	}
	for _, folder := range []string{r.task.Scratch, r.task.Data} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, errors.Join(err, r.end())
		}
	}
	if r.process, err = c.Start(r.task); err != nil {
		return nil, errors.Join(err, r.end())
	}
	if err := r.ready(ctx, pieces); err != nil {
		return nil, errors.Join(fmt.Errorf("not ready: %w%s", err, r.lastWords()), r.end())
	}
	return r, nil
}

// ready waits for the client, or for its end.
func (r *run) ready(ctx context.Context, pieces int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyTimeout, fmt.Errorf("waited %v", readyTimeout))
	defer cancel()
	ctx, ended := context.WithCancelCause(ctx)
	defer ended(nil)
	go func() {
		select {
		case <-r.process.Done():
			ended(fmt.Errorf("it ended: %w", r.process.Err()))
		case <-ctx.Done():
		}
	}()
	return load.Wait(ctx, r.task.Listen, r.lab.meta, pieces, draw)
}

// lastWords is the last line that the client said, for an error.
func (r *run) lastWords() string {
	lines := strings.Split(strings.TrimSpace(r.process.Log()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return fmt.Sprintf(" (it said %q)", last)
	}
	return ""
}

// end stops the client and removes all that it wrote.
func (r *run) end() error {
	if r.process != nil {
		_ = r.process.Stop() // having to kill it is no failure of the measurement
	}
	return os.RemoveAll(r.dir)
}

func (r *run) usage() (usage.Usage, error) {
	return usage.Group(os.DirFS("/proc"), r.process.Group())
}

// generate puts a load on the client.
func (r *run) generate(cfg load.Config) (*load.Generator, error) {
	network, err := gnetio.New(gnetio.Config{ReadBuffer: load.ReadBuffer, Source: load.Loopback()})
	if err != nil {
		return nil, err
	}
	cfg.Network, cfg.Loops = network, loops(cfg.Conns)
	cfg.Target, cfg.Torrent, cfg.Draw = r.task.Listen, r.lab.meta, draw
	return load.Start(cfg)
}

// loops is how many loops carry that many connections.
func loops(conns int) int { return min(maxLoops, conns) }

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
