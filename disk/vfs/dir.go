package vfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// dir is a folder of the real file system.
type dir struct {
	path string

	mu      sync.Mutex
	root    *os.Root // nil until first needed
	created bool     // the folder itself was made here and its name is not durable
	closed  bool
}

// Dir returns the folder at path. It touches nothing until it is used.
func Dir(path string) FS { return &dir{path: path} }

// open returns the root, opened (and with create, made) when first needed.
func (d *dir) open(create bool) (*os.Root, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fs.ErrClosed
	}
	if d.root != nil {
		return d.root, nil
	}
	root, err := os.OpenRoot(d.path)
	if create && errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(d.path, 0o777); err != nil {
			return nil, err
		}
		d.created = true
		root, err = os.OpenRoot(d.path)
	}
	if err != nil {
		return nil, err
	}
	d.root = root
	return root, nil
}

func (d *dir) Path(name string) string {
	return filepath.Join(d.path, filepath.FromSlash(name))
}

func (d *dir) Open(name string, mode Mode) (File, error) {
	path := d.Path(name)
	root, err := d.open(mode == Create)
	if err != nil {
		return nil, pathError("open", path, err)
	}
	f, err := d.openIn(root, name, mode)
	if err != nil {
		return nil, pathError("open", path, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, pathError("open", path, err)
	}
	return &file{f: f, fd: int(f.Fd()), path: path}, nil
}

func (d *dir) Stat(name string) (Stamp, error) {
	root, err := d.open(false)
	if err != nil {
		return Stamp{}, pathError("stat", d.Path(name), err)
	}
	info, err := d.statIn(root, name)
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		return Stamp{}, pathError("stat", d.Path(name), err)
	}
	return stamp(info), nil
}

func (d *dir) MkdirAll(name string) error {
	root, err := d.open(true)
	if err == nil {
		err = outside(root, name, root.MkdirAll(name, 0o777))
	}
	return pathError("mkdir", d.Path(name), err)
}

func (d *dir) Rename(from, to string) error {
	root, err := d.open(false)
	if err == nil {
		err = root.Rename(from, to)
	}
	// os.Root reports a rename by a *os.LinkError, whose text repeats both
	// names without their folder.
	var le *os.LinkError
	if errors.As(err, &le) {
		err = le.Err
	}
	return pathError("rename", d.Path(from), err)
}

func (d *dir) Remove(name string) error {
	root, err := d.open(false)
	if err == nil {
		err = root.Remove(name)
	}
	return pathError("remove", d.Path(name), err)
}

func (d *dir) SyncDir(name string) error {
	root, err := d.open(false)
	if err != nil {
		return pathError("sync", d.Path(name), err)
	}
	f, err := root.Open(name)
	if err != nil {
		return pathError("sync", d.Path(name), err)
	}
	defer f.Close()
	if err := synced(f.Sync()); err != nil {
		return pathError("sync", d.Path(name), err)
	}
	return d.syncParent()
}

// syncParent makes the name of the folder itself durable, when it was made
// here.
func (d *dir) syncParent() error {
	d.mu.Lock()
	due := d.created
	d.created = false
	d.mu.Unlock()
	if !due {
		return nil
	}
	parent := filepath.Dir(filepath.Clean(d.path))
	f, err := os.Open(parent)
	if err != nil {
		return pathError("sync", parent, err)
	}
	defer f.Close()
	return pathError("sync", parent, synced(f.Sync()))
}

func (d *dir) Present() error {
	d.mu.Lock()
	root := d.root
	d.mu.Unlock()
	if root == nil {
		return nil
	}
	was, err := root.Stat(".")
	if err != nil {
		return pathError("stat", d.path, err)
	}
	is, err := os.Stat(d.path)
	if err != nil {
		return pathError("stat", d.path, err)
	}
	if !os.SameFile(was, is) {
		return pathError("stat", d.path, ErrMoved)
	}
	return nil
}

func (d *dir) Free() (int64, error) {
	free, err := freeBytes(d.path)
	return free, pathError("statfs", d.path, err)
}

func (d *dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.root == nil {
		return nil
	}
	root := d.root
	d.root = nil
	return root.Close()
}

// flags is what open(2) is told: O_NONBLOCK besides, so that a FIFO in the
// file's place cannot hold us up, and O_NOCTTY, so that a terminal there does
// not become ours.
func (m Mode) flags() int {
	const always = syscall.O_NONBLOCK | syscall.O_NOCTTY
	switch m {
	case Read:
		return os.O_RDONLY | always
	case Write:
		return os.O_RDWR | always
	}
	return os.O_RDWR | os.O_CREATE | always
}

// stamp takes from info what a Stamp holds.
func stamp(info fs.FileInfo) Stamp {
	s := Stamp{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Inode = sys.Ino
	}
	return s
}
