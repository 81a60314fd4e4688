package load

import (
	"net/netip"
	"testing"

	"spate/reactor/gnetio"
)

func TestLoopback(t *testing.T) {
	next := Loopback()
	check := func(want string) {
		t.Helper()
		if got := next(); got != netip.MustParseAddr(want) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	check("127.1.0.1")
	check("127.1.0.2")
	for range 252 {
		next()
	}
	check("127.1.0.255")
	check("127.1.1.0")
}

// Connections with an address each reach the target like others.
func TestOwnAddresses(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 1<<20)
	_, addr := target(t, torrent, dir, true)
	n, err := gnetio.New(gnetio.Config{Source: Loopback()})
	if err != nil {
		t.Fatal(err)
	}
	g, err := Start(Config{Network: n, Target: addr, Torrent: torrent, Conns: 10, Draw: draw})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Stop() }()
	s := until(t, g, "payload on all", func(s Snapshot) bool {
		return s.Connected == 10 && s.Bytes > 10*torrent.Info.Length
	})
	if s.Failed != 0 {
		t.Errorf("got %+v, last failure %v", s, g.Reason())
	}
}
