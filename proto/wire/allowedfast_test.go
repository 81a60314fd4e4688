package wire

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
)

func TestAllowedFast(t *testing.T) {
	hash := [20]byte(bytes.Repeat([]byte{0xaa}, 20))
	check := func(ip string, pieces, k int, want ...uint32) {
		t.Helper()
		if got := AllowedFast(netip.MustParseAddr(ip), hash, pieces, k); !slices.Equal(got, want) {
			t.Errorf("%s, %d pieces, k %d: %v, want %v", ip, pieces, k, got, want)
		}
	}
	// The examples of BEP 6.
	check("80.4.4.200", 1313, 7, 1059, 431, 808, 1217, 287, 376, 1188)
	check("80.4.4.200", 1313, 9, 1059, 431, 808, 1217, 287, 376, 1188, 353, 508)
	// The last octet does not matter, and a mapped address is IPv4.
	check("80.4.4.1", 1313, 2, 1059, 431)
	check("::ffff:80.4.4.200", 1313, 2, 1059, 431)
	check("2001:db8::1", 1313, 7)
	check("80.4.4.200", 1, 10, 0)
	check("80.4.4.200", 0, 10)
	check("80.4.4.200", 1313, 0)
	check("80.4.4.200", 1313, -1)
}

func TestAllowedFastLimit(t *testing.T) {
	ip := netip.MustParseAddr("80.4.4.200")
	check := func(pieces, k, want int) {
		t.Helper()
		got := AllowedFast(ip, [20]byte{}, pieces, k)
		sorted := slices.Compact(slices.Sorted(slices.Values(got)))
		if len(got) != want || len(sorted) != want {
			t.Errorf("%d pieces, k %d: %d of which %d distinct, want %d", pieces, k, len(got), len(sorted), want)
		}
	}
	check(1000, MaxAllowedFast, MaxAllowedFast)
	check(1000, MaxAllowedFast+1, MaxAllowedFast)
	check(MaxAllowedFast, MaxAllowedFast, MaxAllowedFast)
	check(5, 10, 5)
}
