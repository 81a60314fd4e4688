package reactor_test

import (
	"net/netip"
	"testing"
	"time"

	"spate/disk"
	"spate/reactor"
	"spate/reactor/swarm"
)

// TestStats: the figures of both ends of a transfer fit together, and stay when
// the torrent has gone.
func TestStats(t *testing.T) {
	const size = 8<<20 + 12345
	seeder, seed, _ := seeding(t, size, reactor.Config{Loops: 2})
	leecher := start(t, reactor.Config{Loops: 2})
	got, err := leecher.Add(seed.Meta(), reactor.AddOptions{Dir: t.TempDir(), Peers: []netip.AddrPort{at(seeder)}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-got.Complete():
	case <-time.After(time.Minute):
		t.Fatalf("not complete: %+v", got.Stats())
	}
	// Some figures are told with the next tick.
	eventually(t, "all requests are counted", func() bool {
		r := seeder.Stats().Requests
		return r.Received > 0 && r.Received == r.Served+r.Cancelled+r.Dropped && r.Queued == 0
	})
	eventually(t, "nobody is connected", func() bool {
		s := seeder.Stats()
		return s.Connections == [swarm.PeerStates]int64{} && s.Peers == 0 && s.Network.Open == 0
	})
	s := seeder.Stats()
	var sent int64
	for _, n := range s.Sent {
		sent += n
	}
	if s.Uploaded != size || sent != size || s.WireSent > size {
		t.Errorf("%d bytes uploaded, %d by all ways, %d from images; want %d", s.Uploaded, sent, s.WireSent, size)
	}
	if blocks := int64(size/(16<<10) + 1); s.Requests.Served < blocks || s.Requests.Wait.Count() == 0 {
		t.Errorf("%d requests served, %d timed", s.Requests.Served, s.Requests.Wait.Count())
	}
	if s.States[reactor.StateSeeding] != 1 || s.States[reactor.StateChecking] != 0 {
		t.Errorf("torrents by state: %v", s.States)
	}
	if len(s.Loops) != 2 || s.Loops[0].Turns == 0 || s.Loops[0].Lag.Count() == 0 {
		t.Errorf("loops: %+v", s.Loops)
	}
	for _, p := range s.Memory {
		if p.Bytes < 0 || p.Bytes > p.Budget || (p.Budget <= 0 && p.Pool != "wire_cache") {
			t.Errorf("%s: %d of %d bytes", p.Pool, p.Bytes, p.Budget)
		}
	}

	l := leecher.Stats()
	if l.Downloaded < size || l.Downloaded-l.Wasted != size {
		t.Errorf("%d bytes downloaded, %d wasted, want %d", l.Downloaded, l.Wasted, size)
	}
	if n := l.Took[disk.OpWrite].Count(); n != uint64(seed.Meta().Info.NumPieces()) {
		t.Errorf("%d writes, want %d", n, seed.Meta().Info.NumPieces())
	}

	seeder.Remove(seed)
	<-seed.Done()
	s = seeder.Stats()
	if s.Uploaded != size || s.Torrents != 0 || s.States[reactor.StateSeeding] != 0 || s.States[reactor.StateStopped] != 1 {
		t.Errorf("after the end: %d bytes uploaded, %d torrents, by state %v", s.Uploaded, s.Torrents, s.States)
	}
}
