package resume

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// kernelLocks is one file on which each key locks one byte. The locks belong to
// the open file (OFD locks, Linux 3.15), so they end with it and never with
// another descriptor of the process.
type kernelLocks struct {
	f *os.File
}

func (k *kernelLocks) open(path string) (err error) {
	k.f, err = os.OpenFile(filepath.Join(path, "locks"), os.O_RDWR|os.O_CREATE, 0o600)
	return err
}

// lock takes key; false when somebody else has it.
func (k *kernelLocks) lock(key string) (bool, error) {
	err := k.set(key, unix.F_WRLCK)
	if err == unix.EAGAIN || err == unix.EACCES {
		return false, nil
	}
	return err == nil, err
}

func (k *kernelLocks) unlock(key string) {
	// Giving back a byte that is held cannot fail.
	_ = k.set(key, unix.F_UNLCK)
}

func (k *kernelLocks) set(key string, kind int16) error {
	sum := sha256.Sum256([]byte(key))
	// 62 bits: two of a million torrents meet once in ten million cases.
	at := int64(binary.BigEndian.Uint64(sum[:]) >> 2)
	return unix.FcntlFlock(k.f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Start: at, Len: 1})
}

func (k *kernelLocks) close() error { return k.f.Close() }
