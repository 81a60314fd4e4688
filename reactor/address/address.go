// Package address says what of an IP address counts, wherever peers are counted
// or refused by theirs. It is pure.
package address

import "net/netip"

// networkBits is what counts as one address of IPv6: a customer has 2^64 of them.
const networkBits = 64

// Site is what counts as one address: an IPv4 address, also one within IPv6, or
// a /64 of IPv6 without its zone. The zero Addr stays so.
func Site(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if network, err := ip.Prefix(networkBits); err == nil {
			return network.Addr()
		}
	}
	return ip
}

// Private tells whether an address is one of this machine or of a network that
// the Internet does not reach, where many peers share one by nature.
func Private(ip netip.Addr) bool {
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}
