package blame

import (
	"net/netip"

	"spate/reactor/address"
	"spate/reactor/fifo"
)

// MostBans bounds the addresses that are refused, of a torrent: 1,000 liars cost
// a piece each, and 200 KiB of memory to remember.
const MostBans = 1000

// Bans is the addresses from which nothing more is taken. The zero value has
// none.
type Bans struct {
	set   map[netip.AddrPort]struct{}
	order fifo.Queue[netip.AddrPort] // oldest first
}

// place is what is refused with an address: an IPv4 address with all its ports,
// as whoever lies has 65,536 of them; a /64 of IPv6. On the loopback address that
// all programs of a machine share, other peers of a lab or behind a tunnel, it is
// the one port.
func place(at netip.AddrPort) netip.AddrPort {
	addr := at.Addr().Unmap().WithZone("")
	if addr == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || addr == netip.IPv6Loopback() {
		return netip.AddrPortFrom(addr, at.Port())
	}
	return netip.AddrPortFrom(address.Site(addr), 0)
}

// same tells whether two ends count as one.
func same(a, b netip.AddrPort) bool { return place(a) == place(b) }

// Add refuses an address from now on, and tells whether that is new.
func (b *Bans) Add(at netip.AddrPort) bool {
	if !at.IsValid() || b.Has(at) {
		return false
	}
	if b.set == nil {
		b.set = make(map[netip.AddrPort]struct{})
	}
	if b.order.Len() >= MostBans {
		delete(b.set, b.order.Pop())
	}
	b.set[place(at)] = struct{}{}
	b.order.Push(place(at))
	return true
}

// Has tells whether an address is refused.
func (b *Bans) Has(at netip.AddrPort) bool {
	if len(b.set) == 0 {
		return false
	}
	_, ok := b.set[place(at)]
	return ok
}
