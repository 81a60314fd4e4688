package swarm

import (
	"net/netip"
	"testing"
	"time"
)

func TestDialable(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		got, ok := dialable(addr(in))
		if ok != (want != "") || ok && got != addr(want) {
			t.Errorf("%s: %v, %v", in, got, ok)
		}
	}
	check("1.2.3.4:5", "1.2.3.4:5")
	check("[::ffff:1.2.3.4]:5", "1.2.3.4:5")
	check("[2001:db8::1]:65535", "[2001:db8::1]:65535")
	check("[fe80::1%eth0]:5", "[fe80::1]:5")
	check("127.0.0.1:5", "127.0.0.1:5")
	for _, s := range []string{
		"1.2.3.4:0", "0.0.0.0:5", "0.1.2.3:5", "224.0.0.1:5", "239.255.255.255:5", "240.0.0.1:5", "255.255.255.255:5",
		"[::]:5", "[ff02::1]:5", "[::ffff:0.0.0.0]:5", "[::ffff:255.255.255.255]:5", "[::ffff:224.0.0.1]:5",
	} {
		check(s, "")
	}
}

// TestRosterTakesFewPortsOfAnAddress: unless the user names them, and more where
// all peers share an address.
func TestRosterTakesFewPortsOfAnAddress(t *testing.T) {
	check := func(of func(i int) string, named bool, want int) {
		t.Helper()
		var r roster
		for i := range 500 {
			r.add(addr(of(i+1)), named)
		}
		if len(r.list) != want {
			t.Errorf("%s: %d candidates, want %d", of(1), len(r.list), want)
		}
	}
	port := func(ip string) func(int) string {
		return func(i int) string { return netip.AddrPortFrom(netip.MustParseAddr(ip), uint16(i)).String() }
	}
	check(port("8.8.8.8"), false, maxPorts)
	check(port("8.8.8.8"), true, 500)
	check(port("::ffff:8.8.8.8"), false, maxPorts)
	check(port("127.0.0.1"), false, maxLocalPorts)
	check(port("10.0.0.1"), false, maxLocalPorts)
	check(func(i int) string {
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte{0x20, 1, 15: byte(i)}), 1).String()
	}, false, maxPorts)

	var r roster
	for i := range uint16(maxPorts) {
		r.add(netip.AddrPortFrom(netip.MustParseAddr("8.8.8.8"), 1+i), false)
	}
	r.add(addr("9.9.9.9:1"), false)
	x, _, _ := r.next(0, true)
	r.ended(x, 0, false)
	if !r.add(addr("8.8.8.8:99"), false) || len(r.list) != maxPorts+1 || r.sites[x.Addr()] != maxPorts {
		t.Error("a port that failed does not give way to another of its address")
	}
	if r.add(addr("8.8.8.8:98"), false) {
		t.Error("another address's place is taken")
	}
}

func TestDialRate(t *testing.T) {
	var r DialRate
	went := func(from, for_ time.Duration) (n int) {
		for now := from; now < from+for_; now += 10 * time.Millisecond {
			for range 5 {
				if r.allows(now) {
					r.take(now)
					n++
				}
			}
		}
		return n
	}
	check := func(from, for_ time.Duration, want int) {
		t.Helper()
		if n := went(from, for_); n < want-1 || n > want+1 {
			t.Errorf("%d dials from %v to %v, want %d", n, from, from+for_, want)
		}
	}
	check(0, time.Second, 2*dialsPerSecond)
	check(time.Second, 10*time.Second, 10*dialsPerSecond)
	check(time.Hour, time.Second, 2*dialsPerSecond) // what was not used for long is not saved up
	var none *DialRate
	if none.take(0); !none.allows(0) {
		t.Error("no rate holds back")
	}
}
