//go:build !linux

package vfs

import "io"

// nextData knows of no holes.
func nextData(_ int, off int64) int64 { return off }

// prefetch leaves reading ahead to the system.
func prefetch(int, int64, int64) {}

// load reads.
func load(f io.ReaderAt, _ int, off int64, n int) (int, error) { return loadCopy(f, off, n) }

// forget leaves what stands in memory to the system.
func forget(int) {}
