package disk

import (
	"io/fs"

	"spate/disk/vfs"
	"spate/proto/bitfield"
)

// known is what Stamps returned last, nil before.
func (s *Store) known() []vfs.Stamp {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stamps
}

// foreign tells whether a file with this stamp was changed by somebody else
// since Stamps looked at it last.
func (s *Store) foreign(file int, stamp vfs.Stamp) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stamps == nil || s.states != nil && s.states[file]&(touched|writing) != 0 {
		return false
	}
	return !stamp.Same(s.stamps[file])
}

// prepare remembers which file it is that this store writes to.
func (s *Store) prepare(file int, inode uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inodes == nil {
		s.inodes = make(map[int]uint64)
	}
	s.inodes[file] = inode
}

// wrong is what is wrong with a file that this store has written to: another one
// has its name, or it is shorter than it was made.
func (s *Store) wrong(file int, stamp vfs.Stamp) error {
	s.mu.Lock()
	inode, is := s.inodes[file]
	s.mu.Unlock()
	switch {
	case !is:
		return nil
	case stamp.Size == vfs.Absent:
		return ErrRemoved
	case inode != stamp.Inode:
		return ErrChanged
	case stamp.Size < s.layout.File(file).Length:
		return ErrShort
	}
	return nil
}

// ours fails when f, which was opened by name, is not what this store wrote to.
func (s *Store) ours(file int, f vfs.File) error {
	stamp, err := f.Stat()
	if err != nil {
		return err
	}
	if err := s.wrong(file, stamp); err != nil {
		return &fs.PathError{Op: "open", Path: s.Path(file), Err: err}
	}
	return nil
}

// Look fails with the first file that somebody else changed, replaced, cut or
// removed, or that cannot be looked at, since Stamps (or the first Check, or
// Look) saw it last: ErrChanged, ErrShort or ErrRemoved, and ErrMoved of package
// vfs when the data folder is not where it was. It takes one system call a file,
// reads nothing, and does not see a change that left size and time as they were.
// It blocks.
func (s *Store) Look() error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.end()
	if err := s.fs.Present(); err != nil {
		return err
	}
	// What this store wrote is known from here on.
	if _, err := s.Stamps(); err != nil {
		return err
	}
	for file := range s.layout.Files() {
		if err := s.lookAt(file); err != nil {
			return err
		}
	}
	return nil
}

// lookAt is Look for one file.
func (s *Store) lookAt(file int) error {
	if !s.layout.Stored(file) {
		return nil
	}
	stamp, err := s.stat(file)
	if absent(err) {
		stamp, err = vfs.Stamp{Size: vfs.Absent}, nil
	}
	if err != nil {
		return err
	}
	err = s.wrong(file, stamp)
	switch {
	case err != nil:
	case !s.foreign(file, stamp):
		return nil
	case stamp.Size == vfs.Absent:
		err = ErrRemoved
	case stamp.Size < s.layout.File(file).Length:
		err = ErrShort
	default:
		err = ErrChanged
	}
	return &fs.PathError{Op: "stat", Path: s.Path(file), Err: err}
}

// Relearn makes the store take its files as they are from now on, opened anew
// when they are next needed, and returns the pieces that are to be checked before
// they are believed again: those of files that somebody else changed. It blocks.
func (s *Store) Relearn() (*bitfield.Bits, error) {
	doubt := bitfield.New(s.layout.Pieces())
	for file := range s.layout.Files() {
		if err := s.lookAt(file); err == nil {
			continue
		}
		first, end := s.layout.Touching(file)
		for piece := first; piece < end; piece++ {
			doubt.Set(piece)
		}
	}
	s.syncing.Lock()
	s.mu.Lock()
	s.stamps, s.inodes = nil, nil
	s.mu.Unlock()
	s.syncing.Unlock()
	s.disk.cache.drop(s)
	_, err := s.Stamps()
	return doubt, err
}

// Room is how many bytes may still be stored where the content lies.
func (s *Store) Room() (int64, error) { return s.fs.Free() }
