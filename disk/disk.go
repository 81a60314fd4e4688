package disk

import (
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"spate/disk/layout"
	"spate/disk/vfs"
	"spate/proto/metainfo"
)

const (
	// DefaultQueueBytes is how many bytes of pieces wait for hasher and writer
	// before QueuedBytes asks for less: half a second of a fast disk.
	DefaultQueueBytes = 256 << 20
	// DefaultReaders bounds the goroutines that read for cold requests: the
	// depth at which common SSDs reach their rate, and more than a disk that
	// turns can use.
	DefaultReaders = 16
	// DefaultFiles is the number of open content files when the engine does
	// not say: what is left of the customary 1,024 descriptors.
	DefaultFiles = 256
)

// Config is what a Disk may use. Zero fields take the defaults.
type Config struct {
	// Hashers is the number of goroutines that verify pieces; 0 is one less
	// than the processors, 1 at least, so that a loop finds room.
	Hashers int
	// Readers bounds the goroutines that read for cold requests.
	Readers int
	// QueueBytes is QueueLimit, in bytes. It also bounds the writer's queue.
	QueueBytes int64
	// Files is the number of content files kept open, over all torrents. Each
	// disk goroutine may hold one more for a moment, and each data folder in
	// use has a descriptor of its own.
	Files int
	// Mapped is how many bytes of content files are mapped at the most, rounded
	// to whole windows of 2 MiB: see Handle.Mapped. It is page cache that counts
	// as resident memory of the process, and takes 2 MiB of page tables a GiB.
	Mapped int64
	// Took is told how long each job took, on the goroutine that did it, and
	// must not block; nil measures nothing.
	Took func(op Op, d time.Duration)
	// Short is told, on a disk goroutine, that a file could not be opened for
	// want of descriptors, each time it is tried again; nil tells nobody.
	Short func()
	// Folder opens a data folder; nil is vfs.Dir. Tests put faults here.
	Folder func(path string) vfs.FS
}

func (c Config) withDefaults() Config {
	if c.Hashers <= 0 {
		c.Hashers = max(runtime.NumCPU()-1, 1)
	}
	if c.Readers <= 0 {
		c.Readers = DefaultReaders
	}
	if c.QueueBytes <= 0 {
		c.QueueBytes = DefaultQueueBytes
	}
	if c.Files <= 0 {
		c.Files = DefaultFiles
	}
	if c.Mapped <= 0 {
		c.Mapped = DefaultMapped
	}
	if c.Folder == nil {
		c.Folder = vfs.Dir
	}
	return c
}

// Disk is the goroutines and descriptors that all torrents' content shares.
// Safe for use by several goroutines.
type Disk struct {
	cfg      Config
	closing  chan struct{} // closed when nothing is waited for any more
	cache    *cache
	mappings *mappings
	pipe     *pipeline
	reads    *readers

	mu      sync.Mutex
	closed  bool
	folders map[string]*folder

	count counters
}

// folder is a data folder that one or more stores have open.
type folder struct {
	fs   vfs.FS
	path string
	refs int // guarded by Disk.mu
}

// counters count what was done, in bytes unless they say otherwise.
type counters struct {
	hashed, written, read, warmed      atomic.Int64
	badPieces, writeErrors, readErrors atomic.Int64
}

// New starts a Disk; Close ends it.
func New(cfg Config) *Disk {
	cfg = cfg.withDefaults()
	d := &Disk{cfg: cfg, closing: make(chan struct{}), cache: newCache(cfg.Files), mappings: newMappings(cfg.Mapped), folders: map[string]*folder{}}
	d.cache.short, d.cache.pause = cfg.Short, d.pause
	d.pipe = newPipeline(cfg.Hashers, cfg.QueueBytes)
	d.reads = newReaders(cfg.Readers)
	return d
}

// Open prepares a torrent's content below the folder dir. It touches neither
// the disk nor memory to speak of, so that ten thousand idle torrents may be
// open: the folder and files appear with the first piece written.
func (d *Disk) Open(t *metainfo.Torrent, dir string) (*Store, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	f := d.folders[path]
	if f == nil {
		f = &folder{fs: d.cfg.Folder(path), path: path}
		d.folders[path] = f
	}
	f.refs++
	return &Store{disk: d, folder: f, fs: f.fs, info: t.Info, layout: layout.New(t.Info)}, nil
}

// pause waits, unless the disk is being closed, and tells whether it is not.
func (d *Disk) pause(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.closing:
		return false
	}
}

// leave ends a store's use of its folder.
func (d *Disk) leave(f *folder) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.refs--; f.refs > 0 {
		return nil
	}
	delete(d.folders, f.path)
	return f.fs.Close()
}

// QueuedBytes is the number of bytes given to Put and not done yet, over all
// torrents. Above QueueLimit no new pieces should be begun.
func (d *Disk) QueuedBytes() int64 { return d.pipe.queued.Load() }

// QueueLimit is the number of bytes above which QueuedBytes is too much.
func (d *Disk) QueueLimit() int64 { return d.cfg.QueueBytes }

// Close verifies and writes what was put, answers what was asked, and ends all
// goroutines. Stores should be closed before; what they are asked afterwards
// fails with ErrClosed.
func (d *Disk) Close() {
	d.mu.Lock()
	was := d.closed
	d.closed = true
	d.mu.Unlock()
	if !was {
		close(d.closing)
	}
	d.pipe.close()
	d.reads.close()
	d.cache.evict(d.cfg.Files)
}

// Stats is a snapshot of what a Disk did since it was made.
type Stats struct {
	// HashedBytes, WrittenBytes and ReadBytes are totals; HashedBytes counts
	// pieces put and checked, ReadBytes those that Read and Warm took from
	// files, of which WarmedBytes were thrown away: they are sent from there.
	HashedBytes, WrittenBytes, ReadBytes, WarmedBytes int64
	// BadPieces counts pieces put with a wrong hash.
	BadPieces int64
	// WriteErrors counts pieces that could not be written, ReadErrors reads
	// that failed.
	WriteErrors, ReadErrors int64
	// QueuedBytes is Disk.QueuedBytes.
	QueuedBytes int64
	// QueuedReads is how many jobs wait for one of the Readers goroutines.
	QueuedReads int
	// OpenFiles is the number of content files open, of at most FileLimit but
	// for those that disk goroutines hold for a moment.
	OpenFiles, FileLimit int
	// MappedBytes is how much of them is mapped, in windows: see Config.Mapped.
	MappedBytes int64
}

// Stats returns the totals, for metrics.
func (d *Disk) Stats() Stats {
	return Stats{
		HashedBytes:  d.count.hashed.Load(),
		WrittenBytes: d.count.written.Load(),
		ReadBytes:    d.count.read.Load(),
		WarmedBytes:  d.count.warmed.Load(),
		BadPieces:    d.count.badPieces.Load(),
		WriteErrors:  d.count.writeErrors.Load(),
		ReadErrors:   d.count.readErrors.Load(),
		QueuedBytes:  d.QueuedBytes(),
		QueuedReads:  d.reads.waiting(),
		OpenFiles:    d.cache.descriptors(),
		FileLimit:    d.cfg.Files,
		MappedBytes:  d.mappings.size(),
	}
}
