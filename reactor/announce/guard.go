package announce

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
)

// reach says which addresses a request may connect to.
type reach uint8

const (
	// anywhere is for trackers as torrents name them: those of a private
	// network are as good as others.
	anywhere reach = iota
	// noLoopback is for URLs whose path does not end in "/announce", of which
	// any torrent may name some: they could mean another service of this
	// machine.
	noLoopback
	// publicOnly is for where a tracker on a public address redirects to.
	publicOnly
	reaches // their number
)

// AddressError says that a tracker's address was not connected to.
type AddressError struct {
	Addr   netip.Addr
	Reason string
}

func (e *AddressError) Error() string { return fmt.Sprintf("not asking %v: %s", e.Addr, e.Reason) }

// reachOf returns how far a request may reach. A connection that is kept open
// serves requests of the same reach only.
func reachOf(r *http.Request, redirected bool) reach {
	switch {
	case redirected:
		return publicOnly
	case strings.HasSuffix(r.URL.Path, "/announce"):
		return anywhere
	default:
		return noLoopback
	}
}

// admits returns nil if an address, of which the name was resolved, may be
// connected to.
func (r reach) admits(addr netip.Addr) error {
	addr = addr.Unmap()
	switch {
	case r == publicOnly && !public(addr):
		return &AddressError{addr, "a public tracker redirects to a private address"}
	case r == noLoopback && (addr.IsLoopback() || addr.IsUnspecified()):
		return &AddressError{addr, "a tracker on this machine needs a path that ends in /announce"}
	}
	return nil
}

// control is the Control of a net.Dialer.
func (r reach) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return r.admits(to.Addr())
}

// shared is the address space between providers and their customers (RFC 6598).
var shared = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)

// public tells whether an address is one of the Internet's.
func public(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !shared.Contains(addr)
}

// publicConn tells whether the other end of a connection is on the Internet.
func publicConn(c net.Conn) bool {
	a, ok := c.RemoteAddr().(*net.TCPAddr)
	return ok && public(a.AddrPort().Addr())
}
