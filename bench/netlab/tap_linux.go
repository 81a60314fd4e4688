package netlab

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openTap makes a tap device, which is there until the file is closed. A read
// or write is one Ethernet frame.
func openTap(name string) (*os.File, error) {
	const device = "/dev/net/tun"
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", device, err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("tap device %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), device), nil
}
