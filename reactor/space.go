package reactor

import (
	"errors"
	"syscall"
	"time"
)

const (
	// DefaultSpaceEvery is how often a download that its disk had no room for
	// looks whether there is some.
	DefaultSpaceEvery = 5 * time.Second
	// enoughSpace is how much room lets it go on, in bytes, unless it needs less:
	// more than what is under way at a time in most downloads, so that the disk
	// is not full again before anything is written.
	enoughSpace = 64 << 20
)

// passing tells whether what made a write fail may end by itself: no room on the
// disk, or descriptors or memory that others have.
func passing(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || scarce(err)
}

// scarce tells whether err says that the system was short of descriptors or
// memory.
func scarce(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// halt lets a download wait whose loop has stopped it since storage failed. It
// says so once: a disk that is full again soon is the same one.
func (c *control) halt(t *Torrent, err error) {
	if t.ended {
		return
	}
	if !t.halted {
		c.e.emit(Event{Kind: EventError, InfoHash: t.meta.InfoHash, Err: err})
	}
	t.halted = true
	t.nextTry = c.now() + c.e.cfg.SpaceEvery
	t.settle(StateDownloading, err)
}

// retry has a download that waits look for room, when it is time.
func (c *control) retry(t *Torrent, s *TorrentStats, now time.Duration) {
	if t.nextTry == 0 || now < t.nextTry {
		return
	}
	t.nextTry = 0
	need := min(s.Length-s.Done, enoughSpace)
	files := t.files()
	if files == nil || !errors.Is(s.Err, syscall.ENOSPC) {
		c.proceed(t)
		return
	}
	c.e.session.checks.Go(func() {
		free, err := files.Room()
		c.e.toControl(func(c *control) {
			switch {
			case t.ended:
			case err == nil && free < need:
				t.nextTry = c.now() + c.e.cfg.SpaceEvery
			default: // where the system does not tell, trying does
				c.proceed(t)
			}
		})
	})
}

// proceed has a download that waits try to write again.
func (c *control) proceed(t *Torrent) {
	c.e.shards[t.home].Loop.Post(func() {
		if local := t.locals[t.home]; local != nil {
			local.Resume()
		}
	})
}

// resumed notes that a download that waited goes on.
func (c *control) resumed(t *Torrent) {
	if !t.ended {
		t.settle(StateDownloading, nil)
	}
}
