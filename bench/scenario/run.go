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
	"syscall"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/load"
	"spate/bench/load/session"
	"spate/bench/usage"
	"spate/proto/metainfo"
	"spate/reactor/gnetio"
)

// Time limits, for a machine that does other things as well.
const (
	// readyTimeout bounds a client's start, loading and verifying.
	readyTimeout = 2 * time.Minute
	// lookAgain is the time between two looks at something.
	lookAgain = 20 * time.Millisecond
)

// draw is chance for peer ids.
func draw(b []byte) { _, _ = rand.Read(b) } // never fails

// run is a client at work.
type run struct {
	client  clients.Client
	dir     string // with all that it has for itself
	task    clients.Task
	process *clients.Process
	began   time.Time // when process was started
	source  func() netip.Addr
}

// order is what a client is started for.
type order struct {
	role     clients.Role
	torrents []string
	// data is the folder with the content; empty makes an empty one in place.
	data string
	// place is where the client's own folders lie.
	place string
	// listen is where the client accepts peers; none is a free port on
	// loopback.
	listen netip.AddrPort
	// loops is as in clients.Task.
	loops int
	// within is a command that the client's own follows, as in clients.Task.
	within []string
	// flags are further words of the command line, as in clients.Task.
	flags []string
	// source gives the local address of each of the generator's connections;
	// nil is load.Loopback().
	source func() netip.Addr
}

// seeding is the order to serve content.
func seeding(c *content.Single) order {
	return order{role: clients.Seed, torrents: []string{c.Torrent}, data: c.Data, place: Tmpfs}
}

// start starts a client. The run is the caller's to end.
func (e *Env) start(c clients.Client, o order) (*run, error) {
	dir, err := e.folder(o.place, c.Name())
	if err != nil {
		return nil, err
	}
	r := &run{client: c, dir: dir, source: o.source}
	if !o.listen.IsValid() {
		o.listen, err = clients.FreeAddr(netip.MustParseAddr("127.0.0.1"), mrand.IntN)
		if err != nil {
			return nil, errors.Join(err, r.end())
		}
	}
	r.task = clients.Task{
		Role: o.role, Torrents: o.torrents, Data: o.data, Listen: o.listen, Loops: o.loops,
		Scratch: filepath.Join(dir, "scratch"), Within: o.within, Flags: o.flags,
	}
	if o.data == "" {
		r.task.Data = filepath.Join(dir, "data")
	}
	for _, folder := range []string{r.task.Scratch, r.task.Data} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, errors.Join(err, r.end())
		}
	}
	if err := r.again(); err != nil {
		return nil, errors.Join(err, r.end())
	}
	return r, nil
}

// again starts the client's process, the first time or after it was stopped.
func (r *run) again() (err error) {
	r.began = time.Now()
	r.process, err = r.client.Start(r.task)
	return err
}

// startReady starts a client and waits until it answers for the content and
// has that many of its pieces.
func (e *Env) startReady(ctx context.Context, c clients.Client, o order, meta *metainfo.Torrent, pieces int) (*run, error) {
	r, err := e.start(c, o)
	if err != nil {
		return nil, err
	}
	if err := r.ready(ctx, meta, pieces); err != nil {
		return nil, errors.Join(fmt.Errorf("not ready: %w%s", err, r.lastWords()), r.end())
	}
	return r, nil
}

// ready waits for the client to have pieces of a torrent, or for its end.
func (r *run) ready(ctx context.Context, meta *metainfo.Torrent, pieces int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyTimeout, fmt.Errorf("waited %v", readyTimeout))
	defer cancel()
	ctx, stop := r.alive(ctx)
	defer stop()
	if r.client.Traits().Web {
		return load.WaitWeb(ctx, r.task.Listen, meta)
	}
	return load.Wait(ctx, r.task.Listen, meta, pieces, draw)
}

// alive is ctx for as long as the client runs. Its cause says how it ended.
func (r *run) alive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, ended := context.WithCancelCause(ctx)
	process := r.process // which may be another one later
	go func() {
		select {
		case <-process.Done():
			ended(howEnded(process))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { ended(nil) }
}

// howEnded says how a client ended, once it has.
func howEnded(p *clients.Process) error {
	if err := p.Err(); err != nil {
		return fmt.Errorf("it ended: %w", err)
	}
	return errors.New("it ended: exit status 0")
}

// gone makes an error of a look at the client's processes one of their end,
// which that look may have seen first.
func (r *run) gone(err error) error {
	if errors.Is(err, usage.ErrNoProcess) {
		return howEnded(r.process)
	}
	return err
}

// lastWords is the last line that the client said, for an error.
func (r *run) lastWords() string {
	if r.process == nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(r.process.Log()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return fmt.Sprintf(" (it said %q)", last)
	}
	return ""
}

// end ends the client and removes all that it wrote. What a client does when
// it is asked to end, some of them for seconds, is for the folder that is
// removed: so it is not asked.
func (r *run) end() error {
	if r.process != nil {
		select {
		case <-r.process.Done():
		default:
			_ = syscall.Kill(-r.process.Group(), syscall.SIGKILL) // fails only when it has ended
		}
		_ = r.process.Stop() // waits
	}
	return os.RemoveAll(r.dir)
}

func (r *run) usage() (usage.Usage, error) {
	now, err := usage.Group(os.DirFS("/proc"), r.process.Group())
	return now, r.gone(err)
}

// generate puts a load on the client.
func (r *run) generate(cfg load.Config) (*load.Generator, error) {
	source := r.source
	if source == nil {
		source = load.Loopback()
	}
	network, err := gnetio.New(gnetio.Config{ReadBuffer: load.ReadBuffer, Source: source})
	if err != nil {
		return nil, err
	}
	cfg.Network = network
	if cfg.Loops == 0 {
		cfg.Loops = session.Loops(cfg.Conns)
	}
	cfg.Target, cfg.Draw = r.task.Listen, draw
	return load.Start(cfg)
}
