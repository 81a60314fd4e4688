package tracker

import (
	"encoding/binary"
	"net/netip"
)

// appendCompact appends the peers packed in s, each an address of addrBytes
// bytes (4 in BEP 23, 16 in BEP 7) and a port, up to MaxPeers in all. A partial entry at the end and
// peers that cannot be dialed are dropped.
func appendCompact(peers []netip.AddrPort, s string, addrBytes int) []netip.AddrPort {
	for n := addrBytes + 2; len(s) >= n && len(peers) < MaxPeers; s = s[n:] {
		addr, _ := netip.AddrFromSlice([]byte(s[:addrBytes]))
		port := uint16(s[addrBytes])<<8 | uint16(s[addrBytes+1])
		peers = appendDialable(peers, addr, port)
	}
	return peers
}

// appendListed appends the peers of the original form: a list of
// dictionaries with `ip` and `port` (BEP 3).
func appendListed(peers []netip.AddrPort, list []any) []netip.AddrPort {
	for _, item := range list {
		if len(peers) == MaxPeers {
			break
		}
		d, _ := item.(map[string]any)
		port := number(d["port"], 0)
		if port > 65535 {
			continue
		}
		text, _ := d["ip"].(string)
		addr, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		peers = appendDialable(peers, addr, uint16(port))
	}
	return peers
}

// appendDialable appends a peer unless nobody could connect to it.
func appendDialable(peers []netip.AddrPort, addr netip.Addr, port uint16) []netip.AddrPort {
	addr = addr.Unmap().WithZone("")
	broadcast := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	if port == 0 || addr.IsUnspecified() || addr.IsMulticast() || addr == broadcast {
		return peers
	}
	return append(peers, netip.AddrPortFrom(addr, port))
}

// pack returns peers in the compact forms, by family.
func pack(peers []netip.AddrPort) (v4, v6 []byte) {
	for _, p := range peers {
		if addr := p.Addr().Unmap(); addr.Is4() {
			v4 = binary.BigEndian.AppendUint16(append(v4, addr.AsSlice()...), p.Port())
		} else if addr.Is6() {
			v6 = binary.BigEndian.AppendUint16(append(v6, addr.AsSlice()...), p.Port())
		}
	}
	return v4, v6
}
