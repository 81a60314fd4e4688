package sim_test

import (
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/sim"
)

// small is a swarm for the loops over faults: a complete client and two empty
// ones, the first of which is the one that faults are for, and content in which
// pieces cross files. Small reads and lines make for many operations of each
// kind in few events.
func small(t *testing.T, cfg sim.Config, second role) *swarm {
	t.Helper()
	content := sim.NewContent(21, 32<<10, 70_000, 0, 5, 90_000, 40_000)
	line := sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 5 * time.Millisecond}
	first, third := role{host: line, store: full(disk)}, role{host: line, store: disk}
	second.host = line
	return gather(t, cfg, content, first, second, third)
}

// TestCrashAtRandom: processes that are killed and machines that lose their
// power again and again complete in the end, and serve nothing that they lost.
func TestCrashAtRandom(t *testing.T) {
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		r := role{store: disk}
		r.store.Sync = sim.Delay{Min: 0, Max: time.Second}
		s := small(t, sim.Config{Seed: seed}, r)
		chance := s.w.Rand()
		for i := range 6 {
			s.w.RunFor(time.Duration(chance.IntN(300)) * time.Millisecond)
			who := s.clients[1+i%2]
			who.cut(chance.IntN(2) == 0)
			who.fall()
			s.w.RunFor(time.Duration(chance.IntN(300)) * time.Millisecond)
			who.start()
		}
		s.finish(20*time.Minute, s.clients...)
		for _, c := range s.clients {
			if st := c.torrent.Stats(); st.State != reactor.StateSeeding {
				t.Errorf("a client is %v by %v", st.State, st.Err)
			}
		}
		s.end()
	})
}
