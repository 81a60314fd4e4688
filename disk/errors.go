package disk

import "errors"

// Errors of stores. Those of files are *fs.PathError with the full path.
var (
	// ErrClosed says that the store or the disk was closed.
	ErrClosed = errors.New("disk: closed")
	// ErrBusy says that a queue is full or every descriptor is in use; the
	// same may work later, or another way.
	ErrBusy = errors.New("disk: too much to do")
	// ErrRange says that a range does not lie within a piece, or does not fit
	// the buffer.
	ErrRange = errors.New("disk: no such range")
	// ErrShort says that a file ends before the range that was to be read.
	ErrShort = errors.New("file is shorter than the torrent says")
	// ErrRemoved says that a file this store had written to is gone, and the
	// pieces in it with it. The torrent is to be stopped, and checked before it
	// goes on.
	ErrRemoved = errors.New("file was removed while in use")
	// ErrChanged says that a file is another one, or not as it was, since this
	// store knew what is in it. The torrent is to be checked before it goes on.
	ErrChanged = errors.New("file was changed while in use")
)
