//go:build linux || darwin

package vfs

import (
	"math"

	"golang.org/x/sys/unix"
)

// freeBytes is what an ordinary user may still store where path lies.
func freeBytes(path string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	blocks, size := s.Bavail, uint64(s.Bsize)
	if size > 0 && blocks > math.MaxInt64/size {
		return math.MaxInt64, nil
	}
	return int64(blocks * size), nil
}
