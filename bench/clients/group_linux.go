package clients

import "syscall"

// ownGroup puts a child into a process group of its own, and has the kernel end
// it when this process ends without having done so: a test that runs out of
// time leaves no client behind.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
