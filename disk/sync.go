package disk

import (
	"errors"
	"io/fs"
	"path"

	"spate/disk/vfs"
)

// Sync makes durable every piece that was reported Written before the call:
// content first, then the names of files and folders made for it. It blocks,
// and runs beside puts; what those write meanwhile may be durable or not.
//
// An error means that pieces of the named file may be lost although they were
// written (the kernel drops pages it could not write), or that the file is
// gone: resume state must not be saved as if they were there.
func (s *Store) Sync() error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.end()
	s.syncing.Lock()
	defer s.syncing.Unlock()

	var folders []string
	seen := map[string]bool{}
	for file := range s.layout.Files() {
		due := s.take(file)
		if due == 0 {
			continue
		}
		if err := s.syncFile(file); err != nil {
			s.mark(file, due)
			return err
		}
		if due&unnamed == 0 {
			continue
		}
		for dir := s.layout.Name(file); dir != "."; {
			if dir = path.Dir(dir); seen[dir] {
				break
			}
			seen[dir] = true
			folders = append(folders, dir)
		}
	}
	for _, dir := range folders {
		if err := s.fs.SyncDir(dir); err != nil {
			s.renamed()
			return err
		}
	}
	return nil
}

// take returns what is due for a file and marks it as done.
func (s *Store) take(file int) fileState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.written == nil {
		return 0
	}
	due := s.written[file] & (unsynced | unnamed)
	s.written[file] &^= due
	return due
}

// renamed marks every name as not durable, after a folder could not be synced.
func (s *Store) renamed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for file, state := range s.written {
		if state&prepared != 0 {
			s.written[file] |= unnamed
		}
	}
}

// syncFile makes a file's content durable, and sees that its name still leads
// to it.
func (s *Store) syncFile(file int) error {
	stamp, err := s.fs.Stat(s.layout.Name(file))
	if errors.Is(err, fs.ErrNotExist) {
		s.disk.cache.forget(s, file)
		err = &fs.PathError{Op: "sync", Path: s.Path(file), Err: ErrRemoved}
	}
	if err == nil && stamp.Size < s.layout.File(file).Length {
		err = &fs.PathError{Op: "sync", Path: s.Path(file), Err: ErrShort}
	}
	if err != nil {
		return err
	}
	h, err := s.disk.cache.get(s, file, vfs.Write, true)
	if err != nil {
		return err
	}
	defer h.Release()
	return h.f.Sync()
}

// Stamps returns size and time of change of every file, vfs.Absent for those
// that are not there and those never stored: what resume state records. It
// blocks.
func (s *Store) Stamps() ([]vfs.Stamp, error) {
	stamps := make([]vfs.Stamp, s.layout.Files())
	for file := range stamps {
		stamps[file].Size = vfs.Absent
		if !s.layout.Stored(file) {
			continue
		}
		stamp, err := s.fs.Stat(s.layout.Name(file))
		if err == nil {
			stamps[file] = stamp
		} else if !absent(err) {
			return nil, err
		}
	}
	return stamps, nil
}

// absent tells whether err says that a file does not exist.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
