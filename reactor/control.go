package reactor

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"spate/proto/metainfo"
	"spate/proto/tracker"
	"spate/reactor/announce"
	"spate/reactor/catalog"
)

// enoughPeers is from how many peers on a seeding torrent asks trackers for no
// more addresses.
const enoughPeers = 50

// control is the part of the engine that concerns all loops: which torrents
// there are, their announces, their ends. All of it runs on the first loop.
type control struct {
	e *Engine
	rows
	torrents  []*Torrent                 // attached, in the order they came
	reserved  map[metainfo.Hash]*Torrent // guarded by Engine.mu
	announcer *announce.Announcer

	byAnnounce map[announce.ID]*Torrent
	key        uint32 // tells trackers that we are the same after a change of address (BEP 7)

	nextSecond time.Duration
	nextSave   time.Duration
	saving     int // resume states being written, and what else a stop waits for
	looking    int // torrents whose files are being looked at

	stopping bool
	deadline time.Duration
	onStop   func()
}

func newControl(e *Engine) *control {
	c := &control{
		e: e, reserved: make(map[metainfo.Hash]*Torrent), byAnnounce: make(map[announce.ID]*Torrent),
		nextSave: saveInterval, // the network's clock starts at 0
	}
	c.rows = rows{
		restless: make(map[catalog.ID]struct{}), addresses: make(map[catalog.ID][]netip.AddrPort),
		byID: make(map[announce.ID]catalog.ID),
	}
	chance := rand.New(rand.NewPCG(e.seed, 1<<32))
	c.key = chance.Uint32()
	c.announcer = announce.New(announce.Config{
		Transport: e.parts.Transport,
		Post:      func(fn func()) { e.shards[0].Loop.Post(func() { fn(); c.announced() }) },
		Rand:      chance,
		Totals:    c.totals,
		OnPeers:   c.onPeers,
		OnWarning: func(id announce.ID, url, text string) { c.onTrouble(id, url, errors.New("warning: "+text)) },
		OnError:   c.onTrouble,
	})
	return c
}

// tick passes time.
func (c *control) tick(now time.Duration) {
	c.announcer.Tick(now)
	if c.stopping {
		if c.onStop != nil {
			c.tryStop(now)
		}
		return
	}
	if now < c.nextSecond {
		return
	}
	c.nextSecond = now + time.Second
	c.tickRows(now)
	for i := 0; i < len(c.torrents); i++ {
		t := c.torrents[i]
		s := t.Stats()
		t.mu.Lock()
		t.rate.sample(now, s.Uploaded, s.Downloaded)
		t.mu.Unlock()
		if enough := s.State == StateSeeding && s.Peers >= enoughPeers; enough != t.enough && t.known {
			t.enough = enough
			if enough {
				c.announcer.Wanted(t.announce, 0)
			} else {
				c.announcer.Wanted(t.announce, announce.NumWantMost)
			}
		}
		c.look(t, &s, now)
		c.retry(t, &s, now)
		if c.hadEnough(t, s, now) {
			c.end(t, StateStopped, nil)
			i--
		} else if t.folder != nil && c.quieten(t, s.Peers, now) {
			i--
		}
	}
	if now >= c.nextSave {
		c.nextSave = now + saveInterval
		for _, t := range c.torrents {
			if !t.complete.Load() {
				c.save(t)
			}
		}
	}
}

// hadEnough tells whether a seeding torrent reached its ratio or its time.
func (c *control) hadEnough(t *Torrent, s TorrentStats, now time.Duration) bool {
	if s.State != StateSeeding {
		return false
	}
	if !t.limits.Goal.Reached() {
		t.reached = 0
	} else if t.reached == 0 {
		t.reached = now
	}
	if t.reached > 0 && (float64(s.Uploaded) >= t.opts.Ratio*float64(s.Length) || now-t.reached >= goalGrace) {
		return true
	}
	return t.opts.SeedTime > 0 && now-t.finished >= t.opts.SeedTime
}

// attached starts what concerns a torrent that takes peers now.
func (c *control) attached(t *Torrent, missing bool) {
	if t.ended {
		return
	}
	now := c.now()
	t.started, t.finished = now, now
	c.seen(t, now)
	c.torrents = append(c.torrents, t)
	if t.folder != nil {
		c.awoke(t)
	}
	if missing {
		t.settle(StateDownloading, nil)
	} else {
		t.settle(StateSeeding, nil)
		if !t.opts.SeedOnly {
			c.e.emit(Event{Kind: EventComplete, InfoHash: t.meta.InfoHash})
		}
	}
	if c.stopping {
		c.end(t, StateStopped, nil)
		return
	}
	if t.folder == nil {
		c.startAnnounce(t, now)
	}
}

// completed is reached once all wanted pieces are written. That all of it is
// where it should be is looked at before anybody is told: files that were moved
// away or replaced meanwhile are not what was downloaded.
func (c *control) completed(t *Torrent) {
	files := t.files()
	if files == nil {
		c.finished(t)
		return
	}
	c.saving++
	c.e.session.checks.Go(func() {
		err := files.Look()
		c.e.toControl(func(c *control) {
			c.saving--
			if err != nil {
				c.failed(t, err)
				return
			}
			c.finished(t)
		})
	})
}

// finished tells that a download is complete.
func (c *control) finished(t *Torrent) {
	if t.ended {
		return
	}
	now := c.now()
	t.finished = now
	s := t.Stats()
	t.settle(StateSeeding, nil)
	switch {
	case !t.known:
	case t.complete.Load():
		c.announcer.Completed(now, t.announce)
	default:
		c.announcer.Partial(t.announce, true) // the files selected are not all (BEP 21)
	}
	c.save(t)
	c.e.emit(Event{
		Kind: EventComplete, InfoHash: t.meta.InfoHash,
		Seconds: (now - t.started).Seconds(), Downloaded: s.Downloaded,
	})
}

// failed ends a torrent by an error.
func (c *control) failed(t *Torrent, err error) {
	if t.ended {
		return
	}
	c.e.emit(Event{Kind: EventError, InfoHash: t.meta.InfoHash, Source: t.source, Err: err})
	c.end(t, StateFailed, err)
}

// starving asks for more peers.
func (c *control) starving(t *Torrent) {
	if t.known && !t.ended {
		c.announcer.Reannounce(c.now(), t.announce)
	}
}

// end takes a torrent out: no new peers, trackers told, peers closed on every
// loop, and its state kept.
func (c *control) end(t *Torrent, s State, err error) {
	if t.ended {
		return
	}
	t.ended = true
	e := c.e
	stats := t.Stats()
	t.settle(s, err)
	e.mu.Lock()
	delete(e.byHash, t.meta.InfoHash)
	if t.folder == nil {
		delete(c.reserved, t.meta.InfoHash)
	}
	e.mu.Unlock()
	c.drop(t)
	if t.folder != nil {
		c.endAwake(t, err)
	} else if t.known {
		c.announcer.Remove(c.now(), t.announce)
		delete(c.byAnnounce, t.announce)
	}
	t.images.Close()
	c.saving++ // until drained
	for _, sh := range e.shards {
		sh.Loop.Post(func() {
			local := t.locals[sh.index]
			if local != nil {
				local.Stop()
			} else if sh.index == t.home {
				e.toControl(func(c *control) { c.drained(t, nil) })
			}
		})
	}
	e.emit(Event{
		Kind: EventStopped, InfoHash: t.meta.InfoHash,
		Downloaded: stats.Downloaded, Uploaded: stats.Uploaded,
	})
}

// drop takes a torrent off the list of those that take part.
func (c *control) drop(t *Torrent) {
	for i, o := range c.torrents {
		if o == t {
			c.torrents = append(c.torrents[:i], c.torrents[i+1:]...)
			return
		}
	}
}

// stop ends everything; done is called when that is through.
func (c *control) stop(limit time.Duration, done func()) {
	c.stopping = true
	c.deadline = c.now() + limit
	c.announcer.Shutdown(c.now()) // all at once, which it does in the best order
	for len(c.torrents) > 0 {
		c.end(c.torrents[0], StateStopped, nil)
	}
	if len(c.folders) > 0 {
		c.saving++
		c.stopRows(func() { c.e.toControl(func(c *control) { c.saving-- }) })
	}
	c.onStop = done
	c.tryStop(c.now())
}

func (c *control) tryStop(now time.Duration) {
	told := c.announcer.Idle() || now >= c.deadline
	c.e.mu.Lock()
	checked := len(c.reserved) == 0 // they end when the check of their content does
	c.e.mu.Unlock()
	if !told || !checked || c.saving > 0 || c.e.parts.Backlog() > 0 {
		return // the disk is waited for however long it takes
	}
	done := c.onStop
	c.onStop = nil
	done()
}

func (c *control) now() time.Duration { return c.e.shards[0].Loop.Now() }

// startAnnounce begins to tell the trackers of a torrent.
func (c *control) startAnnounce(t *Torrent, now time.Duration) {
	tiers := t.opts.tiers(t.meta.Tiers)
	if c.e.cfg.NoTrackers || len(tiers) == 0 {
		return
	}
	t.known = true
	t.announce = c.announcer.Add(now, announce.Torrent{
		InfoHash: t.meta.InfoHash, PeerID: c.e.peerID, Port: c.e.Port(), Key: c.key, Tiers: tiers,
	})
	c.byAnnounce[t.announce] = t
}

// announced lets announces that wait follow the one that came back, rather than
// the loop's next tick.
func (c *control) announced() {
	if c.announcer.Stats().Waiting > 0 {
		c.announcer.Tick(c.now())
	}
}

// totals is what a tracker is told of a torrent.
func (c *control) totals(id announce.ID) (uploaded, downloaded, left int64) {
	if row, ok := c.byID[id]; ok {
		return c.rowTotals(row)
	}
	s := c.byAnnounce[id].Stats()
	return s.Uploaded, s.Downloaded, s.Length - s.Done
}

// onPeers passes a tracker's addresses on to the loop that dials for the
// torrent.
func (c *control) onPeers(id announce.ID, url string, resp tracker.Response) {
	if ip := resp.ExternalIP; ip.IsValid() {
		c.e.own.external.Store(&ip)
	}
	if row, ok := c.byID[id]; ok {
		c.onRowPeers(row, url, resp)
		return
	}
	t := c.byAnnounce[id]
	if t == nil || t.ended {
		return
	}
	c.e.emit(Event{Kind: EventTracker, InfoHash: t.meta.InfoHash, URL: url, Peers: len(resp.Peers)})
	c.e.AddPeers(t, resp.Peers...)
}

func (c *control) onTrouble(id announce.ID, url string, err error) {
	if row, ok := c.byID[id]; ok {
		c.e.emit(Event{Kind: EventTracker, InfoHash: c.table.At(row).Hash, URL: url, Err: err})
	} else if t := c.byAnnounce[id]; t != nil {
		c.e.emit(Event{Kind: EventTracker, InfoHash: t.meta.InfoHash, URL: url, Err: err})
	}
}
