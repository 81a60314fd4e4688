//go:build !linux

package resume

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// kernelLocks is one locked file for each key. The files stay behind: removing
// one would let two processes lock two files of the same name.
type kernelLocks struct {
	path  string
	files map[lockKey]*os.File
}

func (k *kernelLocks) open(path string) error {
	k.path, k.files = path, map[lockKey]*os.File{}
	return nil
}

// lock takes key; false when somebody else has it.
func (k *kernelLocks) lock(key lockKey) (bool, error) {
	f, err := os.OpenFile(filepath.Join(k.path, fmt.Sprintf("%016x.lock", uint64(key))), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return false, nil
		}
		return false, err
	}
	k.files[key] = f
	return true, nil
}

func (k *kernelLocks) unlock(key lockKey) {
	k.files[key].Close()
	delete(k.files, key)
}

func (k *kernelLocks) close() error {
	var errs []error
	for _, f := range k.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
