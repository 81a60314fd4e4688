package resume

import (
	"crypto/sha256"
	"encoding/binary"
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
	held map[lockKey]struct{}
	kern kernelLocks
}

// lockKey tells torrents and folders apart, by chance: two of a million meet
// once in ten million cases.
type lockKey uint64

func lockKeyOf(torrent metainfo.Hash, folder string) lockKey {
	digest := sha256.New()
	digest.Write(torrent[:])
	digest.Write([]byte(folder))
	var sum [sha256.Size]byte
	return lockKey(binary.BigEndian.Uint64(digest.Sum(sum[:0])) >> 2) // 62 bits: an offset in a file
}

// OpenLocks uses the state folder at path, and makes it, readable for its
// owner alone, when it is not there.
func OpenLocks(path string) (*Locks, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	l := &Locks{path: path, held: map[lockKey]struct{}{}}
	if err := l.kern.open(path); err != nil {
		return nil, err
	}
	return l, nil
}

// Lock takes a torrent in a data folder (named by Canonical), or fails with a
// *LockedError at once.
func (l *Locks) Lock(torrent metainfo.Hash, folder string) error {
	key := lockKeyOf(torrent, folder)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, twice := l.held[key]; twice {
		return &LockedError{torrent, folder}
	}
	ok, err := l.kern.lock(key)
	if err != nil {
		return fmt.Errorf("%s: locking: %w", l.path, err)
	}
	if !ok {
		return &LockedError{torrent, folder}
	}
	l.held[key] = struct{}{}
	return nil
}

// Unlock gives a torrent back. Without a Lock before it does nothing.
func (l *Locks) Unlock(torrent metainfo.Hash, folder string) {
	key := lockKeyOf(torrent, folder)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ours := l.held[key]; ours {
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
