package resume

import (
	"fmt"
	"os"
	"sync"

	"spate/proto/metainfo"
)

// LockedError says that a torrent is open in the same data folder elsewhere, in
// this process or another one.
type LockedError struct {
	// InfoHash is the torrent.
	InfoHash metainfo.Hash
	// Folder is the data folder.
	Folder string
}

// Error is one line.
func (e *LockedError) Error() string {
	return fmt.Sprintf("%s: torrent %v is already open in this folder", e.Folder, e.InfoHash)
}

// Locks keeps a torrent in a data folder to one owner among all that share a
// state folder. Safe for use by several goroutines.
type Locks struct {
	path string

	mu   sync.Mutex
	held map[string]bool // by keyName
	kern kernelLocks
}

// OpenLocks uses the state folder at path, and makes it, readable for its
// owner alone, when it is not there.
func OpenLocks(path string) (*Locks, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	l := &Locks{path: path, held: map[string]bool{}}
	if err := l.kern.open(path); err != nil {
		return nil, err
	}
	return l, nil
}

// Lock takes a torrent in a data folder (named by Canonical), or fails with a
// *LockedError at once.
func (l *Locks) Lock(torrent metainfo.Hash, folder string) error {
	key := keyName(torrent, folder)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] {
		return &LockedError{torrent, folder}
	}
	ok, err := l.kern.lock(key)
	if err != nil {
		return fmt.Errorf("%s: locking: %w", l.path, err)
	}
	if !ok {
		return &LockedError{torrent, folder}
	}
	l.held[key] = true
	return nil
}

// Unlock gives a torrent back. Without a Lock before it does nothing.
func (l *Locks) Unlock(torrent metainfo.Hash, folder string) {
	key := keyName(torrent, folder)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] {
		delete(l.held, key)
		l.kern.unlock(key)
	}
}

// Close gives all locks back.
func (l *Locks) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.held)
	return l.kern.close()
}
