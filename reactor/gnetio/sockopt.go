package gnetio

import "golang.org/x/sys/unix"

// setCork and setReadLowWater can fail only on a socket that is gone, of which
// gnet tells soon.

func setCork(fd int, on bool) {
	v := 0
	if on {
		v = 1
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, corkOption, v)
}

func setReadLowWater(fd, n int) {
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, n)
}
