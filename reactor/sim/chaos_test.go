package sim_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/sim"
)

// chaosSeeds is how many worlds of chaos are run.
const chaosSeeds = 60

// chaos is a world in which a seed decides what the network, the disks and the
// machines do to a swarm.
type chaos struct {
	*swarm
	r *rand.Rand
}

// often draws 0 most times, otherwise a fault once in n to 10n times.
func (c *chaos) often(n int) int {
	if c.r.IntN(3) > 0 {
		return 0
	}
	return n + c.r.IntN(9*n)
}

// delay draws delays up to most.
func (c *chaos) delay(most time.Duration) sim.Delay {
	return sim.Delay{Max: time.Duration(c.r.Int64N(int64(most)))}
}

// role draws what a client is like.
func (c *chaos) role() role {
	r := role{
		host: sim.HostConfig{
			Up:      c.r.Int64N(4) << 20,
			Down:    c.r.Int64N(4) << 20,
			Latency: c.delay(100 * time.Millisecond).Max,
		},
		store: sim.StoreConfig{
			Put: c.delay(time.Second), Read: c.delay(time.Second), Warm: c.delay(time.Second),
			Open: c.delay(time.Second), Cold: c.often(1), Rate: c.r.Int64N(2) << 21,
			Faults: sim.StoreFaults{Read: c.often(10), Warm: c.often(5), Open: c.often(2), Short: c.often(20), Busy: c.often(3)},
		},
		engine: reactor.Config{
			Loops: 1 + c.r.IntN(3), UploadSlots: c.r.IntN(4),
			UpLimit: c.r.Int64N(2) << 20, DownLimit: c.r.Int64N(2) << 20,
		},
		opts: reactor.AddOptions{Sequential: c.r.IntN(4) == 0},
	}
	if c.r.IntN(2) == 0 {
		r.images = 64<<10 + c.r.Int64N(1<<20)
	}
	if c.r.IntN(3) == 0 {
		r.engine.PieceMemory = 256 << 10
		r.memory = 512 << 10
	}
	return r
}

// mishap lets something happen to a client that is not the first.
func (c *chaos) mishap() {
	who := c.clients[1+c.r.IntN(len(c.clients)-1)]
	switch c.r.IntN(9) {
	case 0:
		who.machine.Cut(true)
	case 1, 2:
		who.machine.Cut(false)
	case 3:
		who.machine.Deafen(true)
	case 4:
		who.machine.Deafen(false)
	case 5:
		if !who.stopped {
			who.halt()
		}
	case 6:
		if who.stopped {
			who.start()
		}
	case 7:
		if who.hot != nil {
			who.hot.SetBudget(c.r.Int64N(who.images))
			who.hot.Age()
		}
	case 8:
		if len(c.clients) < 12 {
			r := c.role()
			r.late = time.Nanosecond
			c.join(r)
			c.w.RunFor(time.Microsecond)
		}
	}
}

// TestChaos: whatever happens, once it is over everybody completes.
func TestChaos(t *testing.T) {
	content := sim.NewContent(11, 32<<10, 700_000, 3, 0, 1_300_000)
	forSeeds(t, chaosSeeds, func(t *testing.T, seed uint64) {
		run := func() *sim.Log {
			c := &chaos{r: rand.New(rand.NewPCG(seed, 99))}
			c.swarm = gather(t, sim.Config{
				Seed: seed, Jitter: c.delay(50 * time.Millisecond).Max,
				SendBuffer: 4<<10 + c.r.IntN(256<<10), Window: 4<<10 + c.r.IntN(256<<10),
				Faults: sim.Faults{
					Reset: c.often(1000), Refuse: c.often(3), Lose: c.often(3), MoveFails: c.often(3),
					ShortWrite: c.often(2), EmptyRead: c.often(2),
				},
			}, content)
			first := role{store: full(disk), host: c.role().host}
			c.join(first)
			for range 3 + c.r.IntN(6) {
				c.join(c.role())
			}
			c.w.RunFor(time.Millisecond)
			for range 5 + c.r.IntN(30) {
				c.mishap()
				c.w.RunFor(c.delay(3 * time.Second).Max)
			}
			for _, who := range c.clients {
				who.machine.Cut(false)
				who.machine.Deafen(false)
				if who.stopped {
					who.start()
				}
			}
			c.finish(2*time.Hour, c.clients...)
			c.end()
			return c.w.Log()
		}
		if a, b := run(), run(); a.Sum() != b.Sum() {
			t.Error("two runs differ")
		}
	})
}

// TestNoise: bytes that change on their way cost connections and pieces, and
// nothing else.
func TestNoise(t *testing.T) {
	content := sim.NewContent(12, 32<<10, 4<<20)
	forSeeds(t, chaosSeeds, func(t *testing.T, seed uint64) {
		r := role{host: fast, store: disk, engine: reactor.Config{Loops: 2}}
		cfg := sim.Config{Seed: seed, Faults: sim.Faults{Corrupt: 50 + int(seed)*10}}
		s := gather(t, cfg, content, crowd(6, r, r)...)
		s.w.RunFor(5 * time.Minute)
		got := 0
		for _, c := range s.clients[1:] {
			got += c.disk.Have().Count()
		}
		if got == 0 {
			t.Errorf("nothing at all has arrived\n%s", s.state())
		}
		s.end()
	})
}
