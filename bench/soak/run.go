package soak

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	mrand "math/rand/v2"
	"net/netip"
	"os/exec"
	"sync"
	"time"

	"spate/bench/load"
	"spate/proto/metainfo"
	"spate/reactor/gnetio"
)

// Config is a run.
type Config struct {
	// Duration is how long everything comes and goes, and at least until each
	// thing has happened once.
	Duration time.Duration
	// Dir is an empty folder for content.
	Dir string
	// Engine makes the command that runs Serve with its standard input and
	// output.
	Engine func() *exec.Cmd
	// Each is told of every look at the engine; nil is nobody.
	Each func(Look)
}

const (
	// numLeechers ask for leechOutstanding blocks a tick each, which together
	// is some 200 MB/s.
	numLeechers      = 30
	leechOutstanding = 20
	numIdle          = 30
	// churn is how many of either are closed a second.
	churn = 10
	// toggleEvery is the time between two torrents that come or go.
	toggleEvery = 200 * time.Millisecond
	// morePatience is how much longer a short run goes on where something has not
	// happened once.
	morePatience = time.Minute
	// backPatience is how long the engine has to give everything back, at the
	// end: more than a connection that says nothing is kept for.
	backPatience = 30 * time.Second
)

// run is a run under way.
type run struct {
	cfg    Config
	target *target
	source func() netip.Addr
	chance *mrand.Rand // of whoever adds and removes
	begun  time.Time

	torrents []*torrent
	download *torrent
	loads    []*load.Generator

	mu      sync.Mutex // what follows
	added   []*torrent
	count   Count // but for what the generators count
	failure error
}

// Run has an engine live for Config.Duration. An error is that it could not, and
// not what it took.
func Run(ctx context.Context, cfg Config) (o *Outcome, err error) {
	r := &run{cfg: cfg, source: load.Loopback(), begun: time.Now(), chance: chance()}
	for i := range numTorrents + 1 {
		t, err := makeTorrent(cfg.Dir, i)
		if err != nil {
			return nil, err
		}
		r.torrents = append(r.torrents, t)
	}
	r.download, r.torrents = r.torrents[numTorrents], r.torrents[:numTorrents]
	if r.target, err = launch(cfg.Engine()); err != nil {
		return nil, err
	}
	defer func() {
		if ended := r.target.end(); err == nil {
			err = ended
		}
	}()
	base, err := r.target.look()
	if err != nil {
		return nil, err
	}
	for _, t := range r.torrents[:numKept] {
		if err := r.add(t); err != nil {
			return nil, err
		}
	}
	r.begun = time.Now()
	o = &Outcome{base: base}
	if err = r.live(ctx, o); err == nil {
		err = r.giveBack(ctx, o)
	}
	return o, err
}

// draw is chance for peer ids.
func draw(b []byte) { _, _ = rand.Read(b) } // never fails

// chance is a source of its own for whoever has to choose.
func chance() *mrand.Rand {
	var seed [16]byte
	draw(seed[:])
	return mrand.New(mrand.NewPCG(binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:])))
}

// live is the time in which everything comes and goes.
func (r *run) live(ctx context.Context, o *Outcome) (err error) {
	defer func() {
		for _, g := range r.loads {
			err = errors.Join(err, g.Stop())
		}
	}()
	for _, cfg := range []load.Config{
		{Role: load.Leech, Conns: numLeechers, Outstanding: leechOutstanding, Paced: true, Churn: churn},
		{Role: load.Idle, Conns: numIdle, Churn: churn},
	} {
		cfg.Choose = r.choose
		g, err := r.generate(cfg)
		if err != nil {
			return err
		}
		r.loads = append(r.loads, g)
	}
	ctx, stop := context.WithTimeout(ctx, r.cfg.Duration+morePatience)
	defer stop()
	var group sync.WaitGroup
	group.Go(func() {
		r.keep(ctx, stop, lookAgain, func(context.Context) error {
			if time.Since(r.begun) > r.cfg.Duration && r.counted().everything() {
				stop()
			}
			return nil
		})
	})
	group.Go(func() {
		b := breaker{addr: r.target.addr, source: r.source, chance: chance()}
		r.keep(ctx, stop, breakEvery, func(context.Context) error {
			if b.breakOff(r.choose()) == nil { // it may have been removed meanwhile
				r.tally(func(c *Count) { c.Broken++ }, nil)
			}
			return nil
		})
	})
	group.Go(func() { r.keep(ctx, stop, toggleEvery, r.toggle) })
	group.Go(func() { r.keep(ctx, stop, time.Millisecond, r.downloadOnce) })
	group.Go(func() {
		r.keep(ctx, stop, lookEvery(r.cfg.Duration), func(context.Context) error { return r.see(o) })
	})
	group.Wait()
	if r.failure != nil {
		return r.failure
	}
	return r.see(o)
}

// keep does something again and again, with a pause in between, until ctx ends.
// Where it fails, all else ends as well.
func (r *run) keep(ctx context.Context, stop func(), pause time.Duration, do func(context.Context) error) {
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if err := do(ctx); err != nil {
			r.tally(func(*Count) {}, err)
			stop()
			return
		}
	}
}

// tally counts, and keeps the first failure.
func (r *run) tally(count func(*Count), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count(&r.count)
	if r.failure == nil {
		r.failure = err
	}
}

// choose picks one of the torrents that the engine has.
func (r *run) choose() *metainfo.Torrent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.added[mrand.IntN(len(r.added))].meta
}

// add adds a torrent, and has peers choose it.
func (r *run) add(t *torrent) error {
	if _, err := r.target.ask(order{Do: doAdd, Torrent: t.file, Folder: t.folder}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.added = append(r.added, t)
	r.count.Added++
	return nil
}

// remove has no peer choose the i-th torrent, and removes it under those that
// did.
func (r *run) remove(i int) error {
	r.mu.Lock()
	t := r.added[i]
	r.added = append(r.added[:i], r.added[i+1:]...)
	r.count.Removed++
	r.mu.Unlock()
	_, err := r.target.ask(order{Do: doRemove, Torrent: t.file})
	return err
}

// toggle adds a torrent that is not there, or removes one that is.
func (r *run) toggle(context.Context) error {
	t := r.torrents[numKept+r.chance.IntN(numTorrents-numKept)]
	for i, o := range r.added {
		if o == t {
			return r.remove(i)
		}
	}
	return r.add(t)
}

// generate puts a load on the engine.
func (r *run) generate(cfg load.Config) (*load.Generator, error) {
	network, err := gnetio.New(gnetio.Config{ReadBuffer: load.ReadBuffer, Source: r.source})
	if err != nil {
		return nil, err
	}
	cfg.Network, cfg.Target, cfg.Draw = network, r.target.addr, draw
	return load.Start(cfg)
}
