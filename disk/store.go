package disk

import (
	"crypto/sha1"
	"errors"
	"io/fs"
	"path"
	"sync"

	"spate/disk/layout"
	"spate/disk/vfs"
	"spate/proto/metainfo"
)

// Store is one torrent's content. Its methods may be called from any
// goroutine; those with a done do not block, the others may.
type Store struct {
	disk    *Disk
	folder  *folder
	fs      vfs.FS
	info    *metainfo.Info
	layout  layout.Layout
	handles map[int]*Handle // by file; guarded by disk.cache.mu

	mu      sync.Mutex
	closed  bool
	pending sync.WaitGroup // jobs under way
	states  []fileState    // by file, nil until there is something to say
	inodes  map[int]uint64 // by file, of those that are prepared
	stamps  []vfs.Stamp    // by file, what Stamps returned last, never changed; nil before
	empties bool           // the empty files were made

	syncing sync.Mutex // one Sync at a time
	dropped error      // why content may be lost that was written; guarded by syncing

	zeroOnce sync.Once
	zero     [sha1.Size]byte // the hash of a full piece of zeros
}

// fileState is what is known of a file, for the next Sync and Stamps.
type fileState uint8

const (
	unsynced fileState = 1 << iota // holds what may not be durable
	unnamed                        // its name, or a folder above it, may not be durable
	prepared                       // opened for writing and set to its length
	touched                        // changed by this store since the last Stamps
	writing                        // being created or written
)

// Layout maps the torrent's pieces to its files.
func (s *Store) Layout() layout.Layout { return s.layout }

// Path is where a file lies, for messages.
func (s *Store) Path(file int) string { return s.fs.Path(s.layout.Name(file)) }

// Single tells whether a range of a piece lies in one stored file (no file
// border, no padding), in which, and where in it.
func (s *Store) Single(index, begin, length int) (file int, off int64, ok bool) {
	return s.layout.Single(index, begin, length)
}

// Backlog is the Disk's QueuedBytes.
func (s *Store) Backlog() int64 { return s.disk.QueuedBytes() }

// begin counts a job, so that Close waits for its end.
func (s *Store) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.pending.Add(1)
	return nil
}

func (s *Store) end() { s.pending.Done() }

// Close waits for what is under way, then gives the descriptors back; handles
// that are held stay open until they are released. It syncs nothing. Calling
// it again does nothing. A done must not call it.
func (s *Store) Close() error {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	s.pending.Wait()
	s.disk.cache.drop(s)
	return s.disk.leave(s.folder)
}

// openFile opens a file for the cache. With vfs.Create it makes the file and
// the folders above it where they are missing, and a shorter file as long as
// the torrent says, as a hole. A longer one stays as it is: what follows the
// content was put there by somebody else. A file that was prepared so before
// must still be there.
func (s *Store) openFile(file int, mode vfs.Mode) (f vfs.File, err error) {
	name := s.layout.Name(file)
	again := mode == vfs.Create && s.state(file)&prepared != 0
	err = s.disk.cache.withRoom(func() error {
		switch {
		case again:
			f, err = s.fs.Open(name, vfs.Write)
		case mode == vfs.Create:
			f, err = s.createFile(file, name)
		default:
			f, err = s.openRead(file, name)
		}
		return err
	})
	if again && absent(err) {
		err = &fs.PathError{Op: "open", Path: s.Path(file), Err: ErrRemoved}
	}
	if again && err == nil {
		if err = s.ours(file, f); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, err
}

// openRead is openFile for reading: what is in the file must be what was found
// there.
func (s *Store) openRead(file int, name string) (vfs.File, error) {
	f, err := s.fs.Open(name, vfs.Read)
	if err != nil {
		return nil, err
	}
	stamp, err := f.Stat()
	if err == nil && s.foreign(file, stamp) {
		err = &fs.PathError{Op: "open", Path: s.Path(file), Err: ErrChanged}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// createFile is openFile for the first write to a file.
func (s *Store) createFile(file int, name string) (vfs.File, error) {
	f, err := s.fs.Open(name, vfs.Create)
	if absent(err) {
		if err := s.fs.MkdirAll(path.Dir(name)); err != nil {
			return nil, err
		}
		f, err = s.fs.Open(name, vfs.Create)
	}
	if err != nil {
		return nil, err
	}
	stamp, err := f.Stat()
	if want := s.layout.File(file).Length; err == nil && stamp.Size < want {
		err = f.Truncate(want)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	s.prepare(file, stamp.Inode)
	s.mark(file, unsynced|unnamed|prepared|touched)
	return f, nil
}

// stat looks at a file by name.
func (s *Store) stat(file int) (stamp vfs.Stamp, err error) {
	err = s.disk.cache.withRoom(func() error {
		stamp, err = s.fs.Stat(s.layout.Name(file))
		return err
	})
	return stamp, err
}

// absent tells whether err says that a file does not exist.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// mark adds to what is known of a file.
func (s *Store) mark(file int, state fileState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states == nil {
		s.states = make([]fileState, s.layout.Files())
	}
	s.states[file] |= state
}

// state is what is known of a file.
func (s *Store) state(file int) fileState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states == nil {
		return 0
	}
	return s.states[file]
}

// take returns which of the states hold for a file, and ends them.
func (s *Store) take(file int, states fileState) fileState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states == nil {
		return 0
	}
	due := s.states[file] & states
	s.states[file] &^= due
	return due
}
