package swarm

import (
	"net/netip"

	"spate/reactor/address"
)

const (
	// maxPorts bounds the ports of one public address that are candidates of a
	// torrent, unless the user names them: some peers share an address, and a
	// list of one victim's thousand ports shall not have us knock at each.
	maxPorts = 8
	// maxLocalPorts is the same for private addresses: in labs all peers share
	// one, and each torrent dials up to leechPeers of them.
	maxLocalPorts = 128
)

// dialable returns addr as connections name it, and whether a peer can be there:
// no port 0, and no address of nobody or of many.
func dialable(addr netip.AddrPort) (netip.AddrPort, bool) {
	ip := addr.Addr().Unmap().WithZone("")
	switch {
	case !ip.IsValid() || addr.Port() == 0 || ip.IsUnspecified() || ip.IsMulticast():
		return addr, false
	case ip.Is4():
		first := ip.As4()[0]
		if first == 0 || first >= 240 { // this network; reserved, and broadcast
			return addr, false
		}
	}
	return netip.AddrPortFrom(ip, addr.Port()), true
}

// portsOf is how many candidates a site (address.Site) may have.
func portsOf(site netip.Addr) int {
	if address.Private(site) {
		return maxLocalPorts
	}
	return maxPorts
}
