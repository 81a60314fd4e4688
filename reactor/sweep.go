package reactor

import (
	"context"
	"os"
	"runtime/debug"
	"slices"
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
	// freshBatch is how many .torrents are read before their content is checked:
	// a few tens of megabytes, if they are large.
	freshBatch = 64
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
	batches := slices.Collect(slices.Chunk(indexes(f.o.Names), sweepBatch))
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
	slices.Sort(fresh.list)
	for batch := range slices.Chunk(fresh.list, freshBatch) {
		if ctx.Err() == nil {
			f.readNew(ctx, batch)
		}
	}
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
	if err != nil || !rec.Stamp.Same(stamp) || rec.Path != f.o.Names[i] {
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
			e.toControl(func(c *control) { c.failRow(id, f.path(a.rec.Path), err, false) })
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

// readNew reads .torrents that the journal does not know, checks their content,
// and makes them rows. What is refused is told in order, before any check.
func (f *Folder) readNew(ctx context.Context, numbers []int) {
	type reading struct {
		meta  *metainfo.Torrent
		stamp vfs.Stamp
		err   error
	}
	read := make([]reading, len(numbers))
	each(ctx, indexes(numbers), func(i int) {
		path := f.path(f.o.Names[numbers[i]])
		// Before reading it: a change in between is found by the next start.
		read[i].stamp, _ = stampOf(path) // Load meets the same error, and words it
		read[i].meta, read[i].err = f.o.Load(path)
	})
	if ctx.Err() != nil {
		return
	}
	var rows []arrival
	var metas []*metainfo.Torrent
	for i, r := range read {
		name := f.o.Names[numbers[i]]
		if r.err != nil {
			f.o.Refuse(f.path(name), r.err)
			continue
		}
		rows = append(rows, arrival{name: int32(numbers[i]), rec: newRecord(r.meta, name, r.stamp)})
		metas = append(metas, r.meta)
	}
	f.arrive(ctx, rows)
	each(ctx, indexes(rows), func(i int) {
		if a := &rows[i]; a.err == nil {
			f.examine(ctx, a.id, a.rec, metas[i])
		}
	})
}

// indexes are the indexes of a slice.
func indexes[T any](items []T) []int {
	all := make([]int, len(items))
	for i := range all {
		all[i] = i
	}
	return all
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
		if stamp, err := f.data.Stat(file.Path); err != nil || !stamp.Same(file.Stamp) {
			return false
		}
	}
	return true
}
