package usage

import (
	"io/fs"
	"strconv"
	"strings"
	"syscall"
)

// blockBytes is what st_blocks counts in, on every system.
const blockBytes = 512

// MemoryFiles is the bytes of memory in anonymous files (memfd) that a group's
// processes have open, each file once a process: they are in no other figure
// unless they are mapped. proc is the file system at /proc, as the system's own.
func MemoryFiles(proc fs.FS, group int) (int64, error) {
	pids, err := Members(proc, group)
	if err != nil {
		return 0, err
	}
	return memoryFiles(proc, pids)
}

func memoryFiles(proc fs.FS, pids []int) (sum int64, err error) {
	for _, pid := range pids {
		dir := strconv.Itoa(pid) + "/fd"
		files, err := fs.ReadDir(proc, dir)
		if err != nil && !gone(err) {
			return 0, err
		}
		for _, f := range files {
			sum += memoryFile(proc, dir+"/"+f.Name())
		}
	}
	return sum, nil
}

// memoryFile is the bytes of a descriptor's file, if it is one in memory. One
// that was closed meanwhile has none.
func memoryFile(proc fs.FS, name string) int64 {
	link, err := fs.ReadLink(proc, name)
	if err != nil || !strings.HasPrefix(link, "/memfd:") {
		return 0
	}
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
