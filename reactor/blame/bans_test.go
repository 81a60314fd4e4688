package blame

import (
	"net/netip"
	"testing"
)

// TestBans: a ban closes an address, not a port of it; a network of IPv6; and of
// the loopback address that all share one port.
func TestBans(t *testing.T) {
	check := func(banned, at string, want bool) {
		t.Helper()
		var b Bans
		if b.Has(netip.MustParseAddrPort(at)) || !b.Add(netip.MustParseAddrPort(banned)) || b.Add(netip.MustParseAddrPort(banned)) {
			t.Errorf("%s: Add does not tell new from known", banned)
		}
		if got := b.Has(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s with %s banned: %v", at, banned, got)
		}
	}
	check("10.0.0.1:1", "10.0.0.1:2", true)
	check("10.0.0.1:1", "10.0.0.2:1", false)
	check("10.0.0.1:1", "[::ffff:10.0.0.1]:3", true)
	check("[2001:db8::1]:1", "[2001:db8::2]:9", true)
	check("[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false)
	check("[fe80::1%eth0]:1", "[fe80::1%eth1]:1", true)
	check("127.0.0.1:1", "127.0.0.1:1", true)
	check("127.0.0.1:1", "127.0.0.1:2", false)
	check("[::1]:1", "[::1]:2", false)
	check("127.0.0.2:1", "127.0.0.2:2", true)
	var b Bans
	if b.Add(netip.AddrPort{}) {
		t.Error("bans no address")
	}
}

// TestBansAreBounded: the oldest gives way.
func TestBansAreBounded(t *testing.T) {
	var b Bans
	at := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)}), 1)
	}
	for i := range MostBans + 1 {
		b.Add(at(i))
	}
	if b.Has(at(0)) || !b.Has(at(1)) || !b.Has(at(MostBans)) || len(b.set) != MostBans || b.order.Len() != MostBans {
		t.Errorf("%d addresses are banned, the first of them: %v", len(b.set), b.Has(at(0)))
	}
}
