package reactor

import (
	"net/netip"
	"testing"
)

func TestOwnAddress(t *testing.T) {
	e := &Engine{parts: Parts{Addresses: func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("192.168.0.5")} }}}
	check := func(to string, want bool) {
		t.Helper()
		if got := e.isOwn(netip.MustParseAddrPort(to)); got != want {
			t.Errorf("%s: %v", to, got)
		}
	}
	check("127.0.0.1:6881", false) // we do not listen
	listen := netip.MustParseAddrPort("[::]:6881")
	e.own.listen.Store(&listen)
	external := netip.MustParseAddr("203.0.113.5")
	e.own.external.Store(&external)
	for _, ip := range []string{"127.0.0.1", "127.9.9.9", "192.168.0.5", "203.0.113.5"} {
		check(ip+":6881", true)
		check(ip+":6882", false)
		check("[::ffff:"+ip+"]:6881", true)
	}
	check("[::1]:6881", true)
	check("192.168.0.6:6881", false)
	listen2 := netip.MustParseAddrPort("127.0.0.2:6881")
	e.own.listen.Store(&listen2)
	check("127.0.0.1:6881", false) // another's
	check("127.0.0.2:6881", true)
	check("203.0.113.5:6881", true)
	e.parts.Addresses = nil
	e.own.listen.Store(&listen)
	check("192.168.0.5:6881", false)
}
