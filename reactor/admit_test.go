package reactor

import "testing"

// TestAdmit: while something is incomplete, peers that come leave places for
// those that we dial.
func TestAdmit(t *testing.T) {
	check := func(most int, incomplete, peers int64, inbound, want bool) {
		t.Helper()
		e := &Engine{cfg: Config{MaxPeers: most}}
		e.incomplete.Store(incomplete)
		e.peers.Store(peers)
		if got := e.admit(inbound); got != want {
			t.Errorf("%d of %d connections, %d incomplete, inbound %v: %v", peers, most, incomplete, inbound, got)
		}
	}
	check(500, 0, 499, true, true)
	check(500, 0, 500, true, false)
	check(500, 1, 449, true, true)
	check(500, 1, 450, true, false)
	check(500, 1, 450, false, true)
	check(500, 1, 500, false, false)
	check(10000, 3, 9899, true, true)
	check(10000, 3, 9900, true, false)
	check(3, 1, 2, true, true)
}
