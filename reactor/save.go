package reactor

import (
	"errors"
	"time"

	"spate/proto/bitfield"
)

// keeper keeps a torrent's files and resume state. save and close run
// elsewhere and call done when they are through.
type keeper interface {
	save(have *bitfield.Bits, uploaded, downloaded int64, done func(error))
	close()
}

// saveInterval is how often the resume state of a changing download is written.
// What is not in it is found again by checking the files that changed.
const saveInterval = 30 * time.Second

// save writes the resume state of a torrent that goes on: what is had is asked
// of the home loop, the rest happens off the loops.
func (c *control) save(t *Torrent) {
	if t.keep == nil {
		return
	}
	c.saving++
	c.e.shards[t.home].Loop.Post(func() {
		have := t.have()
		c.e.toControl(func(c *control) { c.write(t, have, func() {}) })
	})
}

// drained writes the last resume state of a torrent that ended; have is nil
// when it never took part.
func (c *control) drained(t *Torrent, have *bitfield.Bits) {
	switch {
	case t.keep == nil:
		c.saving--
	case have == nil:
		t.keep.close()
		c.saving--
	default:
		c.write(t, have, t.keep.close)
	}
}

func (c *control) write(t *Torrent, have *bitfield.Bits, then func()) {
	s := t.Stats()
	t.keep.save(have, s.Uploaded, s.Downloaded, func(err error) {
		then()
		c.e.toControl(func(c *control) {
			c.saving--
			c.kept(t, err)
		})
	})
}

// kept tells of state that could not be saved: once for each cause, since it is
// tried time and again, and not where the torrent failed, by the same disk in
// all likelihood. Where it is the content that cannot be relied on, the torrent
// fails.
func (c *control) kept(t *Torrent, err error) {
	was := t.unkept
	t.unkept = ""
	if err == nil {
		return
	}
	if unsafe := (*unsafeError)(nil); errors.As(err, &unsafe) {
		if c.failed(t, err); t.Err() == nil {
			c.e.emit(Event{Kind: EventError, InfoHash: t.meta.InfoHash, Err: err})
			t.spoil(err)
		}
		return
	}
	if t.unkept = err.Error(); t.unkept != was && t.Err() == nil {
		c.e.emit(Event{Kind: EventError, InfoHash: t.meta.InfoHash, Err: err})
	}
}
