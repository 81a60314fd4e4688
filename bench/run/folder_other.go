//go:build !linux

package run

// MemoryFolder is empty.
func MemoryFolder(int64) string { return "" }

// InMemory is false.
func InMemory(string) bool { return false }
