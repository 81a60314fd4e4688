package usage

import (
	"io/fs"
	"strconv"
	"strings"
	"syscall"
)

// blockBytes is what st_blocks counts in, on every system.
const blockBytes = 512

// MemoryFiles is the bytes of memory in anonymous files (memfd) and in pipes that
// a group's processes have open, each file once a process and each pipe once: they
// are in no other figure unless they are mapped. proc is the file system at /proc, as the system's own.
func MemoryFiles(proc fs.FS, group int) (int64, error) {
	pids, err := Members(proc, group)
	if err != nil {
		return 0, err
	}
	return memoryFiles(proc, pids)
}

func memoryFiles(proc fs.FS, pids []int) (sum int64, err error) {
	pipes := map[string]bool{}
	for _, pid := range pids {
		dir := strconv.Itoa(pid) + "/fd"
		files, err := fs.ReadDir(proc, dir)
		if err != nil && !gone(err) {
			return 0, err
		}
		for _, f := range files {
			name := dir + "/" + f.Name()
			link, err := fs.ReadLink(proc, name)
			switch {
			case err != nil: // closed meanwhile
			case strings.HasPrefix(link, "/memfd:"):
				sum += memoryFile(proc, name)
			case strings.HasPrefix(link, "pipe:") && !pipes[link]:
				pipes[link] = true
				sum += pipeBytes(proc, name)
			}
		}
	}
	return sum, nil
}

// memoryFile is the bytes of a descriptor's file in memory. One that was closed
// meanwhile has none.
func memoryFile(proc fs.FS, name string) int64 {
	info, err := fs.Stat(proc, name)
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return stat.Blocks * blockBytes
}
