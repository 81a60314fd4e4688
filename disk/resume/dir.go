package resume

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"spate/disk/vfs"
	"spate/proto/metainfo"
)

// ErrNone says that nothing is remembered of a torrent.
var ErrNone = errors.New("no resume state")

// Dir is the state folder. Safe for use by several goroutines and processes,
// one per torrent at a time.
type Dir struct {
	fs vfs.FS
}

// NewDir keeps states in folder, which is made when first needed.
func NewDir(folder vfs.FS) *Dir { return &Dir{fs: folder} }

// Load returns what is remembered of a torrent in a data folder, ErrNone when
// nothing is. Any other error means that what is there cannot be used, and is
// one line with the path.
func (d *Dir) Load(torrent metainfo.Hash, folder string) (*State, error) {
	name := stateName(torrent, folder)
	b, err := d.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	s, err := Decode(b)
	if err == nil && (s.InfoHash != torrent || s.Folder != folder) {
		err = fmt.Errorf("%w of this torrent and folder", ErrFormat)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.fs.Path(name), err)
	}
	return s, nil
}

// read reads a file that is not longer than a state can be.
func (d *Dir) read(name string) ([]byte, error) {
	f, err := d.fs.Open(name, vfs.Read)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, 0, int64(maxBytes)+1))
}

// Save replaces what is remembered of s's torrent and folder. When it returns
// nil, s survives a power cut; otherwise the old state does.
func (d *Dir) Save(s *State) error {
	b, err := s.AppendTo(nil)
	if err != nil {
		return err
	}
	name := stateName(s.InfoHash, s.Folder)
	temporary := name + ".new"
	if err := d.write(temporary, b); err != nil {
		return err
	}
	if err := d.fs.Rename(temporary, name); err != nil {
		return err
	}
	return d.fs.SyncDir(".")
}

// write makes a durable file of b, over what an interrupted Save left.
func (d *Dir) write(name string, b []byte) error {
	f, err := d.fs.Open(name, vfs.Create)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Truncate(int64(len(b)))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Remove forgets a torrent in a data folder. It is no error when nothing is
// remembered.
func (d *Dir) Remove(torrent metainfo.Hash, folder string) error {
	err := d.fs.Remove(stateName(torrent, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Canonical names a data folder such that the same folder has the same name:
// absolute, with symbolic links resolved as far as the path exists.
func Canonical(folder string) (string, error) {
	path, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for head, tail := path, ""; ; {
		real, err := filepath.EvalSymlinks(head)
		if err == nil {
			return filepath.Join(real, tail), nil
		}
		parent := filepath.Dir(head)
		if parent == head || !errors.Is(err, os.ErrNotExist) {
			return path, nil
		}
		head, tail = parent, filepath.Join(filepath.Base(head), tail)
	}
}

// stateName is the file for a torrent in a folder.
func stateName(torrent metainfo.Hash, folder string) string {
	return keyName(torrent, folder) + ".resume"
}

// keyName tells torrents and folders apart in the names of files.
func keyName(torrent metainfo.Hash, folder string) string {
	sum := sha256.Sum256([]byte(folder))
	return torrent.String() + "-" + hex.EncodeToString(sum[:8])
}
