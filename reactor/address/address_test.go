package address

import (
	"net/netip"
	"testing"
)

func TestSite(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := Site(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("%s: %v, want %s", in, got, want)
		}
	}
	check("192.0.2.7", "192.0.2.7")
	check("::ffff:192.0.2.7", "192.0.2.7")
	check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")
	check("fe80::1%eth0", "fe80::")
	if got := Site(netip.Addr{}); got.IsValid() {
		t.Errorf("no address: %v", got)
	}
}

func TestPrivate(t *testing.T) {
	for in, want := range map[string]bool{
		"127.0.0.9": true, "::1": true, "10.1.2.3": true, "192.168.0.1": true, "fd00::1": true, "fe80::": true,
		"8.8.8.8": false, "2001:4860::1": false, "172.32.0.1": false,
	} {
		if got := Private(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}
