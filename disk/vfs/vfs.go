package vfs

import (
	"errors"
	"io"
	"io/fs"
)

// ErrNotRegular says that something other than a regular file has the name.
var ErrNotRegular = errors.New("not a regular file")

// ErrMoved says that a folder in use is not where it was.
var ErrMoved = errors.New("folder was moved or replaced while in use")

// Mode is how a file is opened.
type Mode uint8

const (
	// Read opens an existing file for reading.
	Read Mode = iota
	// Write opens an existing file for reading and writing.
	Write
	// Create is Write, and makes an empty file where there is none.
	Create
)

// Absent is the Size of the Stamp of a file that is not there.
const Absent = -1

// Stamp is what tells whether a file was changed since it was last looked at.
type Stamp struct {
	// Size is in bytes, or Absent.
	Size int64
	// ModTime is the time of the last change in nanoseconds since 1970.
	ModTime int64
	// Inode tells the file from another one of the same name; 0 where it is not
	// known. It is not remembered from one run to the next: a file that was
	// copied back with its time is the same file then.
	Inode uint64
}

// Same tells whether a file with the stamps s and o, looked at twice, is the
// same file unchanged, as far as stamps tell.
func (s Stamp) Same(o Stamp) bool {
	return s.Size == o.Size && s.ModTime == o.ModTime && (s.Inode == o.Inode || s.Inode == 0 || o.Inode == 0)
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes what was written durable.
	Sync() error
	// Truncate sets the size; new bytes are a hole that reads as zeros.
	Truncate(size int64) error
	// Stat returns size and time of change.
	Stat() (Stamp, error)
	// FD is the descriptor, or -1 where there is none. It is valid only while
	// the File is referenced and open.
	FD() int
	// NextData returns the first offset at or behind off where data is stored,
	// off itself where the file system cannot tell, and the greatest int64
	// when only a hole or the end follows.
	NextData(off int64) int64
	// Prefetch asks for n bytes from off to be read ahead. It is a hint.
	Prefetch(off, n int64)
	// Load waits until n bytes from off have come into the system's memory, and
	// returns how many there are: fewer with an error, which is io.EOF where the
	// file ends. Nobody gets to see them, and it costs no copy of them where the
	// system knows how.
	Load(off int64, n int) (int, error)
}

// FS is one folder.
type FS interface {
	// Open opens a regular file.
	Open(name string, mode Mode) (File, error)
	// Stat looks at a regular file by name.
	Stat(name string) (Stamp, error)
	// MkdirAll makes a folder and those above it; "." is the root itself.
	MkdirAll(name string) error
	// Rename gives a file another name, replacing one that has it.
	Rename(from, to string) error
	// Remove removes a file.
	Remove(name string) error
	// SyncDir makes the names in a folder durable; "." is the root.
	SyncDir(name string) error
	// Present fails with ErrMoved, or with the reason, when the path of the
	// folder does not lead to it any more, as it did when it was first used. A
	// folder that was never there is no failure.
	Present() error
	// Free is how many bytes may still be stored in the folder, the greatest
	// int64 where the system does not tell.
	Free() (int64, error)
	// Path is the full path of name, for messages.
	Path(name string) string
	// Close gives the folder's descriptor back. Open files stay open.
	Close() error
}

// pathError words err as an operation on the file at path.
func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}
