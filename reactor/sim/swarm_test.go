package sim_test

import (
	"fmt"
	"testing"
	"time"

	"spate/proto/tracker"
	"spate/reactor"
	"spate/reactor/sim"
)

// disk is a disk with delays.
var disk = sim.StoreConfig{
	Put:  sim.Delay{Min: 0, Max: 50 * time.Millisecond},
	Read: sim.Delay{Min: 0, Max: 20 * time.Millisecond},
	Warm: sim.Delay{Min: 0, Max: 20 * time.Millisecond},
	Open: sim.Delay{Min: 0, Max: 5 * time.Millisecond},
	Cold: 4,
}

func full(c sim.StoreConfig) sim.StoreConfig {
	c.Complete = true
	return c
}

// swarmSeeds is how many seeds each swarm is run with.
const swarmSeeds = 100

// forSeeds runs a scenario with many seeds side by side.
func forSeeds(t *testing.T, n int, run func(t *testing.T, seed uint64)) {
	t.Helper()
	n /= worlds
	if testing.Short() {
		n = min(n, 5)
	}
	for seed := range uint64(n) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel()
			run(t, seed)
		})
	}
}

// ten is a swarm of one seed and nine leechers on lines of many kinds.
func ten(t *testing.T, seed uint64, content *sim.Content) *swarm {
	var roles []role
	for i := range 10 {
		r := role{
			host: sim.HostConfig{
				Up: int64(1+i%3) << 20, Down: int64(1+i%4) << 20, Latency: time.Duration(5*i) * time.Millisecond,
			},
			store:  disk,
			engine: reactor.Config{Loops: 1 + i%3},
			images: int64(i%2) << 20,
		}
		if i == 0 {
			r.store = full(disk)
		}
		roles = append(roles, r)
	}
	return gather(t, sim.Config{
		Seed: seed, Jitter: 3 * time.Millisecond,
		Faults: sim.Faults{ShortWrite: 10, EmptyRead: 20},
	}, content, roles...)
}

// TestSwarm: ten peers complete a torrent, whatever the network does with the
// stream; the same seed does the same twice.
func TestSwarm(t *testing.T) {
	content := sim.NewContent(1, 32<<10, 40*32<<10-777)
	files := sim.NewContent(2, 32<<10, 200_000, 0, 77, 100_000, 500_000)
	forSeeds(t, swarmSeeds, func(t *testing.T, seed uint64) {
		what := content
		if seed%2 == 1 {
			what = files
		}
		run := func() *sim.Log {
			s := ten(t, seed, what)
			s.finish(10*time.Minute, s.clients...)
			s.end()
			for e, want := range map[tracker.Event]int{
				tracker.EventStarted: 10, tracker.EventCompleted: 9, tracker.EventStopped: 10,
			} {
				if n := s.tracker.Count(e); n != want {
					t.Errorf("%d announces say %v, want %d", n, e, want)
				}
			}
			return s.w.Log()
		}
		a, b := run(), run()
		if a.Sum() != b.Sum() || a.Lines() != b.Lines() {
			t.Errorf("two runs differ: %d lines with sum %x, %d with %x", a.Lines(), a.Sum(), b.Lines(), b.Sum())
		}
	})
}
