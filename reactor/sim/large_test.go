package sim_test

import (
	"testing"
	"time"

	"spate/reactor/sim"
)

// TestSparse: a world without bytes runs the same swarms, finds spoiled content,
// and replays.
func TestSparse(t *testing.T) {
	content := sim.NewContent(14, 32<<10, 2<<20, 100_001, 2<<20)
	forSeeds(t, scenarioSeeds, func(t *testing.T, seed uint64) {
		run := func() uint64 {
			bad := role{host: fast, store: full(disk)}
			bad.store.Faults.Rotten = 3
			r := role{host: sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 10 * time.Millisecond}, store: disk}
			warm := r
			warm.images = 1 << 20
			cfg := sim.Config{Seed: seed, Sparse: true, Express: 512, Faults: sim.Faults{ShortWrite: 10, EmptyRead: 10}}
			s := gather(t, cfg, content, append(crowd(4, r, warm), bad)...)
			s.finish(10*time.Minute, s.clients...)
			fails := 0
			for _, c := range s.clients {
				fails += c.disk.BadHashes()
			}
			if most := 4 * 3 * 3; fails == 0 || fails > most {
				t.Errorf("%d pieces had a wrong hash, want 1 to %d\n%s", fails, most, s.state())
			}
			s.end()
			return s.w.Log().Sum()
		}
		if a, b := run(), run(); a != b {
			t.Errorf("two runs differ: %x and %x", a, b)
		}
	})
}
