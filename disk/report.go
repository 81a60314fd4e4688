package disk

import (
	"spate/proto/bitfield"
)

// FileStatus is how a file stands after a check.
type FileStatus uint8

// The states of a file, best first.
const (
	// FileGood: it is there, and all its pieces are good.
	FileGood FileStatus = iota
	// FileLonger: its content is good, but more follows behind it.
	FileLonger
	// FileUnsure: the pieces it holds alone are good; one it shares with a
	// file that is missing, short or unreadable cannot be verified.
	FileUnsure
	// FileDamaged: a piece of it is bad.
	FileDamaged
	// FileShort: it ends too early.
	FileShort
	// FileUnreadable: it is there but cannot be used; Err says why.
	FileUnreadable
	// FileMissing: it is not there.
	FileMissing
)

// String is the status in a word.
func (s FileStatus) String() string {
	return [...]string{"good", "longer", "unverified", "damaged", "short", "unreadable", "missing"}[s]
}

// FileReport tells how one file stands.
type FileReport struct {
	// File is the file's index in Info.Files.
	File int
	// Path is where it lies.
	Path string
	// Status is its state.
	Status FileStatus
	// Size is its size in bytes, 0 when missing.
	Size int64
	// Err is the reason of FileUnreadable, nil otherwise.
	Err error
}

// Files tells how each stored file stands, given the pieces that Check found.
// Padding and links are left out. It looks at each file's size, and blocks.
func (s *Store) Files(have *bitfield.Bits) []FileReport {
	reports := make([]FileReport, 0, s.layout.Files())
	blamed := bitfield.New(s.layout.Pieces()) // bad pieces that a file's size explains
	for file := range s.layout.Files() {
		f := s.layout.File(file)
		if !s.layout.Stored(file) {
			continue
		}
		r := FileReport{File: file, Path: s.Path(file)}
		stamp, err := s.stat(file)
		r.Size = stamp.Size
		switch {
		case absent(err):
			r.Status = FileMissing
		case err != nil:
			r.Status, r.Err = FileUnreadable, err
		case stamp.Size < f.Length:
			r.Status = FileShort
		case stamp.Size > f.Length:
			r.Status = FileLonger
		}
		if r.Status > FileDamaged {
			first, end := s.layout.Touching(file)
			for piece := first; piece < end; piece++ {
				blamed.Set(piece)
			}
		}
		reports = append(reports, r)
	}
	for i := range reports {
		if r := &reports[i]; r.Status < FileDamaged {
			r.Status = max(r.Status, s.worst(r.File, have, blamed))
		}
	}
	return reports
}

// worst is what a file's pieces say of it.
func (s *Store) worst(file int, have, blamed *bitfield.Bits) FileStatus {
	status := FileGood
	first, end := s.layout.Touching(file)
	for piece := first; piece < end; piece++ {
		switch {
		case have.Has(piece):
		case blamed.Has(piece):
			status = FileUnsure
		default:
			return FileDamaged
		}
	}
	return status
}
