package picker

import (
	"slices"
	"testing"
)

func TestInteresting(t *testing.T) {
	p := setup(1, "**......", "********", "**......", "***.....")
	check := func(what string, changed []PeerID, interesting ...bool) {
		t.Helper()
		if got := p.InterestChanges(nil); !slices.Equal(got, changed) {
			t.Errorf("%s: changes of %v, want %v", what, got, changed)
		}
		for id, want := range interesting {
			if got := p.Interesting(PeerID(id)); got != want {
				t.Errorf("%s: peer %d is interesting: %t", what, id, got)
			}
		}
	}
	check("at first", []PeerID{0, 2}, true, false, true, false)
	check("no change", nil, true, false, true)
	p.PeerHave(1, 1)
	p.PeerHave(1, 7)
	check("a new piece", []PeerID{1}, true, true, true)
	p.MarkHave(2)
	check("had", []PeerID{2}, true, true, false)
	p.SetPriority(7, Skip)
	p.SetPriority(7, Normal)
	check("skipped for a moment", []PeerID{1}, true, true, false)
	for i := range 8 {
		p.SetPriority(i, Skip)
	}
	check("all skipped", []PeerID{0, 1}, false, false, false)
	p.SetPriority(5, Normal)
	check("one wanted", []PeerID{0}, true, false, false)
	p.PeerHave(1, 5)
	p.PeerGone(1)
	check("gone", nil, true, false, false)
}

// TestUnknownPeers holds that calls for a peer that was not added do nothing.
func TestUnknownPeers(t *testing.T) {
	p := setup(1, "....", "****")
	b := p.Pick(0, 1, 0, 0, nil)[0]
	for _, id := range []PeerID{1, MaxPeers, NoPeer} {
		p.PeerGone(id)
		p.Lost(id, b)
		if p.Interesting(id) || p.Outstanding(id) != 0 || len(p.OutstandingBlocks(id, nil)) != 0 ||
			len(p.Pick(id, 1, 0, 0, nil)) != 0 || p.Wants(id, b) != Discard || p.Received(id, b).Accept {
			t.Errorf("peer %d", id)
		}
	}
	if p.Outstanding(0) != 1 {
		t.Error("a stranger took a request away")
	}
}
