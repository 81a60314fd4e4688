package swarm

import (
	"testing"
	"time"
	"unsafe"

	"spate/proto/wire"
)

func TestRequestSize(t *testing.T) {
	if n := unsafe.Sizeof(wire.Request{}); n != requestSize {
		t.Errorf("a request takes %d bytes, counted are %d", n, requestSize)
	}
}

// TestCensus follows peers through all they may be.
func TestCensus(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	s.host.Slots = 1
	check := func(what string, want map[PeerState]int64) {
		t.Helper()
		s.pass(0)
		f := &s.host.Figures
		for state := range PeerStates {
			if got := f.Peers[state].Load(); got != want[state] {
				t.Errorf("%s: %d peers are %v, want %d", what, got, state, want[state])
			}
		}
		if want == nil && f.RequestBytes.Load()+f.ControlBytes.Load()+f.Dialing.Load() != 0 {
			t.Errorf("%s: %d bytes for requests, %d for control, %d dialed are left",
				what, f.RequestBytes.Load(), f.ControlBytes.Load(), f.Dialing.Load())
		}
	}
	check("at first", nil)
	a := s.accept()
	check("connected", map[PeerState]int64{PeerHandshaking: 1})
	a.greet(1, true)
	check("joined", map[PeerState]int64{PeerIdle: 1})
	a.give(wire.AppendInterested(nil))
	check("interested", map[PeerState]int64{PeerUnchoked: 1})
	b := s.wanting(true)
	check("no slot left", map[PeerState]int64{PeerUnchoked: 1, PeerChoked: 1})
	a.room = 0
	a.give(wire.AppendRequest(wire.AppendRequest(nil, wire.Request{Length: 100}), wire.Request{Length: 100}))
	check("asked", map[PeerState]int64{PeerServed: 1, PeerChoked: 1})
	if n := s.host.Figures.Queued.Load(); n != 1 {
		t.Errorf("%d requests wait behind the one under way, want 1", n)
	}
	if s.host.Figures.RequestBytes.Load() < requestSize {
		t.Errorf("queues take %d bytes", s.host.Figures.RequestBytes.Load())
	}
	a.room = 1 << 20
	s.host.Writable(a)
	check("served", map[PeerState]int64{PeerUnchoked: 1, PeerChoked: 1})
	a.give(wire.AppendNotInterested(nil))
	check("wants nothing", map[PeerState]int64{PeerIdle: 1, PeerChoked: 1})

	c := s.dial()
	check("dialed", map[PeerState]int64{PeerIdle: 1, PeerChoked: 1, PeerHandshaking: 1})
	for _, conn := range []*sceneConn{a, b, c} {
		conn.Close(ErrIdle)
	}
	s.loop.run()
	s.t.roster = roster{}
	check("all gone", nil)
	f := &s.host.Figures
	if f.Received.Load() != 2 || f.Served.Load() != 2 || f.Uploaded[TierFile].Load()+f.Uploaded[TierCopy].Load() != 200 {
		t.Errorf("%d received, %d served, %d from files",
			f.Received.Load(), f.Served.Load(), f.Uploaded[TierFile].Load())
	}
}

// TestWaitIsTimed: a request is timed from its arrival until it begins to leave.
func TestWaitIsTimed(t *testing.T) {
	s := newSeed(t, testPiece, testPiece)
	now := time.Duration(0)
	s.host.Clock = func() time.Duration { return now }
	s.host.Start()
	c := s.wanting(true)
	c.room = 0
	for range sampleRequests {
		c.give(wire.AppendRequest(nil, wire.Request{Length: 100}))
	}
	now += 3 * time.Second
	c.room = 1 << 20
	s.host.Writable(c)
	wait := s.host.Figures.Wait.Snapshot()
	if wait.Count() != 1 || wait.Sum != 3*time.Second {
		t.Errorf("%d requests waited %v, want 1 and 3s", wait.Count(), wait.Sum)
	}
}
