package reactor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"spate/disk"
	"spate/proto/bitfield"
	"spate/reactor/catalog"
	"spate/reactor/swarm"
)

const (
	// DefaultLookEvery is how often the files of a torrent that is served are
	// looked at: a system call each, and the longest time for which what
	// somebody writes into a file that is open here may be served.
	DefaultLookEvery = 5 * time.Second
	// lookPerFile is added for each file, so that torrents of very many cost a
	// thousandth of a processor at the most, where a look takes a microsecond.
	lookPerFile = time.Millisecond
	// lookDoublings is how often that time is doubled for a torrent whose files
	// were changed and found good all the same: one that somebody keeps writing
	// to, behind the content or the same again, is checked every 80 s at the most.
	lookDoublings = 4
	// maxLooks is how many torrents are looked at at a time: one may wait for a
	// disk, or a network, for long.
	maxLooks = 4
)

// files is the content of a torrent that has real files, nil for others.
func (t *Torrent) files() *disk.Store {
	if k, is := t.keep.(interface{ files() *disk.Store }); is {
		return k.files()
	}
	return nil
}

// look has the files of a torrent looked at that has peers to serve, when that
// was not done for a while: so a torrent that somebody comes to after hours is
// looked at within a second. A downloading one changes its files itself, and is
// looked at when it is complete.
func (c *control) look(t *Torrent, s *TorrentStats, now time.Duration) {
	files := t.files()
	if files == nil || s.Peers == 0 || s.State != StateSeeding || now < t.nextLook || c.looking >= maxLooks {
		return
	}
	c.seen(t, now)
	c.looking++
	c.e.session.checks.Go(func() {
		err := files.Look()
		c.e.toControl(func(c *control) {
			c.looking--
			if err != nil {
				c.lost(t, err)
			}
		})
	})
}

// seen notes that the files of a torrent are known as they are.
func (c *control) seen(t *Torrent, now time.Duration) {
	t.nextLook = now + c.e.cfg.LookEvery<<t.reviews + time.Duration(len(t.meta.Info.Files))*lookPerFile
}

// lost ends a torrent whose content is not, or cannot be read, as it was found.
// Files that somebody changed are checked first: they may hold the same as
// before, and a torrent that is complete still goes on.
func (c *control) lost(t *Torrent, err error) {
	switch {
	case t.ended, t.settling, errors.Is(err, disk.ErrClosed), errors.Is(err, context.Canceled):
		// It is given up already.
	case t.files() == nil:
		// Content without files, whose faults come and go: what can be read of
		// it is served.
		c.e.emit(Event{Kind: EventError, InfoHash: t.meta.InfoHash, Err: err})
	case !errors.Is(err, disk.ErrChanged) || !t.complete.Load():
		c.failed(t, err)
	case t.folder != nil:
		c.withdraw(t, func(*control, bool) { c.rested(t, false) }) // it is checked when it wakes
	default:
		t.settle(StateChecking, nil)
		c.saving++ // a stop waits for the end of the check
		c.withdraw(t, func(*control, bool) {
			t.images.Close()
			c.e.session.checks.Go(func() {
				err := c.e.review(t)
				c.e.toControl(func(c *control) { c.reviewed(t, err) })
			})
		})
	}
}

// withdraw takes a torrent off all loops, closing its peers, and then calls then
// on the control, with false.
func (c *control) withdraw(t *Torrent, then func(c *control, busy bool)) {
	c.forget(t)
	c.giveBack(t, true, then)
}

// forget lets no more peers come to a torrent.
func (c *control) forget(t *Torrent) {
	e := c.e
	e.mu.Lock()
	if t.folder != nil {
		c.table.Move(t.row, catalog.Settling)
	}
	delete(e.byHash, t.meta.InfoHash)
	e.mu.Unlock()
	c.drop(t)
}

// giveBack has every loop stop its part of a torrent, unless it has peers and is
// not to be forced. then is called on the control, and told whether one had.
func (c *control) giveBack(t *Torrent, force bool, then func(c *control, busy bool)) {
	t.settling = true
	var left atomic.Int32
	var busy atomic.Bool
	left.Store(int32(len(c.e.shards)))
	c.tell(func(s *shard) {
		switch local := t.locals[s.index]; {
		case local == nil:
		case local.Peers() > 0 && !force:
			busy.Store(true) // somebody came in between
		default:
			t.locals[s.index] = nil
			local.Stop()
		}
		if left.Add(-1) == 0 {
			c.e.toControl(func(c *control) { then(c, busy.Load()) })
		}
	})
}

// review finds out whether a torrent whose files were changed is still complete.
// It blocks.
func (e *Engine) review(t *Torrent) error {
	store := t.files()
	doubt, err := store.Relearn()
	if err != nil {
		return err
	}
	found, err := store.Check(e.session.stopping, doubt, nil)
	if err != nil {
		return err
	}
	if missing := doubt.Count() - found.Count(); missing > 0 {
		return damage(store, doubt, found)
	}
	return nil
}

// damage names the first file that a check of some pieces found at fault.
func damage(store *disk.Store, looked, found *bitfield.Bits) error {
	have := bitfield.New(looked.Len())
	for i := range have.Len() {
		if !looked.Has(i) || found.Has(i) {
			have.Set(i)
		}
	}
	for _, f := range store.Files(have) {
		if f.Status > disk.FileLonger {
			return &fs.PathError{Op: "check", Path: f.Path, Err: errors.New("content is " + f.Status.String())}
		}
	}
	return &IncompleteError{Have: have.Count(), Pieces: have.Len()}
}

// reviewed lets a torrent go on that is complete still, and ends others.
func (c *control) reviewed(t *Torrent, err error) {
	c.saving--
	t.settling = false
	switch {
	case t.ended:
	case c.stopping:
		c.end(t, StateStopped, nil)
	case err != nil:
		c.failed(t, err)
	default:
		t.lost.Store(false)
		t.reviews = min(t.reviews+1, lookDoublings)
		c.seen(t, c.now())
		c.e.furnish(t, diskStore{t.files()})
		t.images.Open()
		c.e.reattach(t)
		t.settle(StateSeeding, nil)
	}
}

// inPiece says of an error which piece it concerns, and in which file that
// begins; nil stays nil.
func inPiece(store *disk.Store, piece int, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("piece %d: %w", piece, err)
	if store == nil {
		return err
	}
	if file, _, ok := store.Single(piece, 0, 1); ok {
		err = fmt.Errorf("%s: %w", store.Path(file), err)
	}
	return err
}

// placed names the file of a swarm's error by its path.
func (t *Torrent) placed(err error) error {
	var fe *swarm.FileError
	files := t.files()
	if files == nil || !errors.As(err, &fe) {
		return err
	}
	return &fs.PathError{Op: "read", Path: files.Path(fe.File), Err: fe.Err}
}
