package swarm

import (
	"net/netip"
	"testing"
	"time"
)

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestRosterDialsEachOnce(t *testing.T) {
	var r roster
	a, b := addr("10.0.0.1:1"), addr("10.0.0.2:1")
	if !r.add(a, false) || !r.add(b, false) || r.add(a, false) {
		t.Fatal("add does not tell new from known")
	}
	got := map[netip.AddrPort]bool{}
	for range 2 {
		x, _, ok := r.next(0, true)
		if !ok || got[x] {
			t.Fatalf("next: %v %v", x, ok)
		}
		got[x] = true
	}
	if _, _, ok := r.next(0, true); ok {
		t.Error("gave an address that is being dialed")
	}
	if r.busy != 2 {
		t.Errorf("busy %d, want 2", r.busy)
	}
	r.connected(a)
	r.ended(b, 0, false)
	if r.busy != 0 {
		t.Errorf("busy %d, want 0", r.busy)
	}
	if _, _, ok := r.next(time.Hour, true); !ok {
		t.Error("a failed address is never tried again")
	}
	if x, _, ok := r.next(time.Hour, true); ok {
		t.Errorf("dials %v, which is connected", x)
	}
}

func TestRosterWaitsLongerAfterEachFailure(t *testing.T) {
	var r roster
	a := addr("10.0.0.1:1")
	r.add(a, false)
	now, last := time.Duration(0), time.Duration(0)
	for range 12 {
		if _, _, ok := r.next(now, true); !ok {
			t.Fatal("address lost")
		}
		r.ended(a, now, false)
		wait := time.Duration(0)
		for {
			if _, _, ok := r.next(now+wait, true); ok {
				break
			}
			if wait += time.Second; wait > 2*retryMost {
				t.Fatal("never tried again")
			}
		}
		if wait < last || wait > retryMost {
			t.Fatalf("waits %v after %v", wait, last)
		}
		last = wait
		r.ended(a, now, false)
		now += 2 * retryMost
	}
}

func TestRosterRefusesWhatCannotBeDialed(t *testing.T) {
	var r roster
	check := func(s string) {
		t.Helper()
		if r.add(addr(s), false) {
			t.Errorf("took %s", s)
		}
	}
	check("10.0.0.1:0")
	check("0.0.0.0:5")
	check("224.0.0.1:5")
	check("[::]:5")
	if r.add(netip.AddrPort{}, false) {
		t.Error("took the zero address")
	}
}

func TestRosterIsBounded(t *testing.T) {
	var r roster
	at := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 1)
	}
	for i := range maxCandidates {
		if !r.add(at(i), false) {
			t.Fatalf("refused address %d", i)
		}
	}
	if r.add(at(maxCandidates), false) {
		t.Fatal("took one more than the limit")
	}
	x, _, _ := r.next(0, true)
	r.ended(x, 0, false)
	if !r.add(at(maxCandidates), false) {
		t.Error("a failed address does not give way to a new one")
	}
	if len(r.list) != maxCandidates || len(r.index) != maxCandidates {
		t.Errorf("%d listed, %d indexed", len(r.list), len(r.index))
	}
}

func TestRosterBans(t *testing.T) {
	var r roster
	a := addr("10.0.0.1:1")
	r.add(a, false)
	r.bans.Add(a)
	if _, _, ok := r.next(0, true); ok {
		t.Error("dials a banned address")
	}
	if r.add(addr("10.0.0.1:2"), false) {
		t.Error("takes another port of a banned address")
	}
}
