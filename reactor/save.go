package reactor

import (
	"errors"
	"time"

	"spate/proto/bitfield"
)

// saveInterval is how often the resume state of a changing download is written.
// What is not in it is found again by checking the files that changed.
const saveInterval = 30 * time.Second

// save writes the resume state of a torrent that goes on.
func (c *control) save(t *Torrent) {
	if t.keep == nil {
		return
	}
	c.saving++
	c.write(t, t.had, func() {})
}

// had is Had of a torrent that goes on: its home loop knows.
func (t *Torrent) had(answer func(*bitfield.Bits)) {
	if !t.engine.shards[t.home].Loop.Post(func() { answer(t.have()) }) {
		answer(nil)
	}
}

// drained writes the last resume state of a torrent that ended; have is nil
// when it never took part.
func (c *control) drained(t *Torrent, have *bitfield.Bits) {
	switch {
	case t.keep == nil:
		c.saving--
	case have == nil:
		t.keep.Close()
		c.saving--
	default:
		c.write(t, func(answer func(*bitfield.Bits)) { answer(have) }, t.keep.Close)
	}
}

func (c *control) write(t *Torrent, had Had, then func()) {
	s := t.Stats()
	t.keep.Save(had, s.Uploaded, s.Downloaded, func(err error) {
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
