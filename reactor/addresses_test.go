package reactor

import (
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	check := func(limit int, addr string, room int) {
		t.Helper()
		a := newAddresses(limit)
		x := netip.MustParseAddr(addr)
		const tries = DefaultPerAddress + 10
		got := 0
		for range tries {
			if a.enter(x) {
				got++
			}
		}
		if got != room {
			t.Errorf("limit %d: %d connections of %s have room, want %d", limit, got, addr, room)
		}
		for range tries {
			a.leave(x)
		}
		if !a.enter(x) {
			t.Errorf("limit %d: no room for %s after all have left", limit, addr)
		}
	}
	const all = DefaultPerAddress + 10
	check(0, "203.0.113.7", DefaultPerAddress)
	check(0, "2001:db8::1", DefaultPerAddress)
	check(0, "127.0.0.1", all)
	check(0, "192.168.1.9", all)
	check(0, "fe80::1%eth0", all)
	check(0, "::1", all)
	check(3, "203.0.113.7", 3)
	check(3, "127.0.0.1", 3)
	check(3, "fe80::1%eth0", 3)
	check(-1, "203.0.113.7", all)
}

// TestAddressesOfANetwork: IPv6 is counted by the network of a customer.
func TestAddressesOfANetwork(t *testing.T) {
	a := newAddresses(2)
	enter := func(addr string, want bool) {
		t.Helper()
		if a.enter(netip.MustParseAddr(addr)) != want {
			t.Errorf("%s: want room %v", addr, want)
		}
	}
	enter("2001:db8:1:2::1", true)
	enter("2001:db8:1:2:3::4", true)
	enter("2001:db8:1:2::5", false)
	enter("2001:db8:1:3::1", true)
	enter("203.0.113.1", true)
	enter("203.0.113.2", true)
	if a.leave(netip.MustParseAddr("2001:db8:1:3::1")); len(a.by) != 3 {
		t.Errorf("%d networks are kept, want 3", len(a.by))
	}
}
