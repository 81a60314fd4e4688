package reactor

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"path"
	"path/filepath"

	"spate/disk/journal"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/proto/metainfo"
	"spate/reactor/catalog"
	"spate/reactor/loop"
)

// FolderOptions name torrents that are served out of a folder of .torrent
// files.
type FolderOptions struct {
	// Path is the folder of .torrent files.
	Path string
	// Names are the files, slash-separated below Path, each once.
	Names []string
	// Load reads and parses a .torrent; path is Path joined with a name. It is
	// called by several goroutines.
	Load func(path string) (*metainfo.Torrent, error)
	// Refuse is told of files that are left out, by several goroutines: what
	// Load failed with, or a *ErrExists.
	Refuse func(path string, err error)
	// AddOptions hold for each torrent. Of them Select, Sequential and Peers
	// mean nothing here, and SeedOnly is implied.
	AddOptions
}

// ErrNoState refuses a folder where no state is kept.
var ErrNoState = errors.New("a folder of torrents needs a state folder")

// maxJournals is how many processes may serve the same folder from the same
// data folder at a time. Each has a journal of its own; more than one makes sense
// only while another ends.
const maxJournals = 8

// Folder is the torrents of one folder. Its methods may be called from any
// goroutine.
type Folder struct {
	engine  *Engine
	o       FolderOptions
	number  uint16 // in control.folders
	folder  string // the data folder, canonical
	data    vfs.FS // the same
	journal *journal.Journal
	crowd   bool            // trackers are asked for no peers of rows
	places  []journal.Place // by name, of what the journal knows; until the sweep has ended

	// Guarded by Engine.mu.
	left   int // torrents that have not ended, and the sweep
	failed int
	done   chan struct{}

	ripening []ripe // torrents in the order in which SeedTime ends them; owned by the control
}

// AddFolder serves torrents that are complete, each a row of package catalog
// until somebody asks for it. It returns when it is known what the state folder
// remembers of them; the rest happens by itself, and is told by events. What
// the journal knows, by name, size and time of the .torrent, is served at once,
// and its content is looked at afterwards; everything else is read and checked
// first.
func (e *Engine) AddFolder(o FolderOptions) (*Folder, error) {
	s := e.session
	if s == nil || s.memory == nil {
		return nil, ErrNoState
	}
	o.SeedOnly = true
	f := &Folder{engine: e, o: o, done: make(chan struct{}), left: 1, crowd: len(o.Names) > dialRows}
	var err error
	if f.folder, err = resume.Canonical(o.Dir); err != nil {
		return nil, err
	}
	f.data = vfs.Dir(f.folder)
	if err := f.open(s.memory); err != nil {
		return nil, err
	}
	e.mu.Lock()
	if e.stopped {
		e.mu.Unlock()
		f.close()
		return nil, loop.ErrClosed
	}
	f.number = uint16(len(e.control.folders))
	e.control.folders = append(e.control.folders, f)
	e.control.table.Grow(len(o.Names))
	e.mu.Unlock()
	s.checks.Go(func() { f.sweep(s.stopping) })
	return f, nil
}

// open opens a journal that no other process has, and finds what it knows of
// the names.
func (f *Folder) open(m *memory) error {
	from, err := resume.Canonical(f.o.Path)
	if err != nil {
		return err
	}
	for n := range maxJournals {
		key := metainfo.Hash(sha1.Sum(fmt.Appendf(nil, "%s\x00%s\x00%d", from, f.folder, n)))
		err := m.locks.Lock(key, f.folder)
		if locked := (*resume.LockedError)(nil); errors.As(err, &locked) {
			continue
		}
		if err != nil {
			return err
		}
		return f.read(m.fs, key.String()+".rows")
	}
	return fmt.Errorf("%s: served by %d processes already", f.o.Path, maxJournals)
}

// read sweeps the journal. One that is of no use is begun anew: all of it can be
// found out again.
func (f *Folder) read(fs vfs.FS, name string) (err error) {
	numbers := make(map[string]int32, len(f.o.Names))
	for i, name := range f.o.Names {
		numbers[name] = int32(i)
	}
	f.places = make([]journal.Place, len(f.o.Names))
	f.journal, err = journal.Open(fs, name, func(at journal.Place, record []byte) {
		if path, ok := catalog.RecordPath(record); ok {
			if i, ok := numbers[string(path)]; ok {
				f.places[i] = at
			}
		}
	})
	if errors.Is(err, journal.ErrFormat) {
		f.engine.emit(Event{Kind: EventError, Err: err})
		f.journal, err = journal.Create(fs, name)
	}
	if err != nil {
		return err
	}
	return f.compact()
}

// spareJournal is how many bytes of a journal may be of no use any more, beyond
// as many as are.
const spareJournal = 1 << 20

// compact rids the journal of what was replaced or is not in the folder.
func (f *Folder) compact() error {
	var live []journal.Place
	var bytes int64
	for _, p := range f.places {
		if p.Len > 0 {
			live = append(live, p)
			bytes += int64(p.Len)
		}
	}
	if f.journal.Size() <= 2*bytes+spareJournal {
		return nil
	}
	if err := f.journal.Compact(live); err != nil {
		return err
	}
	next := 0
	for i := range f.places {
		if f.places[i].Len > 0 {
			f.places[i] = live[next]
			next++
		}
	}
	return nil
}

// path is where a .torrent lies, as the user sees it.
func (f *Folder) path(name string) string {
	return filepath.Join(f.o.Path, filepath.FromSlash(path.Clean(name)))
}

// record reads what is remembered of a row.
func (f *Folder) record(place journal.Place, shared *catalog.Tiers) (*catalog.Record, error) {
	b, err := f.journal.Read(place, nil)
	if err != nil {
		return nil, err
	}
	return catalog.Decode(b, shared)
}

// remember appends what is known of a row.
func (f *Folder) remember(r *catalog.Record) (journal.Place, error) {
	return f.journal.Append(r.AppendTo(nil))
}

// leave counts a torrent, or the sweep, as through; Engine.mu is held.
func (f *Folder) leave() {
	if f.left--; f.left == 0 {
		close(f.done)
	}
}

// Done is closed once every torrent has ended.
func (f *Folder) Done() <-chan struct{} { return f.done }

// Failed is the number of torrents that ended by an error.
func (f *Folder) Failed() int {
	f.engine.mu.RLock()
	defer f.engine.mu.RUnlock()
	return f.failed
}

// close gives the journal back.
func (f *Folder) close() {
	_ = f.journal.Close() // what matters was synced
	_ = f.data.Close()
}
