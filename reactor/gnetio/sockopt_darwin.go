package gnetio

import (
	"errors"
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxReadLowWater is what the type of SO_RCVLOWAT carries.
const maxReadLowWater = math.MaxInt32

var errCongestion = errors.New("congestion control cannot be chosen on this system")

func probeCongestion(name string) error {
	if name == "" {
		return nil
	}
	return errCongestion
}

// socketOptions sets the options of a socket before it listens or connects.
func socketOptions(string) func(network, address string, rc syscall.RawConn) error {
	return func(_, _ string, rc syscall.RawConn) error {
		var err error
		if e := rc.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentLowWater)
		}); e != nil {
			return e
		}
		return os.NewSyscallError("setsockopt", err)
	}
}

// setCork and setReadLowWater can fail only on a socket that is gone, of which
// gnet tells soon.

func setCork(fd int, on bool) {
	v := 0
	if on {
		v = 1
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOPUSH, v)
}

func setReadLowWater(fd, n int) {
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, n)
}
