package usage

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// pipeBytes is how many bytes lie in a descriptor's pipe. One that was closed
// meanwhile, or is not ours to look at, has none.
func pipeBytes(proc fs.FS, name string) int64 {
	f, err := proc.Open(name) // an end of its own: nobody waits for it, and it takes nothing
	if err != nil {
		return 0
	}
	defer f.Close()
	of, ok := f.(syscall.Conn)
	if !ok {
		return 0
	}
	rc, err := of.SyscallConn()
	if err != nil {
		return 0
	}
	n := 0
	if e := rc.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) }); e != nil || err != nil {
		return 0
	}
	return int64(n)
}
