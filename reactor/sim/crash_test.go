package sim_test

import (
	"fmt"
	"testing"
	"time"

	"spate/reactor/sim"
)

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

// size is how many bytes of pieces the client has on its disk.
func (c *client) size() (n int64) {
	have := c.disk.Have()
	for i := have.Next(0); i >= 0; i = have.Next(i + 1) {
		n += int64(c.s.content.Meta().Info.PieceSize(i))
	}
	return n
}
