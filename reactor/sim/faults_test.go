package sim_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

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

// complete tells whether everybody is.
func (s *swarm) complete() bool {
	for _, c := range s.clients {
		if !c.complete() {
			return false
		}
	}
	return true
}
