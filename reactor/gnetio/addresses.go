package gnetio

import (
	"net"
	"net/netip"
)

// Addresses are those of this machine's interfaces, none where the system does
// not tell.
func Addresses() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var ips []netip.Addr
	for _, a := range all {
		if prefix, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(prefix.IP); ok {
				ips = append(ips, ip.Unmap())
			}
		}
	}
	return ips
}
