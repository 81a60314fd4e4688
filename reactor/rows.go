package reactor

import (
	"context"
	"net/netip"
	"time"

	"spate/proto/metainfo"
	"spate/proto/tracker"
	"spate/reactor/announce"
	"spate/reactor/catalog"
	"spate/reactor/loop"
)

// dialRows is up to how many torrents of a folder ask trackers for peers while
// they rest, so that peers are dialed that cannot reach us. Whoever serves more
// can be reached.
const dialRows = 1000

// rows is the part of the control that concerns torrents of folders. Engine.mu
// is held to change table and folders, which others look at.
type rows struct {
	table   catalog.Table
	folders []*Folder

	waking    []catalog.ID                    // rows to be loaded, in the order of asking
	loading   int                             // rows being loaded
	woken     int                             // rows loaded since the last tick
	restless  map[catalog.ID]struct{}         // settling rows that were asked for
	addresses map[catalog.ID][]netip.AddrPort // of waking rows, to be dialed
	byID      map[announce.ID]catalog.ID
	quiet     int64 // memory of torrents without peers, in bytes
	excess    int64 // what of it is too much
}

// ripe is a row and when it has been served long enough.
type ripe struct {
	id catalog.ID
	at time.Duration
}

// enter makes rows of torrents. Those that cannot be have an error, or no ID
// when the engine ends.
func (c *control) enter(f *Folder, arrivals []arrival) {
	e := c.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range arrivals {
		a := &arrivals[i]
		hash := a.rec.InfoHash
		a.id = -1
		if e.stopped {
			a.err = loop.ErrClosed
			continue
		}
		_, single := c.reserved[hash]
		id, fits := catalog.ID(-1), false
		if !single {
			id, fits = c.table.Add(catalog.Row{Hash: hash, Folder: f.number, Name: a.name, Place: a.place, Length: a.rec.Length}, catalog.Checking)
		}
		if !fits {
			a.err = &ErrExists{Hash: hash}
			continue
		}
		a.id = id
		f.left++
		e.states[StateChecking].Add(1)
	}
}

// settle lets a row that was Checking be asked for.
func (c *control) settle(a *arrival) {
	row := c.table.At(a.id)
	if row.State() != catalog.Checking {
		return // it has ended
	}
	f := c.folders[row.Folder]
	now := c.now()
	if f.o.SeedTime > 0 && !row.Served {
		f.ripening = append(f.ripening, ripe{a.id, now + f.o.SeedTime})
	}
	c.move(a.id, catalog.Resting)
	c.e.mu.Lock()
	row.Place, row.Served = a.place, true
	c.e.mu.Unlock()
	if c.stopping {
		return
	}
	if tiers := f.o.tiers(a.rec.Tiers); row.Announce == 0 && !c.e.cfg.NoTrackers && len(tiers) > 0 {
		id := c.announcer.Add(now, announce.Torrent{
			InfoHash: row.Hash, PeerID: c.e.peerID, Port: c.e.Port(), Key: c.key, Tiers: tiers,
			Idle: f.crowd,
		})
		c.byID[id] = a.id
		c.e.mu.Lock()
		row.Announce = uint64(id)
		c.e.mu.Unlock()
	}
}

// suspend takes a resting row back to be checked; false when it does not rest.
func (c *control) suspend(id catalog.ID) bool {
	if c.stopping || c.table.At(id).State() != catalog.Resting {
		return false
	}
	c.move(id, catalog.Checking)
	return true
}

// failRow ends a row without a torrent by an error. source is where its
// .torrent lies; empty is looked for, in vain where no record was written yet.
func (c *control) failRow(id catalog.ID, source string, err error, locked bool) {
	row := c.table.At(id)
	if row.State() == catalog.Gone || c.stopping {
		return
	}
	if source == "" {
		source = c.folders[row.Folder].source(row)
	}
	c.e.emit(Event{Kind: EventError, InfoHash: row.Hash, Source: source, Err: err})
	c.endRow(id, err, locked)
	if locked {
		c.e.emit(Event{Kind: EventStopped, InfoHash: row.Hash, Downloaded: row.Downloaded, Uploaded: row.Uploaded})
	}
}

// endRow ends a row; locked says that it has its lock.
func (c *control) endRow(id catalog.ID, err error, locked bool) {
	row := c.table.At(id)
	f := c.folders[row.Folder]
	if row.Announce != 0 && !c.stopping {
		c.announcer.Remove(c.now(), announce.ID(row.Announce))
	}
	if locked {
		c.e.session.memory.locks.Unlock(row.Hash, f.folder)
	}
	delete(c.addresses, id)
	delete(c.restless, id)
	delete(c.byID, announce.ID(row.Announce))
	e := c.e
	e.mu.Lock()
	row.Failed = err != nil
	if row.Failed {
		f.failed++
	}
	e.mu.Unlock()
	c.move(id, catalog.Gone)
	e.mu.Lock()
	f.leave()
	e.mu.Unlock()
	c.refuse(row.Hash)
}

// endAwake ends the row of a torrent that ends. Its lock goes with its content.
func (c *control) endAwake(t *Torrent, err error) {
	c.fold(t)
	keep := t.keep.(rowKeep)
	keep.ended = true
	t.keep = keep
	c.endRow(t.row, err, false)
}

// ripen ends the rows that were served for SeedTime.
func (c *control) ripen(f *Folder, now time.Duration) {
	for len(f.ripening) > 0 && now >= f.ripening[0].at {
		id := f.ripening[0].id
		row := c.table.At(id)
		switch row.State() {
		case catalog.Awake:
			if t, _ := c.e.lookup(row.Hash); t != nil {
				c.end(t, StateStopped, nil)
			}
		case catalog.Resting, catalog.Checking:
			c.endRow(id, nil, true)
			c.e.emit(Event{Kind: EventStopped, InfoHash: row.Hash, Downloaded: row.Downloaded, Uploaded: row.Uploaded})
		case catalog.Waking, catalog.Settling:
			return // soon
		}
		f.ripening = f.ripening[1:]
	}
}

// tickRows passes time for the rows, once a second, before that of torrents.
func (c *control) tickRows(now time.Duration) {
	c.excess, c.quiet = max(0, c.quiet-quietBytes), 0
	c.e.mu.RLock()
	folders := c.folders // AddFolder appends to them
	c.e.mu.RUnlock()
	for _, f := range folders {
		c.ripen(f, now)
	}
	c.woken = 0
	c.launch()
}

// stopRows ends all rows, and keeps what they did. Torrents of rows that are
// awake have ended before. done is called elsewhere, when that is through.
func (c *control) stopRows(done func()) {
	c.e.session.checks.Go(func() {
		for i, f := range c.folders {
			f.stop(uint16(i))
		}
		done()
	})
}

// stop tells of the end of a folder's rows and writes the totals of those that
// did something. The control changes no row any more that is not Settling.
func (f *Folder) stop(number uint16) {
	e := f.engine
	for at := 0; ; at += sweepBatch {
		batch := e.rowsAt(at, sweepBatch)
		if len(batch) == 0 {
			break
		}
		for i := range batch {
			row := &batch[i]
			if row.Folder != number {
				continue
			}
			if row.Changed {
				f.total(row)
			}
			if row.State() != catalog.Gone {
				e.emitSlowly(Event{Kind: EventStopped, InfoHash: row.Hash, Downloaded: row.Downloaded, Uploaded: row.Uploaded})
			}
		}
	}
	if err := f.journal.Sync(); err != nil {
		e.emit(Event{Kind: EventError, Err: err})
	}
}

// total remembers what a row did over all runs.
func (f *Folder) total(row *catalog.Row) {
	rec, err := f.record(row.Place, nil)
	if err != nil {
		return // it is read anew the next time
	}
	rec.Uploaded += row.Uploaded
	rec.Downloaded += row.Downloaded
	_, _ = f.remember(rec) // Sync tells of what cannot be written
}

// call runs fn where the control's state lives, and waits for it, or for the end
// of ctx.
func (e *Engine) call(ctx context.Context, fn func(*control)) {
	done := make(chan struct{})
	if !e.toControl(func(c *control) { fn(c); close(done) }) {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	case <-e.Failed():
	}
}

// row copies a row that has not ended.
func (e *Engine) row(id catalog.ID) (catalog.Row, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	row := *e.control.table.At(id)
	return row, row.State() != catalog.Gone
}

// rowsAt copies up to n rows from a number on.
func (e *Engine) rowsAt(from, n int) []catalog.Row {
	e.mu.RLock()
	defer e.mu.RUnlock()
	table := &e.control.table
	var copied []catalog.Row
	for i := from; i < min(from+n, table.Rows()); i++ {
		copied = append(copied, *table.At(catalog.ID(i)))
	}
	return copied
}

// sourceOf is where the .torrent of a row lies; empty when there is no such row.
func (e *Engine) sourceOf(h metainfo.Hash) string {
	e.mu.RLock()
	id, ok := e.control.table.Find(h)
	if !ok {
		e.mu.RUnlock()
		return ""
	}
	row := *e.control.table.At(id)
	f := e.control.folders[row.Folder]
	e.mu.RUnlock()
	return f.source(&row)
}

// source is where the .torrent of a row lies, empty where that cannot be found
// out any more.
func (f *Folder) source(row *catalog.Row) string {
	f.engine.mu.RLock()
	names := f.o.Names
	f.engine.mu.RUnlock()
	if names != nil {
		return f.path(names[row.Name])
	}
	rec, err := f.record(row.Place, nil)
	if err != nil {
		return ""
	}
	return f.path(rec.Path)
}

// rowTotals is what a tracker is told of a row.
func (c *control) rowTotals(id catalog.ID) (uploaded, downloaded, left int64) {
	row := c.table.At(id)
	if t, _ := c.e.lookup(row.Hash); t != nil {
		s := t.Stats()
		return s.Uploaded, s.Downloaded, 0
	}
	return row.Uploaded, row.Downloaded, 0
}

// tiers are a torrent's trackers with those added.
func (o *AddOptions) tiers(own [][]string) [][]string {
	if len(o.Trackers) == 0 {
		return own
	}
	tiers := append([][]string(nil), own...)
	for _, url := range o.Trackers {
		tiers = append(tiers, []string{url})
	}
	return tiers
}

// onRowPeers is the control's onPeers for a row.
func (c *control) onRowPeers(id catalog.ID, url string, resp tracker.Response) {
	row := c.table.At(id)
	if row.State() == catalog.Gone {
		return
	}
	c.e.emit(Event{Kind: EventTracker, InfoHash: row.Hash, URL: url, Peers: len(resp.Peers)})
	c.meet(id, resp.Peers)
}
