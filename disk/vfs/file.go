package vfs

import (
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"
)

// file is an open file of the real file system.
type file struct {
	f    *os.File
	fd   int
	path string
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.f.ReadAt(p, off)
	if err == io.EOF {
		return n, err
	}
	return n, pathError("read", f.path, err)
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.f.WriteAt(p, off)
	return n, pathError("write", f.path, err)
}

func (f *file) Sync() error {
	err := synced(f.f.Sync())
	if err != nil {
		// What could not be written still stands in memory, and must not pass
		// for what the disk has.
		forget(f.fd)
		runtime.KeepAlive(f.f)
	}
	return pathError("sync", f.path, err)
}

// synced ignores that a file system knows no sync, or is read only: nothing
// more can be done there, and content may be served from such.
func synced(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

func (f *file) Truncate(size int64) error {
	return pathError("truncate", f.path, f.f.Truncate(size))
}

func (f *file) Stat() (Stamp, error) {
	info, err := f.f.Stat()
	if err != nil {
		return Stamp{}, pathError("stat", f.path, err)
	}
	return stamp(info), nil
}

func (f *file) FD() int { return f.fd }

func (f *file) Close() error { return pathError("close", f.path, f.f.Close()) }

func (f *file) NextData(off int64) int64 {
	next := nextData(f.fd, off)
	runtime.KeepAlive(f.f)
	return next
}

func (f *file) Prefetch(off, n int64) {
	prefetch(f.fd, off, n)
	runtime.KeepAlive(f.f)
}

func (f *file) Load(off int64, n int) (int, error) {
	f.Prefetch(off, int64(n))
	loaded, err := load(f.f, f.fd, off, n)
	runtime.KeepAlive(f.f)
	if loaded == n || err == io.EOF {
		return loaded, err
	}
	return loaded, pathError("read", f.path, err)
}

// scratchBytes is how much loadCopy reads at a time.
const scratchBytes = 128 << 10

// loadCopy is Load by reading, which any system can.
func loadCopy(f io.ReaderAt, off int64, n int) (loaded int, err error) {
	scratch := make([]byte, min(n, scratchBytes))
	for loaded < n && err == nil {
		var k int
		k, err = f.ReadAt(scratch[:min(n-loaded, len(scratch))], off+int64(loaded))
		loaded += k
	}
	return loaded, err
}
