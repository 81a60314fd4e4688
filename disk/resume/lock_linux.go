package resume

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFiles is how many files the locks are spread over. The kernel walks all
// locks of a file for each new one, so that 100,000 of them in a single file
// take a minute, and in as many as these half a second.
const lockFiles = 256

// kernelLocks is a few files, open while a key of theirs is locked, on which each
// key locks one byte. The locks belong to the open file (OFD locks, Linux 3.15), so they
// end with it and never with another descriptor of the process.
type kernelLocks struct {
	path  string
	files [lockFiles]*os.File
	held  [lockFiles]int // locks by file
}

func (k *kernelLocks) open(path string) error {
	k.path = path
	return nil
}

// lock takes key; false when somebody else has it.
func (k *kernelLocks) lock(key lockKey) (bool, error) {
	f := &k.files[key%lockFiles]
	if *f == nil {
		name := filepath.Join(k.path, fmt.Sprintf("locks.%03d", key%lockFiles))
		opened, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return false, err
		}
		*f = opened
	}
	err := k.set(key, unix.F_WRLCK)
	if err == nil {
		k.held[key%lockFiles]++
		return true, nil
	}
	k.rest(key)
	if err == unix.EAGAIN || err == unix.EACCES {
		return false, nil
	}
	return false, err
}

func (k *kernelLocks) unlock(key lockKey) {
	// Giving back a byte that is held cannot fail.
	_ = k.set(key, unix.F_UNLCK)
	k.held[key%lockFiles]--
	k.rest(key)
}

// rest closes the file of key when nothing in it is locked.
func (k *kernelLocks) rest(key lockKey) {
	if f := &k.files[key%lockFiles]; k.held[key%lockFiles] == 0 {
		_ = (*f).Close() // nothing is written to it
		*f = nil
	}
}

func (k *kernelLocks) set(key lockKey, kind int16) error {
	f := k.files[key%lockFiles]
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Start: int64(key / lockFiles), Len: 1})
}

func (k *kernelLocks) close() error {
	var errs []error
	for _, f := range k.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	k.files, k.held = [lockFiles]*os.File{}, [lockFiles]int{}
	return errors.Join(errs...)
}
