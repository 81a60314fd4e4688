package reactor

import (
	"context"
	"net/netip"
	"slices"

	"spate/disk"
	"spate/disk/journal"
	"spate/proto/metainfo"
	"spate/reactor/announce"
	"spate/reactor/catalog"
	"spate/reactor/swarm"
)

const (
	// maxLoading is how many rows are loaded at a time: each waits for a disk,
	// with a thread of its own then.
	maxLoading = 16
	// wakesPerTick is how many rows wake between two ticks at most: what nobody
	// stays for is given up by the tick only.
	wakesPerTick = 4096
	// maxAddressed is how many rows wait at a time for peers to be dialed, and
	// maxAddresses how many a row remembers of them.
	maxAddressed = 256
	maxAddresses = 50
)

// loaded is a row's torrent, read from disk.
type loaded struct {
	meta    *metainfo.Torrent
	rec     *catalog.Record
	store   *disk.Store
	changed bool // the content is not as recorded
	err     error
}

// load reads what a row needs to be served.
func (f *Folder) load(place journal.Place) (l loaded) {
	if l.rec, l.err = f.record(place, nil); l.err != nil {
		return l
	}
	if l.meta, l.err = f.reload(l.rec); l.err != nil {
		return l
	}
	if l.store, l.err = f.engine.session.disk.Open(l.meta, f.folder); l.err != nil {
		return l
	}
	stamps, err := l.store.Stamps()
	if err != nil {
		l.err = err
	}
	l.changed = len(stamps) != len(l.rec.Files)
	for i := range stamps {
		l.changed = l.changed || !stamps[i].Same(l.rec.Files[i].Stamp)
	}
	if l.err != nil || l.changed {
		_ = l.store.Close() // nothing was written
		l.store = nil
	}
	return l
}

// rowKeep keeps the content of a row's torrent. What is remembered of it stands
// in the folder's journal.
type rowKeep struct {
	torrent *Torrent
	store   *disk.Store
	ended   bool // the row has ended: its lock is given back
}

// Save implements Keeper. It has nothing to write, and ends elsewhere, since Close
// waits.
func (k rowKeep) Save(_ Had, _, _ int64, done func(error)) {
	k.torrent.engine.session.checks.Go(func() { done(nil) })
}

func (k rowKeep) files() *disk.Store { return k.store }

// Close implements Keeper.
func (k rowKeep) Close() {
	_ = k.store.Close() // nothing was written
	if t := k.torrent; k.ended {
		t.engine.session.memory.locks.Unlock(t.meta.InfoHash, t.folder.folder)
	}
}

// asked answers a loop that has peers for a row.
func (c *control) asked(h metainfo.Hash, loop int) {
	id, ok := c.table.Find(h)
	if !ok {
		c.e.shards[loop].resume(h) // it has ended, or been added meanwhile
		return
	}
	switch c.table.At(id).State() {
	case catalog.Checking:
		c.refuse(h)
	case catalog.Resting:
		c.wake(id)
	case catalog.Waking:
		// All loops are told once it is awake.
	case catalog.Settling:
		c.restless[id] = struct{}{}
	case catalog.Awake:
		c.e.shards[loop].resume(h)
	}
}

// wake has a resting row loaded.
func (c *control) wake(id catalog.ID) {
	c.move(id, catalog.Waking)
	c.waking = append(c.waking, id)
	c.launch()
}

// launch loads rows as far as the limits allow.
func (c *control) launch() {
	for len(c.waking) > 0 && c.loading < maxLoading && c.woken < wakesPerTick {
		id := c.waking[0]
		c.waking = c.waking[1:]
		row := c.table.At(id)
		if row.State() != catalog.Waking {
			continue // it has ended
		}
		c.loading++
		c.woken++
		f, place := c.folders[row.Folder], row.Place
		c.e.session.checks.Go(func() {
			l := f.load(place)
			c.e.toControl(func(c *control) { c.loaded(id, l) })
		})
	}
}

// loaded makes a torrent of a row, or finds that it cannot be one.
func (c *control) loaded(id catalog.ID, l loaded) {
	c.loading--
	row := c.table.At(id)
	f := c.folders[row.Folder]
	switch {
	case c.stopping || row.State() != catalog.Waking:
		if l.store != nil {
			_ = l.store.Close()
		}
		c.refuse(row.Hash)
	case l.err != nil:
		c.failRow(id, "", l.err, true)
	case l.changed:
		c.move(id, catalog.Checking)
		c.refuse(row.Hash)
		c.e.session.examine(func(ctx context.Context) { f.again(ctx, id, l.rec) })
	default:
		c.revive(id, f, l)
	}
	c.launch()
}

// revive gives a row its torrent.
func (c *control) revive(id catalog.ID, f *Folder, l loaded) {
	row := c.table.At(id)
	o := f.o.AddOptions
	o.Peers = c.addresses[id]
	delete(c.addresses, id)
	o.SeedTime = 0 // the folder's rows ripen in turn
	t := c.e.newTorrent(l.meta, o)
	t.row, t.folder, t.source = id, f, f.path(l.rec.Path)
	t.sent, t.received = row.Uploaded, row.Downloaded
	t.rate.lastUp, t.rate.lastDown = t.sent, t.received
	t.announce, t.known = announce.ID(row.Announce), row.Announce != 0
	t.keep = rowKeep{torrent: t, store: l.store}
	var store swarm.Store = diskStore{l.store}
	if l.rec.Doubt {
		s := c.e.session
		store = newDoubtful(store, l.meta.Info, func(piece int) error {
			return inPiece(l.store, piece, verifyPiece(s.stopping, l.store, piece))
		}, s.checks.Go)
	}
	c.e.furnish(t, store)
	c.e.attach(t, nil)
}

// awoke tells all loops that a row's torrent is there.
func (c *control) awoke(t *Torrent) {
	c.move(t.row, catalog.Awake)
	c.tell(func(s *shard) { s.resume(t.meta.InfoHash) })
}

// refuse closes the peers that wait for a torrent.
func (c *control) refuse(h metainfo.Hash) { c.tell(func(s *shard) { s.refuse(h) }) }

// tell runs fn on every loop.
func (c *control) tell(fn func(*shard)) {
	for _, s := range c.e.shards {
		s.Loop.Post(func() { fn(s) })
	}
}

// move brings a row to another state, for others to see.
func (c *control) move(id catalog.ID, to catalog.State) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	row := c.table.At(id)
	c.e.states[stateOf(row)].Add(-1)
	c.table.Move(id, to)
	c.e.states[stateOf(row)].Add(1)
}

// stateOf is where the torrent of a row stands.
func stateOf(row *catalog.Row) State {
	switch {
	case row.State() == catalog.Checking:
		return StateChecking
	case row.State() != catalog.Gone:
		return StateSeeding
	case row.Failed:
		return StateFailed
	}
	return StateStopped
}

// meet passes on addresses that a tracker gave for a row.
func (c *control) meet(id catalog.ID, addrs []netip.AddrPort) {
	row := c.table.At(id)
	if t, _ := c.e.lookup(row.Hash); t != nil {
		c.e.AddPeers(t, addrs...)
		return
	}
	if row.State() == catalog.Resting && len(addrs) > 0 && len(c.addresses) < maxAddressed {
		c.addresses[id] = slices.Clone(addrs[:min(len(addrs), maxAddresses)])
		c.wake(id)
	}
}
