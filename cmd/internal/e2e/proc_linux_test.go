package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// files are the open files of a process.
func (l *lab) files(p *process) []os.DirEntry {
	l.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	l.must(err)
	return open
}

// memory is the anonymous memory of a process, in bytes: what it cannot give
// back to the page cache.
func (l *lab) memory(p *process) int64 {
	l.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	l.must(err)
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	text, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kib, err := strconv.ParseInt(text, 10, 64)
	l.must(err)
	return kib << 10
}

// weight describes what a process holds.
func (l *lab) weight(p *process) string {
	l.Helper()
	return fmt.Sprintf("%.1f MiB of anonymous memory, %d open files", float64(l.memory(p))/(1<<20), len(l.files(p)))
}
