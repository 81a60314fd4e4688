package sim_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/sim"
)

// TestFailAtNetwork: a network that fails once, in any place, costs a connection
// at the most.
func TestFailAtNetwork(t *testing.T) {
	for _, op := range []sim.Op{sim.OpDial, sim.OpAccept, sim.OpWrite, sim.OpReceive, sim.OpMove, sim.OpSegment} {
		each(t, op.String(), func(t *testing.T, n int) int {
			trip := &sim.Trip{Op: op, N: n}
			cfg := sim.Config{Seed: uint64(n), Segment: sim.Span{Min: 1, Max: 16 << 10},
				Faults: sim.Faults{Trips: []*sim.Trip{trip}}}
			// With slots there is one loop for all peers of a torrent, so that
			// most connections move to it.
			s := small(t, cfg, role{store: disk, engine: reactor.Config{Loops: 3, UploadSlots: 4}})
			s.finish(10*time.Minute, s.clients...)
			s.sound()
			return trip.Struck()
		})
	}
}

// TestFailAtAnnounce: a tracker that does not hear one announce, whichever it is,
// costs time.
func TestFailAtAnnounce(t *testing.T) {
	each(t, "announce", func(t *testing.T, n int) int {
		trip := &sim.Trip{Op: sim.OpAnnounce, N: n}
		s := small(t, sim.Config{Seed: uint64(n), Faults: sim.Faults{Trips: []*sim.Trip{trip}}}, role{store: disk})
		s.finish(10*time.Minute, s.clients...)
		s.sound()
		return trip.Struck()
	})
}

// TestNoBufferAt: memory that is not there, for a piece or a block, costs time
// and nothing else.
func TestNoBufferAt(t *testing.T) {
	for _, times := range []int{1, 20} {
		each(t, fmt.Sprint("buffer", times), func(t *testing.T, n int) int {
			trip := &sim.Trip{Op: sim.OpBuffer, N: n, Times: times}
			s := small(t, sim.Config{Seed: uint64(n), Faults: sim.Faults{Trips: []*sim.Trip{trip}}}, role{store: disk})
			s.finish(10*time.Minute, s.clients...)
			for i, c := range s.clients {
				if len(c.errors) != 0 {
					t.Errorf("client %d told of %v", i, c.errors)
				}
			}
			s.sound()
			return trip.Struck()
		})
	}
}

// TestSlowSync: a disk that takes half a minute to make anything durable holds up
// no download, and a stop waits for it.
func TestSlowSync(t *testing.T) {
	const long = 30 * time.Second
	r := role{store: disk}
	r.store.Sync = sim.Delay{Min: long, Max: long}
	s := small(t, sim.Config{Seed: 1}, r)
	s.finish(long/2, s.clients...)
	c := s.clients[1]
	began, stopped := s.w.Now(), false
	c.engine.BeginStop(time.Second, func() { stopped = true })
	s.w.RunFor(long - time.Second)
	if stopped {
		t.Errorf("it stopped after %v, with its state not saved", s.w.Now()-began)
	}
	if !s.w.RunUntil(func() bool { return stopped }, 2*time.Minute) {
		t.Error("it does not stop")
	}
	c.halt()
	c.disk.PowerCut()
	if !c.disk.Recover().All() {
		t.Error("what was saved is lost")
	}
	c.start()
	for _, other := range s.clients {
		other.leave()
	}
}

// TestFailAtListen: an engine that cannot listen says where, and leaves nothing
// behind.
func TestFailAtListen(t *testing.T) {
	w := sim.New(sim.Config{Faults: sim.Faults{Trips: []*sim.Trip{{Op: sim.OpListen, N: 1}}}})
	host := w.Host(sim.HostConfig{})
	build := func() (*reactor.Engine, error) {
		return reactor.Build(reactor.Config{Loops: 2, Listen: ":6881"}, reactor.Parts{
			Network: host, Transport: host.Announcer(), Buffers: w.Buffers(0), Backlog: func() int64 { return 0 },
			Wall: func() time.Time { return time.Unix(0, 0) },
		})
	}
	if _, err := build(); !errors.Is(err, syscall.EADDRINUSE) || err.Error() != "listen on :6881: address already in use" {
		t.Fatalf("Build: %v", err)
	}
	if _, err := build(); err != nil {
		t.Fatalf("Build, once the address is free: %v", err)
	}
	if err := host.Stop(); err != nil {
		t.Error(err)
	}
}
