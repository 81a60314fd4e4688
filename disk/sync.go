package disk

import (
	"io/fs"
	"path"
	"slices"

	"spate/disk/vfs"
)

// Sync makes durable every piece that was reported Written, or found by Check,
// before the call: content first, then the names of files and folders made for
// it. (What a check finds may be in memory only, left by a process that was
// killed.) It blocks, and runs beside puts; what those write meanwhile may be
// durable or not.
//
// An error means that pieces of the named file may be lost although they were
// written (the kernel drops pages it could not write), or that the file is
// gone: resume state must not be saved as if they were there. Since the kernel
// tells of what it dropped once, content that could not be made durable lets all
// further calls fail; a Store that is opened anew checks what there is.
func (s *Store) Sync() error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.end()
	s.syncing.Lock()
	defer s.syncing.Unlock()
	if s.dropped != nil {
		return s.dropped
	}
	if err := s.fs.Present(); err != nil {
		return err
	}
	var named []int // files whose folders are to be synced
	for file := range s.layout.Files() {
		due := s.take(file, unsynced|unnamed)
		if due == 0 {
			continue
		}
		if err := s.syncFile(file); err != nil {
			s.mark(file, due)
			// Their content is durable, so their names are made so as well.
			_ = s.syncNames(named)
			return err
		}
		if due&unnamed != 0 {
			named = append(named, file)
		}
	}
	return s.syncNames(named)
}

// syncNames makes the names of files, and of the folders above them, durable.
func (s *Store) syncNames(files []int) error {
	synced := map[string]bool{}
	for i, file := range files {
		for dir := s.layout.Name(file); dir != "."; {
			if dir = path.Dir(dir); synced[dir] {
				break
			}
			if err := s.disk.cache.withRoom(func() error { return s.fs.SyncDir(dir) }); err != nil {
				for _, file := range files[i:] {
					s.mark(file, unnamed)
				}
				return err
			}
			synced[dir] = true
		}
	}
	return nil
}

// syncFile makes a file's content durable, and sees that its name still leads
// to it.
func (s *Store) syncFile(file int) error {
	stamp, err := s.stat(file)
	if absent(err) {
		s.disk.cache.forget(s, file)
		err = &fs.PathError{Op: "sync", Path: s.Path(file), Err: ErrRemoved}
	}
	if err != nil {
		return err
	}
	if err := s.wrong(file, stamp); err != nil {
		return &fs.PathError{Op: "sync", Path: s.Path(file), Err: err}
	}
	h, err := s.disk.cache.get(s, file, vfs.Read, true)
	if err != nil {
		return err
	}
	defer h.Release()
	began := s.disk.start()
	s.dropped = h.f.Sync()
	s.disk.took(OpSync, began)
	return s.dropped
}

// Stamps returns size and time of change of every file, vfs.Absent for those
// that are not there and those never stored: what resume state records. A file
// that somebody else changed since the last Stamps (or the first Check) keeps
// its old stamp, so that its pieces are not believed again unseen. It blocks.
func (s *Store) Stamps() ([]vfs.Stamp, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	defer s.end()
	s.syncing.Lock()
	defer s.syncing.Unlock()
	stamps := make([]vfs.Stamp, s.layout.Files())
	for file := range stamps {
		stamps[file].Size = vfs.Absent
		if !s.layout.Stored(file) {
			continue
		}
		// Before looking: a write in between is looked at again next time.
		ours := s.take(file, touched) != 0
		if known := s.known(); known != nil && !ours {
			stamps[file] = known[file]
			continue
		}
		stamp, err := s.stat(file)
		if err == nil {
			stamps[file] = stamp
		} else if !absent(err) {
			s.mark(file, touched)
			return nil, err
		}
	}
	s.mu.Lock()
	s.stamps = stamps
	s.mu.Unlock()
	return slices.Clone(stamps), nil
}
