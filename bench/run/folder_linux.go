package run

import "golang.org/x/sys/unix"

// memoryFolder is a file system in memory on Linux.
const memoryFolder = "/dev/shm"

// MemoryFolder returns a folder on a file system in memory that has room for
// so many bytes, or is empty.
func MemoryFolder(bytes int64) string {
	if InMemory(memoryFolder) && room(memoryFolder) >= bytes {
		return memoryFolder
	}
	return ""
}

// InMemory tells whether a folder is on a file system in memory.
func InMemory(folder string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(folder, &fs) == nil && fs.Type == unix.TMPFS_MAGIC
}

// room is how many bytes a file system has left.
func room(folder string) int64 {
	var fs unix.Statfs_t
	if unix.Statfs(folder, &fs) != nil {
		return 0
	}
	return int64(fs.Bavail) * fs.Bsize
}
