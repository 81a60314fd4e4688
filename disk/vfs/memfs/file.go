package memfs

import (
	"errors"
	"io"
	"io/fs"
	"syscall"

	"spate/disk/vfs"
)

// file is an open file.
type file struct {
	m      *FS
	in     *inode
	name   string
	write  bool
	closed bool
}

// begin is FS.begin for an open file.
func (f *file) begin(op Op) error {
	op.Name = f.name
	if err := f.m.begin(op); err != nil {
		return err
	}
	var err error
	switch {
	case f.closed:
		err = fs.ErrClosed
	case !f.write && (op.Kind == "write" || op.Kind == "truncate"):
		err = syscall.EBADF
	default:
		return nil
	}
	f.m.mu.Unlock()
	return f.m.fail(op.Kind, f.name, err)
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if err := f.begin(Op{Kind: "read", Off: off, Len: len(p)}); err != nil {
		return 0, err
	}
	defer f.m.mu.Unlock()
	n := f.in.readAt(p, off)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	if err := f.begin(Op{Kind: "write", Off: off, Len: len(p)}); err != nil {
		return 0, err
	}
	defer f.m.mu.Unlock()
	n := f.in.writeAt(p, off, func() bool {
		if f.m.space <= 0 {
			return false
		}
		f.m.space--
		return true
	})
	f.in.live.mtime = f.m.now
	if n < len(p) {
		return n, f.m.fail("write", f.name, syscall.ENOSPC)
	}
	return n, nil
}

func (f *file) Sync() error {
	if err := f.begin(Op{Kind: "sync"}); err != nil {
		if errno := syscall.Errno(0); errors.As(err, &errno) {
			f.m.mu.Lock()
			defer f.m.mu.Unlock()
			f.m.space += f.in.revert()
		}
		return err
	}
	defer f.m.mu.Unlock()
	f.in.durable = f.in.live.clone()
	return nil
}

func (f *file) Truncate(size int64) error {
	if err := f.begin(Op{Kind: "truncate"}); err != nil {
		return err
	}
	defer f.m.mu.Unlock()
	f.m.space += f.in.truncate(size)
	f.in.live.mtime = f.m.now
	return nil
}

func (f *file) Stat() (vfs.Stamp, error) {
	if err := f.begin(Op{Kind: "stat"}); err != nil {
		return vfs.Stamp{}, err
	}
	defer f.m.mu.Unlock()
	return f.in.stamp(), nil
}

func (f *file) FD() int { return -1 }

func (f *file) NextData(off int64) int64 {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return f.in.nextData(off)
}

func (f *file) Prefetch(int64, int64) {}

func (f *file) Load(off int64, n int) (int, error) { return f.ReadAt(make([]byte, n), off) }

func (f *file) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.closed {
		return f.m.fail("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	f.m.open--
	return nil
}
