package vfs

import (
	"math"

	"golang.org/x/sys/unix"
)

// nextData asks the file system for the data behind off. It moves the
// descriptor's own offset, which nothing here uses.
func nextData(fd int, off int64) int64 {
	next, err := unix.Seek(fd, off, unix.SEEK_DATA)
	switch err {
	case nil:
		return next
	case unix.ENXIO:
		return math.MaxInt64
	}
	return off
}

// prefetch starts reading a range without waiting for it.
func prefetch(fd int, off, n int64) {
	// A hint that fails is a hint not taken.
	_ = unix.Fadvise(fd, off, n, unix.FADV_WILLNEED)
}

// forget drops what stands in memory of a file.
func forget(fd int) {
	_ = unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)
}
