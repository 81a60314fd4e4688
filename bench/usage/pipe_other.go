//go:build !linux

package usage

import "io/fs"

// pipeBytes is for systems with a /proc.
func pipeBytes(fs.FS, string) int64 { return 0 }
