//go:build !linux

package wirecache

import "errors"

// Supported tells whether File makes images on this system.
const Supported = false

// File makes no images: there is no memfd here.
func File([][]byte, int64) (Memory, error) {
	return nil, errors.New("no files in memory on this system")
}
