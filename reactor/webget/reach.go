package webget

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// reach says which addresses a request may connect to.
type reach uint8

const (
	// anywhere is for URLs as torrents and users name them: servers of a
	// private network are as good as others.
	anywhere reach = iota
	// noLoopback is for paths that do not end in Config.LocalPath, of which
	// any torrent may name some: they could mean another service of this
	// machine.
	noLoopback
	// publicOnly is for where a server on a public address redirects to.
	publicOnly
	reaches // their number
)

// AddressError says that an address was not connected to.
type AddressError struct {
	Addr   netip.Addr
	Reason string
}

func (e *AddressError) Error() string { return fmt.Sprintf("not asking %v: %s", e.Addr, e.Reason) }

// admits returns nil if an address, of which the name was resolved, may be
// connected to.
func (r reach) admits(addr netip.Addr) error {
	addr = plainAddr(addr)
	switch {
	case r == publicOnly && !public(addr):
		return &AddressError{addr, "a public server redirects to a private address"}
	case r == noLoopback && local(addr):
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

// embedding are the prefixes of IPv6 addresses that stand for an IPv4 address,
// and the byte at which it begins.
var embedding = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("::/96"), 12},          // IPv4-compatible (RFC 4291)
	{netip.MustParsePrefix("64:ff9b::/96"), 12},   // NAT64 (RFC 6052)
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // NAT64 of a site (RFC 8215)
	{netip.MustParsePrefix("2002::/16"), 2},       // 6to4 (RFC 3056)
}

// plainAddr is the IPv4 address that an IPv6 address stands for, if it does.
func plainAddr(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if addr.Is4() || addr.IsLoopback() || addr.IsUnspecified() {
		return addr
	}
	for _, e := range embedding {
		if e.prefix.Contains(addr) {
			b := addr.As16()
			return netip.AddrFrom4([4]byte(b[e.at : e.at+4]))
		}
	}
	return addr
}

// reserved are the addresses besides those that netip tells of which the
// Internet does not route (IANA's special-purpose registries).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // between providers and their customers (RFC 6598)
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // future use
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("fec0::/10"),       // site-local
}

// public tells whether an address is one of the Internet's.
func public(addr netip.Addr) bool {
	addr = plainAddr(addr)
	return addr.IsGlobalUnicast() && !addr.IsPrivate() &&
		!slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// local tells whether a connect to an address reaches this machine: to the
// unspecified one it does.
func local(addr netip.Addr) bool {
	addr = plainAddr(addr)
	return addr.IsLoopback() || addr.IsUnspecified() || addr.Is4() && addr.As4()[0] == 0
}

// publicConn tells whether the other end of a connection is on the Internet.
func publicConn(c net.Conn) bool {
	a, ok := c.RemoteAddr().(*net.TCPAddr)
	return ok && public(a.AddrPort().Addr())
}
