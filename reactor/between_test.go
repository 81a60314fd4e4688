package reactor

import (
	"context"
	"crypto/sha1"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"spate/proto/metainfo"
)

// patience bounds what is waited for.
const patience = time.Minute

// between is an engine on real files to which something happens in between.
type between struct {
	*testing.T
	*Engine
}

// interrupted starts an engine with two loops that calls at when the content of a
// torrent has been checked, before the torrent takes part. The torrents are at
// home on the loops in turn, the first on that of the control.
func interrupted(t *testing.T, at func(*between, metainfo.Hash)) *between {
	t.Helper()
	e, err := New(Config{Loops: 2, StateDir: t.TempDir(), NoTrackers: true})
	if err != nil {
		t.Fatal(err)
	}
	b := &between{t, e}
	put := e.parts.Emit
	e.parts.Emit = func(ev Event) {
		if put(ev); ev.Kind == EventChecked {
			at(b, ev.InfoHash)
		}
	}
	return b
}

// seed adds a torrent with its content.
func (b *between) seed(name string) *Torrent {
	b.Helper()
	folder := b.TempDir()
	data := []byte(name)
	sum := sha1.Sum(data)
	meta, err := (&metainfo.Builder{
		Name: "f", PieceLength: 16 << 10, Pieces: sum[:],
		Files: []metainfo.File{{Path: []string{"f"}, Length: int64(len(data))}},
	}).Build()
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "f"), data, 0o600)
	}
	var t *Torrent
	if err == nil {
		t, err = b.Add(meta, AddOptions{Dir: folder, SeedOnly: true})
	}
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// control runs fn with the control, and returns when it has; false when the
// loops have ended.
func (b *between) control(fn func(*control)) bool {
	ran := make(chan struct{})
	if !b.toControl(func(c *control) { fn(c); close(ran) }) {
		return false
	}
	<-ran
	return true
}

// stop wants the engine to stop.
func (b *between) stop() {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.Stop(ctx); err != nil || ctx.Err() != nil {
		b.Errorf("stop: %v, %v", err, ctx.Err())
	}
}

// absent wants nobody to know of a torrent that was removed.
func (b *between) absent(t *Torrent) {
	b.Helper()
	b.control(func(c *control) {
		if slices.Contains(c.torrents, t) {
			b.Error("the control has it")
		}
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byHash[t.meta.InfoHash] != nil {
		b.Error("peers find it")
	}
}

// TestStoppedWhenChecked: what a check has found is kept, even if the engine is
// stopped before the torrent takes part.
func TestStoppedWhenChecked(t *testing.T) {
	checked := make(chan struct{})
	b := interrupted(t, func(b *between, _ metainfo.Hash) {
		close(checked)
		for stopping := false; !stopping; {
			if !b.control(func(c *control) { stopping = c.stopping }) {
				b.Error("the loops ended first")
				return
			}
		}
	})
	seed := b.seed("one")
	<-checked
	b.stop()
	c := seed.keep.(*content)
	state, err := c.memory.dir.Load(seed.meta.InfoHash, c.folder)
	if err != nil || !state.Have.All() {
		t.Errorf("state: %+v, %v", state, err)
	}
}

// TestRemovedWhenChecked: a torrent that is removed before it takes part never
// does.
func TestRemovedWhenChecked(t *testing.T) {
	b := interrupted(t, func(b *between, h metainfo.Hash) {
		b.control(func(c *control) { c.end(c.reserved[h], StateStopped, nil) })
	})
	gone := b.seed("one")
	b.session.checks.Wait()
	b.absent(gone)
	b.stop()
}

// TestRemovedWhenAttached: a torrent is removed that its home loop has already,
// while the control is about to hear so.
func TestRemovedWhenAttached(t *testing.T) {
	checked := 0
	attached := make(chan struct{})
	b := interrupted(t, func(b *between, h metainfo.Hash) {
		if checked++; checked == 2 {
			b.toControl(func(c *control) {
				<-attached
				c.end(c.reserved[h], StateStopped, nil)
			})
		}
	})
	<-b.seed("one").Complete()
	gone := b.seed("two")
	for there := false; !there; time.Sleep(time.Millisecond) {
		b.mu.Lock()
		there = b.byHash[gone.meta.InfoHash] == gone
		b.mu.Unlock()
	}
	close(attached)
	<-gone.Done()
	b.absent(gone)
	b.stop()
}
