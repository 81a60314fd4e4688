package reactor

import (
	"context"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"spate/disk/journal"
	"spate/disk/vfs"
	"spate/proto/metainfo"
	"spate/reactor/catalog"
)

const (
	// sweepers is how many goroutines look at a folder at a time: enough to
	// keep the disk busy that they wait for, each with a thread of its own then.
	sweepers = 4
	// sweepBatch is how many torrents become rows in one turn of the first
	// loop: some hundred microseconds.
	sweepBatch = 256
	// sweepGarbage is from how many torrents on the memory of a sweep is given
	// back to the system at once, which takes milliseconds.
	sweepGarbage = 1000
)

// arrival is a torrent on its way into the catalogue.
type arrival struct {
	name  int32 // its number in FolderOptions.Names
	rec   *catalog.Record
	place journal.Place
	id    catalog.ID
	err   error // why it did not become a row, or ended at once
}

// sweep turns the folder into rows: first what the journal knows, then the rest.
// Then it looks at the content of the former.
func (f *Folder) sweep(ctx context.Context) {
	e := f.engine
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		f.leave()
	}()
	var known, fresh gathering
	var batches [][]int
	for at := 0; at < len(f.o.Names); at += sweepBatch {
		batch := make([]int, 0, sweepBatch)
		for i := at; i < min(at+sweepBatch, len(f.o.Names)); i++ {
			batch = append(batch, i)
		}
		batches = append(batches, batch)
	}
	each(ctx, batches, func(batch []int) {
		var tiers catalog.Tiers // few are shared by batches and many within one
		rows := make([]arrival, 0, len(batch))
		for _, i := range batch {
			if a, ok := f.recall(i, &tiers); ok {
				rows = append(rows, a)
			} else {
				fresh.add(i)
			}
		}
		f.arrive(ctx, rows)
		f.settle(ctx, rows)
		for _, a := range rows {
			if a.err == nil {
				known.add(int(a.id))
			}
		}
	})
	f.places = nil
	if len(known.list) >= sweepGarbage {
		debug.FreeOSMemory()
	}
	each(ctx, fresh.list, func(i int) { f.readNew(ctx, i) })
	e.mu.Lock()
	f.o.Names = nil // the journal has them
	e.mu.Unlock()
	if !f.o.NoCheck {
		each(ctx, known.list, func(id int) { f.audit(ctx, catalog.ID(id)) })
	}
	if err := f.journal.Sync(); err != nil {
		e.emit(Event{Kind: EventError, Err: err})
	}
	if e.Stats().Torrents >= sweepGarbage {
		debug.FreeOSMemory()
	}
}

// gathering is numbers that several goroutines gather.
type gathering struct {
	mu   sync.Mutex
	list []int
}

func (g *gathering) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, n)
}

// each calls do for every item, on sweepers goroutines, until ctx ends.
func each[T any](ctx context.Context, items []T, do func(T)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(sweepers, len(items)) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				do(items[i])
			}
		})
	}
	all.Wait()
}

// recall returns what the journal knows of a file, if that is still the same.
func (f *Folder) recall(i int, tiers *catalog.Tiers) (arrival, bool) {
	if f.places[i].Len == 0 {
		return arrival{}, false
	}
	stamp, err := stampOf(f.path(f.o.Names[i]))
	if err != nil {
		return arrival{}, false // reading it meets the same error, and tells it
	}
	rec, err := f.record(f.places[i], tiers)
	if err != nil || rec.Stamp != stamp || rec.Path != f.o.Names[i] {
		return arrival{}, false
	}
	return arrival{name: int32(i), rec: rec, place: f.places[i]}, true
}

// stampOf looks at a .torrent, which may be a link to one.
func stampOf(path string) (vfs.Stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return vfs.Stamp{}, err
	}
	return vfs.Stamp{Size: info.Size(), ModTime: info.ModTime().UnixNano()}, nil
}

// arrive enters torrents as rows and takes their locks. Those that did not become
// rows have an error afterwards, and those whose lock another process has have
// ended by it.
func (f *Folder) arrive(ctx context.Context, rows []arrival) {
	e := f.engine
	e.call(ctx, func(c *control) { c.enter(f, rows) })
	for i := range rows {
		a := &rows[i]
		if a.err == nil && a.id < 0 {
			a.err = ctx.Err() // the engine ends
			continue
		}
		if twin, twice := a.err.(*ErrExists); twice {
			twin.As = e.sourceOf(twin.Hash)
			f.o.Refuse(f.path(a.rec.Path), twin)
			continue
		}
		e.emitSlowly(Event{
			Kind: EventAdded, InfoHash: a.rec.InfoHash, Source: f.path(a.rec.Path), Name: a.rec.Name,
			Length: a.rec.Length, Pieces: a.rec.Pieces, PieceLength: a.rec.PieceLength,
		})
		if a.err = e.session.memory.locks.Lock(a.rec.InfoHash, f.folder); a.err != nil {
			id, err := a.id, a.err
			e.toControl(func(c *control) { c.failRow(id, err, false) })
		}
	}
}

// settle lets rows that have no error be asked for, and returns when they can
// be.
func (f *Folder) settle(ctx context.Context, rows []arrival) {
	f.engine.call(ctx, func(c *control) {
		for i := range rows {
			if a := &rows[i]; a.err == nil {
				c.settle(a)
			}
		}
	})
}

// readNew reads a .torrent that the journal does not know, checks its content, and
// makes it a row.
func (f *Folder) readNew(ctx context.Context, number int) {
	name := f.o.Names[number]
	// Before reading it: a change in between is found by the next start.
	stamp, _ := stampOf(f.path(name)) // Load meets the same error, and words it
	meta, err := f.o.Load(f.path(name))
	if err != nil {
		f.o.Refuse(f.path(name), err)
		return
	}
	rows := []arrival{{name: int32(number), rec: newRecord(meta, name, stamp)}}
	a := &rows[0]
	f.arrive(ctx, rows)
	if a.err != nil {
		return
	}
	f.examine(ctx, a.id, a.rec, meta)
}

// newRecord is what is to be remembered of a torrent, before its content was
// looked at.
func newRecord(meta *metainfo.Torrent, name string, stamp vfs.Stamp) *catalog.Record {
	return &catalog.Record{
		InfoHash: meta.InfoHash, Path: name, Stamp: stamp, Name: meta.Info.Name,
		Length: meta.Info.Length, PieceLength: meta.Info.PieceLength, Pieces: meta.Info.NumPieces(),
		Tiers: meta.Tiers,
	}
}

// audit looks at the files of a row that was believed, and has it checked when
// they are not as recorded.
func (f *Folder) audit(ctx context.Context, id catalog.ID) {
	e := f.engine
	row, ok := e.row(id)
	if !ok {
		return
	}
	rec, err := f.record(row.Place, nil)
	if err == nil && !rec.Doubt && f.unchanged(rec) {
		e.emitSlowly(Event{Kind: EventChecked, InfoHash: rec.InfoHash, Have: rec.Pieces, Pieces: rec.Pieces})
		return
	}
	var suspended bool
	e.call(ctx, func(c *control) { suspended = c.suspend(id) })
	if suspended {
		f.again(ctx, id, rec)
	}
}

// unchanged tells whether the content's files are as recorded.
func (f *Folder) unchanged(rec *catalog.Record) bool {
	for i := range rec.Files {
		file := &rec.Files[i]
		if file.Path == "" {
			continue
		}
		if stamp, err := f.data.Stat(file.Path); err != nil || stamp != file.Stamp {
			return false
		}
	}
	return true
}
