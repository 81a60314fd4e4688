package reactor

import (
	"context"
	"errors"
	"fmt"

	"spate/disk"
	"spate/disk/journal"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/reactor/catalog"
)

// errReplaced says that a .torrent is another one than that which was added.
var errReplaced = errors.New("was replaced by another torrent; start again to serve that")

// examine checks the content of a row that is Checking, and lets it rest or
// ends it.
func (f *Folder) examine(ctx context.Context, id catalog.ID, rec *catalog.Record, meta *metainfo.Torrent) {
	e := f.engine
	have, err := f.verify(ctx, rec, meta)
	var place journal.Place
	if err == nil {
		place, err = f.remember(rec)
	}
	if ctx.Err() != nil {
		return // the engine ends, and the row with it
	}
	if err == nil {
		f.settle(ctx, []arrival{{rec: rec, place: place, id: id}})
	}
	if have != nil { // and whoever hears that can ask
		e.emitSlowly(Event{Kind: EventChecked, InfoHash: meta.InfoHash, Have: have.Count(), Pieces: have.Len()})
	}
	if err != nil {
		e.toControl(func(c *control) { c.failRow(id, f.path(rec.Path), err, true) })
	}
}

// again reads the .torrent of a row that is Checking once more, and checks its
// content; rec is nil where that cannot be read.
func (f *Folder) again(ctx context.Context, id catalog.ID, rec *catalog.Record) {
	e := f.engine
	if rec == nil {
		e.toControl(func(c *control) { c.failRow(id, "", journal.ErrPlace, true) })
		return
	}
	meta, err := f.reload(rec)
	if err != nil {
		e.toControl(func(c *control) { c.failRow(id, f.path(rec.Path), err, true) })
		return
	}
	f.examine(ctx, id, rec, meta)
}

// reload reads the .torrent of a record.
func (f *Folder) reload(rec *catalog.Record) (*metainfo.Torrent, error) {
	meta, err := f.o.Load(f.path(rec.Path))
	if err != nil {
		return nil, err
	}
	if meta.InfoHash != rec.InfoHash {
		return nil, fmt.Errorf("%s: %w", f.path(rec.Path), errReplaced)
	}
	return meta, nil
}

// verify finds out whether all of a torrent's content is there, by what was
// remembered of it as far as the files are so, and by reading the rest. It
// updates rec, and returns the pieces that are there. With NoCheck it only looks what the files are like, and what has
// changed is in doubt, and what is there is not known.
func (f *Folder) verify(ctx context.Context, rec *catalog.Record, meta *metainfo.Torrent) (have *bitfield.Bits, err error) {
	store, err := f.engine.session.disk.Open(meta, f.folder)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	stamps, err := store.Stamps()
	if err != nil {
		return nil, err
	}
	if f.o.NoCheck {
		setFiles(rec, store, stamps)
		rec.Doubt = true
		return nil, nil
	}
	if have, err = f.found(ctx, rec, store, stamps); err != nil {
		return nil, err
	}
	if !have.All() {
		return have, &IncompleteError{Have: have.Count(), Pieces: have.Len()}
	}
	// What was found may be in memory only, and must not be believed after a
	// power cut that took it.
	if err := store.Sync(); err != nil {
		return have, err
	}
	setFiles(rec, store, stamps)
	rec.Doubt = false
	return have, nil
}

// found is the pieces that are there.
func (f *Folder) found(ctx context.Context, rec *catalog.Record, store *disk.Store, stamps []vfs.Stamp) (*bitfield.Bits, error) {
	state := remembered(rec, store)
	if state == nil {
		var err error
		state, err = f.engine.session.memory.dir.Load(rec.InfoHash, f.folder)
		if err != nil {
			if !errors.Is(err, resume.ErrNone) {
				f.engine.emit(Event{Kind: EventError, InfoHash: rec.InfoHash, Source: f.path(rec.Path), Err: err})
			}
			return store.Check(ctx, nil, nil)
		}
		rec.Uploaded, rec.Downloaded = state.Uploaded, state.Downloaded
	}
	return completed(ctx, store, state, stamps)
}

// remembered is what a record says of the content, nil where it says nothing.
func remembered(rec *catalog.Record, store *disk.Store) *resume.State {
	if rec.Doubt || len(rec.Files) != store.Layout().Files() {
		return nil
	}
	state := &resume.State{Have: bitfield.New(store.Layout().Pieces())}
	state.Have.SetAll()
	for i := range rec.Files {
		state.Files = append(state.Files, rec.Files[i].Stamp)
	}
	return state
}

// setFiles records what the content's files are like.
func setFiles(rec *catalog.Record, store *disk.Store, stamps []vfs.Stamp) {
	rec.Files = make([]catalog.File, len(stamps))
	for i := range stamps {
		rec.Files[i].Stamp = stamps[i]
		if l := store.Layout(); l.Stored(i) {
			rec.Files[i].Path = l.Name(i)
		}
	}
}

// maxExamined is how many rows are checked at a time whose content is not as
// recorded; each check uses all hashers.
const maxExamined = 2

// examine runs check once there is room for it.
func (s *session) examine(check func(context.Context)) {
	s.checks.Go(func() {
		select {
		case s.folders <- struct{}{}:
			check(s.stopping)
			<-s.folders
		case <-s.stopping.Done():
		}
	})
}
