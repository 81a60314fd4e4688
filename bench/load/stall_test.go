package load

import (
	"net/netip"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// Peers ask once they may, and read nothing of what comes.
func TestStall(t *testing.T) {
	const conns, outstanding = 5, 100
	dir := t.TempDir()
	torrent := content(t, dir, 3<<20+17)
	added, addr := target(t, torrent, dir, true)
	s := Stall(StallConfig{
		Target: addr, Torrent: torrent, Conns: conns, Outstanding: outstanding, Source: Loopback(), Draw: draw,
	})
	defer s.Close()
	deadline := time.Now().Add(patience)
	for n, err := s.Asked(); n < conns; n, err = s.Asked() {
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d have asked: %v", n, err)
		}
		time.Sleep(time.Millisecond)
	}
	if n := s.Standing(); n != conns {
		t.Errorf("%d stand", n)
	}
	if got := added.Stats().Uploaded; got > conns*outstanding*metainfo.BlockSize {
		t.Errorf("%d bytes were taken", got)
	}
}

func TestStallFails(t *testing.T) {
	torrent := content(t, t.TempDir(), metainfo.BlockSize)
	s := Stall(StallConfig{
		Target: netip.MustParseAddrPort("127.0.0.1:1"), Torrent: torrent, Conns: 3, Outstanding: 1, Source: Loopback(), Draw: draw,
	})
	s.group.Wait()
	if n, err := s.Asked(); n != 0 || err == nil {
		t.Errorf("%d have asked, %v", n, err)
	}
	s.Close()
}

// Each asks for as many blocks as there are to be, all within the torrent.
func TestStallRequests(t *testing.T) {
	torrent := content(t, t.TempDir(), 1<<20+5)
	check := func(outstanding, want int) {
		t.Helper()
		s := &Stalled{cfg: StallConfig{Torrent: torrent, Conns: 3, Outstanding: outstanding}}
		for i := range 3 {
			seen := map[wire.Request]bool{}
			for b := s.requests(i); len(b) > 0; b = b[wire.RequestLen:] {
				r := wire.DecodeRequest(b[5:wire.RequestLen])
				if int(r.Begin+r.Length) > torrent.Info.PieceSize(int(r.Index)) || r.Length == 0 {
					t.Errorf("%+v", r)
				}
				seen[r] = true
			}
			if len(seen) != want {
				t.Errorf("%d requests, want %d", len(seen), want)
			}
		}
	}
	check(1, 1)
	check(30, 30)
	check(1000, 65)
}
