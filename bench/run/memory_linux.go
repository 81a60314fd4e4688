package run

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// tcpMemoryFile is the whole system's, in pages: what TCP may have before it
// saves, what it saves from, and what it may have at all.
const tcpMemoryFile = "/proc/sys/net/ipv4/tcp_mem"

// putBack waits for the end of its input, which is that of the process that
// started it whatever ended that, and writes its second argument to its first.
const putBack = `trap "" INT TERM HUP; cat >/dev/null; echo "$2" >"$1"`

// moreTCPMemory lets TCP have half of the memory, where it may have less, and
// returns what puts it back. What cannot be set stays.
//
// On loopback the leechers' receive queues are this machine's. 5,000 of them that
// wait for 250 blocks each fill the eleventh of the memory that Linux gives TCP,
// and from then on it drops segments that have arrived: a seeder looks half as
// good for what its peers' machines would bear.
func moreTCPMemory() (restore func()) {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return func() {}
	}
	return raise(tcpMemoryFile, uint64(info.Totalram)*uint64(info.Unit)/uint64(os.Getpagesize())) //nolint:unconvert // 32 bits on others
}

// raise is moreTCPMemory with a file that says what holds, and the memory in
// pages.
func raise(file string, memory uint64) (restore func()) {
	nothing := func() {}
	before, err := os.ReadFile(file)
	if err != nil {
		return nothing
	}
	var low, pressure, high uint64
	if _, err := fmt.Sscan(string(before), &low, &pressure, &high); err != nil || high >= memory/2 {
		return nothing
	}
	keeper := exec.Command("sh", "-c", putBack, "sh", file, strings.TrimSpace(string(before)))
	keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's SIGINT is not for it
	end, err := keeper.StdinPipe()
	if err != nil || keeper.Start() != nil {
		return nothing
	}
	_ = os.WriteFile(file, fmt.Appendf(nil, "%d %d %d\n", memory/4, memory/3, memory/2), 0o644) // refused in a container
	return func() {
		_ = end.Close()
		_ = keeper.Wait()
	}
}
