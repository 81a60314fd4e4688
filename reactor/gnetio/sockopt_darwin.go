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

// corkOption holds partial segments back.
const corkOption = unix.TCP_NOPUSH
