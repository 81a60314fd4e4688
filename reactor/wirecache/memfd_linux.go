package wirecache

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Supported tells whether File makes images on this system.
const Supported = true

// mostParts is how many buffers one system call takes (IOV_MAX).
const mostParts = 1024

// File is a Config.Create for real networks: an image is an anonymous file in
// memory (memfd), from which sendfile sends.
func File(parts [][]byte, size int64) (Memory, error) {
	fd, err := unix.MemfdCreate("spate-piece", unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		fd, err = unix.MemfdCreate("spate-piece", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := memfd(fd)
	f.makeHuge(size)
	if err := f.fill(parts, size); err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, err
	}
	return f, nil
}

// memfd is a descriptor; closing it frees the memory, as nothing else refers
// to the file. Pages that are still on their way through a socket live on.
type memfd int

// fill writes parts from the start of the file.
func (f memfd) fill(parts [][]byte, size int64) error {
	off := int64(0)
	for off < size {
		n, err := unix.Pwritev(int(f), parts[:min(len(parts), mostParts)], off)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return os.NewSyscallError("pwritev", err)
		}
		if n == 0 {
			return io.ErrShortWrite
		}
		off += int64(n)
		parts = after(parts, n)
	}
	return nil
}

// after drops the first n bytes of parts, which it changes.
func after(parts [][]byte, n int) [][]byte {
	for n > 0 && n >= len(parts[0]) {
		n -= len(parts[0])
		parts = parts[1:]
	}
	if n > 0 {
		parts[0] = parts[0][n:]
	}
	return parts
}

// FD implements loop.File.
func (f memfd) FD() int { return int(f) }

// ReadAt implements io.ReaderAt.
func (f memfd) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		k, err := unix.Pread(int(f), p[n:], off+int64(n))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return n, os.NewSyscallError("pread", err)
		}
		if k == 0 {
			return n, io.EOF
		}
		n += k
	}
	return n, nil
}

// Close implements io.Closer.
func (f memfd) Close() error { return os.NewSyscallError("close", unix.Close(int(f))) }
