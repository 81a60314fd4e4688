package sim_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/sim"
	core "spate/reactor/swarm"
)

// mostFaults ends a loop over faults that does not end by itself.
const mostFaults = 5000

// each runs a scenario with a fault in every place: with N of 1, 2, 3 and so on,
// until nothing is struck. run returns how often its fault struck.
func each(t *testing.T, name string, run func(t *testing.T, n int) (struck int)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		step := 1
		if worlds > 1 || testing.Short() {
			step = 7 // one place in so many, where a run costs ten times as much
		}
		for n := 1; ; n += step {
			struck := run(t, n)
			if struck == 0 && n == 1 {
				t.Error("there is no place for this fault")
			}
			if struck == 0 {
				t.Logf("%d places", n-1)
				return
			}
			if t.Failed() {
				t.Fatalf("with the fault at %v %d", name, n)
			}
			if n > mostFaults {
				t.Fatalf("no end after %d faults", n)
			}
		}
	})
}

// small is a swarm for the loops over faults: a complete client and two empty
// ones, on faster lines so that they trade, and content of a few pieces that
// cross files. All have the store and the engine given.
func small(t *testing.T, cfg sim.Config, r role) *swarm {
	t.Helper()
	content := sim.NewContent(21, 32<<10, 140_000, 0, 5, 180_000, 80_000)
	r.host = sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 5 * time.Millisecond}
	r.store.Cold = 2
	first := r
	first.store.Complete = true
	first.host.Up = 256 << 10
	return gather(t, cfg, content, first, r, r)
}

// sound checks what holds after any fault: everybody has everything, nothing
// wrong was ever put, nobody was banned, nothing is left behind.
func (s *swarm) sound() {
	s.t.Helper()
	for i, c := range s.clients {
		for _, reason := range []string{"address is banned", "peer sent bad data"} {
			if n := c.engine.Stats().Disconnects[reason]; n != 0 {
				s.t.Errorf("client %d ended %d connections: %s", i, n, reason)
			}
		}
		if n := c.disk.BadHashes(); n != 0 {
			s.t.Errorf("client %d was given %d bad pieces", i, n)
		}
		if !c.disk.Have().All() {
			s.t.Errorf("client %d has not everything", i)
		}
	}
	s.end()
}

// TestFailAtPut: a disk that takes no more from one piece on ends that download
// with its reason and nobody else's, and the next start completes it. One that is
// full lets it wait: nothing is asked for meanwhile, and it goes on by itself. No
// piece is fetched twice but those under way.
func TestFailAtPut(t *testing.T) {
	fail := func(fault error, times int) {
		each(t, fmt.Sprint(fault, times), func(t *testing.T, n int) int {
			trip := &sim.Trip{Op: sim.OpPut, N: n, Err: fault, Times: times}
			s := small(t, sim.Config{Seed: uint64(n)}, role{store: disk})
			w := s.watch()
			hit := s.clients[1]
			hit.disk.SetFaults(sim.StoreFaults{Trips: []*sim.Trip{trip}})
			s.finish(10*time.Minute, s.clients[2])
			s.w.RunUntil(func() bool { return hit.complete() || hit.ended() }, time.Minute)
			st := hit.torrent.Stats()
			s.w.RunUntil(func() bool { return hit.complete() || hit.ended() }, time.Minute)
			if more := hit.torrent.Stats().Downloaded - st.Downloaded; more > 0 {
				t.Errorf("%d bytes were fetched by a download that waits", more)
			}
			hit.disk.SetFaults(sim.StoreFaults{})
			full := fault == syscall.ENOSPC
			if trip.Struck() > 0 && (!errors.Is(st.Err, fault) || hit.ended() == full) && (!full || times < 0) {
				t.Errorf("it is %v by %v", st.State, st.Err)
			}
			if hit.ended() {
				hit.leave()
				hit.start()
			}
			s.finish(10*time.Minute, s.clients...)
			st = hit.torrent.Stats()
			if once := st.Downloaded - st.Wasted; once > st.Length+twice {
				t.Errorf("%d bytes were fetched of %d", once, st.Length)
			}
			if w.said == 0 {
				t.Error("the witness has heard nothing")
			}
			s.sound()
			return trip.Struck()
		})
	}
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS} {
		fail(fault, 1)
		fail(fault, -1)
	}
}

// twice is how much may be fetched again when a disk is full, in bytes: two
// pieces that were on their way to it besides the one that is kept.
const twice = 64 << 10

// TestFailAtRead: a disk that fails once while it serves costs a connection at
// the most; everybody completes.
func TestFailAtRead(t *testing.T) {
	for _, op := range []sim.Op{sim.OpRead, sim.OpWarm, sim.OpOpen, sim.OpSend} {
		each(t, op.String(), func(t *testing.T, n int) int {
			trip := &sim.Trip{Op: op, N: n}
			r := role{store: disk}
			r.store.Faults.Trips = []*sim.Trip{trip}
			s := small(t, sim.Config{Seed: uint64(n)}, r)
			s.watch()
			s.finish(10*time.Minute, s.clients...)
			s.sound()
			return trip.Struck()
		})
	}
}

// TestBusyAt: a disk that has too much to do, in any place and for a while, is
// asked again; nobody is told and no connection is lost.
func TestBusyAt(t *testing.T) {
	for _, op := range []sim.Op{sim.OpRead, sim.OpWarm, sim.OpOpen} {
		for _, times := range []int{1, 3} {
			each(t, fmt.Sprint(op, times), func(t *testing.T, n int) int {
				trip := &sim.Trip{Op: op, N: n, Times: times, Err: core.ErrBusy}
				r := role{store: disk}
				r.store.Faults.Trips = []*sim.Trip{trip}
				s := small(t, sim.Config{Seed: uint64(n)}, r)
				s.finish(10*time.Minute, s.clients...)
				for i, c := range s.clients {
					if n := c.engine.Stats().Disconnects["content cannot be read"]; n != 0 || len(c.errors) != 0 {
						t.Errorf("client %d lost %d connections and told of %v", i, n, c.errors)
					}
				}
				s.sound()
				return trip.Struck()
			})
		}
	}
}

// TestFailAtSync: content that cannot be made durable is told of, is not
// remembered, and is tried again.
func TestFailAtSync(t *testing.T) {
	each(t, "sync", func(t *testing.T, n int) int {
		trip := &sim.Trip{Op: sim.OpSync, N: n}
		r := role{store: disk}
		r.store.Sync = sim.Delay{Max: time.Second}
		r.store.Faults.Trips = []*sim.Trip{trip}
		s := small(t, sim.Config{Seed: uint64(n)}, r)
		s.finish(10*time.Minute, s.clients...)
		s.w.RunFor(time.Minute)
		for _, c := range s.clients {
			c.leave()
		}
		told := 0
		for _, c := range s.clients {
			told += len(c.errors)
		}
		if told != trip.Struck() {
			t.Errorf("%d errors were told of %d", told, trip.Struck())
		}
		return trip.Struck()
	})
}

// TestCrashAt: a process that is killed, or a machine that loses its power, at
// any operation of its disk, starts again, believes nothing that is lost and
// fetches no more than what was not there.
func TestCrashAt(t *testing.T) {
	crash := func(op sim.Op, who int) {
		for _, power := range []bool{false, true} {
			name := fmt.Sprintf("client %d killed at %v", who, op)
			if power {
				name = fmt.Sprintf("power of client %d cut at %v", who, op)
			}
			each(t, name, func(t *testing.T, n int) int { return crashAt(t, op, n, who, power) })
		}
	}
	for _, op := range []sim.Op{sim.OpRead, sim.OpWarm, sim.OpOpen, sim.OpSend, sim.OpSync} {
		crash(op, 0)
	}
	for _, op := range []sim.Op{sim.OpPut, sim.OpOpen, sim.OpSend, sim.OpSync} {
		crash(op, 1)
	}
}

// crashAt ends one client at its n-th operation of a kind, or with a clean stop
// where there is no such operation, and starts it again.
func crashAt(t *testing.T, op sim.Op, n, who int, power bool) int {
	r := role{store: disk}
	r.store.Sync = sim.Delay{Max: time.Second}
	s := small(t, sim.Config{Seed: uint64(n)}, r)
	s.watch()
	hit := s.clients[who]
	trip := &sim.Trip{Op: op, N: n, Do: func() { hit.cut(power) }}
	hit.disk.SetFaults(sim.StoreFaults{Trips: []*sim.Trip{trip}})
	s.w.RunUntil(func() bool { return hit.stopped || s.complete() }, time.Minute)
	if !hit.stopped {
		hit.leave()
	} else {
		hit.fall()
	}
	hit.disk.SetFaults(sim.StoreFaults{})
	s.w.RunFor(time.Second)
	hit.start()
	missing := s.content.Meta().Info.Length - hit.size()
	s.finish(20*time.Minute, s.clients...)
	if st := hit.torrent.Stats(); st.Downloaded-st.Wasted > missing {
		t.Errorf("%d bytes were fetched for %d that were missing\n%s", st.Downloaded-st.Wasted, missing, s.state())
	}
	s.sound()
	return trip.Struck()
}

// complete tells whether everybody is.
func (s *swarm) complete() bool {
	for _, c := range s.clients {
		if !c.complete() {
			return false
		}
	}
	return true
}

// size is how many bytes of pieces the client has on its disk.
func (c *client) size() (n int64) {
	have := c.disk.Have()
	for i := have.Next(0); i >= 0; i = have.Next(i + 1) {
		n += int64(c.s.content.Meta().Info.PieceSize(i))
	}
	return n
}

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

// TestCrashAtRandom: processes that are killed and machines that lose their
// power again and again complete in the end, and serve nothing that they lost.
func TestCrashAtRandom(t *testing.T) {
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		r := role{store: disk}
		r.store.Sync = sim.Delay{Max: time.Second}
		s := small(t, sim.Config{Seed: seed}, r)
		s.watch()
		chance := s.w.Rand()
		s.w.RunFor(time.Millisecond)
		for i := range 6 {
			s.w.RunFor(time.Duration(chance.IntN(300)) * time.Millisecond)
			who := s.clients[1+i%2]
			who.cut(chance.IntN(2) == 0)
			who.fall()
			s.w.RunFor(time.Duration(chance.IntN(300)) * time.Millisecond)
			who.start()
		}
		s.finish(20*time.Minute, s.clients...)
		s.sound()
	})
}
