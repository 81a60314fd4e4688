package create

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"spate/proto/metainfo"
)

// ErrEmpty says that there is no byte to share.
var ErrEmpty = errors.New("nothing to share: no regular file with content")

// Content is what a torrent is to be made of.
type Content struct {
	// Parent is the folder in which Name lies, a data folder for seeding.
	Parent string
	// Name is the name of the file or folder.
	Name string
	// MultiFile tells that Name is a folder.
	MultiFile bool
	// Files is the files in order, with Path (from Parent on), Length and
	// Offset.
	Files []metainfo.File
	// Length is the sum of all lengths, in bytes.
	Length int64
	// Skipped is what was left out because it is no regular file or folder,
	// relative to Parent.
	Skipped []string
}

// Walk lists the content at path. It fails with ErrEmpty when that has no
// byte, and when a folder cannot be read. A path that is itself a symbolic
// link is followed; its name is the link's.
func Walk(path string) (*Content, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	c := &Content{Parent: filepath.Dir(abs), Name: filepath.Base(abs), MultiFile: info.IsDir()}
	switch {
	case c.Parent == abs:
		return nil, fmt.Errorf("%s: has no name", path)
	case c.MultiFile:
		err = c.walk(path)
	case info.Mode().IsRegular():
		err = c.add([]string{c.Name}, info.Size())
	}
	if err == nil && c.Length == 0 {
		err = fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// walk adds all files below path, which is the folder Name. fs.WalkDir goes by
// names in order, each folder's content in the folder's place.
func (c *Content) walk(path string) error {
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return in(path, name, err)
		}
		if entry.IsDir() {
			return nil
		}
		elements := append([]string{c.Name}, strings.Split(name, "/")...)
		if !entry.Type().IsRegular() {
			c.Skipped = append(c.Skipped, strings.Join(elements, "/"))
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return in(path, name, err)
		}
		return c.add(elements, info.Size())
	})
}

// add appends a file.
func (c *Content) add(elements []string, length int64) error {
	if len(c.Files) == metainfo.MaxFiles {
		return fmt.Errorf("%s: more than %d files", c.Name, metainfo.MaxFiles)
	}
	if len(elements) > metainfo.MaxPathElements {
		return fmt.Errorf("%s: more than %d folders deep", strings.Join(elements, "/"), metainfo.MaxPathElements)
	}
	c.Files = append(c.Files, metainfo.File{Path: elements, Length: length, Offset: c.Length})
	c.Length += length
	return nil
}

// in gives an error of os.Root.FS its full path.
func in(root, name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &fs.PathError{Op: "read", Path: filepath.Join(root, filepath.FromSlash(name)), Err: err}
}
