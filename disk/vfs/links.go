package vfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrOutside says that a symbolic link leads out of the folder, where nothing
// is made or written.
var ErrOutside = errors.New("a link leads out of the data folder")

// openIn opens a file below root. Only to read it, a link that leads out is
// followed.
func (d *dir) openIn(root *os.Root, name string, mode Mode) (*os.File, error) {
	f, err := root.OpenFile(name, mode.flags(), 0o666)
	if err = outside(root, name, err); mode == Read && errors.Is(err, ErrOutside) {
		return os.OpenFile(d.Path(name), mode.flags(), 0)
	}
	return f, err
}

// statIn looks at a file below root, also at the end of a link that leads out.
func (d *dir) statIn(root *os.Root, name string) (fs.FileInfo, error) {
	info, err := root.Stat(name)
	if errors.Is(outside(root, name, err), ErrOutside) {
		return os.Stat(d.Path(name))
	}
	return info, err
}

// outside is err, or ErrOutside when it means that a link has led name out of
// root. A name that leads out by itself is nobody's link.
func outside(root *os.Root, name string, err error) error {
	if err == nil || !filepath.IsLocal(name) {
		return err
	}
	// Package os has no name for its error, but returns the same for "..".
	_, known := root.Lstat("..")
	var is, want *fs.PathError
	if errors.As(err, &is) && errors.As(known, &want) && is.Err == want.Err {
		return ErrOutside
	}
	return err
}
