package reactor

import (
	"time"

	"spate/reactor/announce"
	"spate/reactor/catalog"
)

const (
	// DefaultRestAfter is how long a torrent of a folder that has no peers is
	// kept ready. Peers that come back at once find it so.
	DefaultRestAfter = time.Minute
	// quietBytes is the memory that torrents without peers may take before
	// those that have had none for longest are given up sooner.
	quietBytes = 32 << 20
	// torrentBytes is what a torrent takes besides its metainfo, about.
	torrentBytes = 8 << 10
)

// weight is the memory of a torrent: its metainfo is there as it was encoded,
// and its hashes once more.
func (t *Torrent) weight() int64 { return torrentBytes + 2*int64(len(t.meta.InfoBytes)) }

// quieten notes how long a folder's torrent has had no peers, and gives it up
// when that has been enough.
func (c *control) quieten(t *Torrent, peers int, now time.Duration) (rests bool) {
	if peers > 0 {
		t.quiet = 0
		return false
	}
	if t.quiet == 0 {
		t.quiet = now
	}
	if now-t.quiet < c.e.cfg.RestAfter && c.excess <= 0 {
		c.quiet += t.weight()
		return false
	}
	c.excess -= t.weight()
	c.rest(t)
	return true
}

// rest takes a torrent that has no peers off the loops, to be a row again.
func (c *control) rest(t *Torrent) {
	c.forget(t)
	if t.known && t.enough {
		t.enough = false
		if !t.folder.crowd {
			c.announcer.Wanted(t.announce, announce.NumWantMost)
		}
	}
	c.fold(t)
	c.giveBack(t, false, func(c *control, busy bool) { c.rested(t, busy) })
}

// rested makes a torrent that the loops have given back a row, or lets it go on.
func (c *control) rested(t *Torrent, busy bool) {
	t.settling = false
	if busy && !c.stopping {
		c.e.reattach(t)
		return
	}
	id := t.row
	_, restless := c.restless[id]
	delete(c.restless, id)
	c.fold(t)
	t.images.Close()
	c.e.session.checks.Go(t.keep.Close) // waits for what is being read
	if busy {
		// The engine stops, and its peers are told by the end of the network.
		c.refuse(t.meta.InfoHash)
	}
	c.move(id, catalog.Resting)
	if restless && !c.stopping {
		c.wake(id)
	}
}

// reattach lets a torrent take peers again that the loops were to give back, or
// have given back.
func (e *Engine) reattach(t *Torrent) {
	home := e.shards[t.home]
	home.Loop.Post(func() {
		if t.over() {
			return
		}
		home.local(t)
		e.enter(t)
		e.toControl(func(c *control) { c.reattached(t) })
	})
}

// reattached goes on with a torrent that takes peers again.
func (c *control) reattached(t *Torrent) {
	if t.ended {
		return
	}
	t.quiet = 0
	c.torrents = append(c.torrents, t)
	if t.folder != nil {
		delete(c.restless, t.row)
		c.awoke(t)
	}
	if c.stopping {
		c.end(t, StateStopped, nil)
	}
}

// fold adds the figures of a torrent to its row.
func (c *control) fold(t *Torrent) {
	s := t.Stats()
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	row := c.table.At(t.row)
	row.Changed = row.Changed || s.Uploaded != row.Uploaded || s.Downloaded != row.Downloaded
	row.Uploaded, row.Downloaded = s.Uploaded, s.Downloaded
}
