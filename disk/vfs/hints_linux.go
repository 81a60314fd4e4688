package vfs

import (
	"io"
	"math"
	"os"

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

// load has the range sent to nowhere: that takes references to its pages, and for
// that waits until they are read. A copy of them would cost about as much as all
// else that reading them takes.
func load(f io.ReaderAt, fd int, off int64, n int) (loaded int, err error) {
	nowhere, err := unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return loadCopy(f, off, n)
	}
	defer func() { _ = unix.Close(nowhere) }()
	for loaded < n {
		at := off + int64(loaded)
		k, err := unix.Sendfile(nowhere, fd, &at, n-loaded)
		switch {
		case err == unix.EINTR:
		case err == unix.EINVAL: // a file system that cannot
			k, err = loadCopy(f, at, n-loaded)
			return loaded + k, err
		case err != nil:
			return loaded, err
		case k == 0:
			return loaded, io.EOF
		default:
			loaded += k
		}
	}
	return loaded, nil
}

// forget drops what stands in memory of a file.
func forget(fd int) {
	_ = unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)
}
