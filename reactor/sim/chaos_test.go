package sim_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"testing"
	"time"

	"spate/reactor"
	"spate/reactor/sim"
)

// chaosSeeds is how many worlds of chaos are run unless -seeds says otherwise.
const chaosSeeds = 600

var (
	seedsFlag = flag.Uint64("seeds", 0, "worlds of TestChaos; 0 is the number that the suite runs")
	fromFlag  = flag.Uint64("from", 0, "first seed of TestChaos")
)

// replay is the command that runs a seed of TestChaos again.
const replay = "go test -tags invariants ./reactor/sim -run 'TestChaos$' -args -from %d -seeds 1"

// chaos is a world in which a seed decides what the network, the disks and the
// machines do to a swarm, and who else takes part.
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
			Open: c.delay(time.Second), Sync: c.delay(5 * time.Second), Cold: c.often(1), Rate: c.r.Int64N(2) << 21,
			Faults: sim.StoreFaults{Read: c.often(10), Warm: c.often(5), Open: c.often(2), Sync: c.often(2), Short: c.often(20), Busy: c.often(3)},
		},
		engine: reactor.Config{
			Loops: 1 + c.r.IntN(3), UploadSlots: c.r.IntN(4),
			UpLimit: c.r.Int64N(2) << 20, DownLimit: c.r.Int64N(2) << 20,
		},
		opts: reactor.AddOptions{Sequential: c.r.IntN(4) == 0},
	}
	if c.either() {
		r.images = 64<<10 + c.r.Int64N(1<<20)
	}
	if c.r.IntN(3) == 0 {
		r.engine.PieceMemory = 256 << 10
		r.memory = 512 << 10
	}
	if c.r.IntN(8) == 0 {
		r.engine.UploadSlots = -1 // a free-rider
	}
	return r
}

// mishap lets something happen to a client that is not the first.
func (c *chaos) mishap() {
	who := c.clients[1+c.r.IntN(len(c.clients)-1)]
	switch c.r.IntN(10) {
	case 0:
		who.held = true
		who.machine.Cut(true)
	case 1, 2:
		who.machine.Cut(false)
	case 3:
		who.held = true
		who.machine.Deafen(true)
	case 4:
		who.machine.Deafen(false)
	case 5:
		if !who.stopped {
			who.halt()
		}
	case 6:
		if !who.stopped && who.engine != nil {
			who.cut(c.either())
			who.fall()
		}
	case 7:
		if who.stopped {
			who.start()
		}
	case 8:
		if who.hot != nil {
			who.hot.SetBudget(c.r.Int64N(who.images))
			who.hot.Age()
		}
	case 9:
		if len(c.clients) < 8 {
			r := c.role()
			r.late = time.Nanosecond
			c.join(r)
			c.w.RunFor(time.Microsecond)
		}
	}
}

// calm ends all mishaps.
func (c *chaos) calm() {
	for _, who := range c.clients {
		who.machine.Cut(false)
		who.machine.Deafen(false)
		if who.stopped {
			who.start()
		}
	}
}

// rumours makes the tracker tell of peers that are none, and of intervals
// beyond reason.
func (c *chaos) rumours() sim.TrackerConfig {
	cfg := sim.TrackerConfig{Delay: c.delay(time.Second), Interval: time.Minute, Fail: c.often(3), Lose: c.often(3)}
	if c.either() {
		return cfg
	}
	cfg.Say = []time.Duration{time.Nanosecond, -time.Hour, time.Second, 1 << 62}[c.r.IntN(4)]
	for range c.r.IntN(200) {
		var ip [4]byte
		for i := range ip {
			ip[i] = byte(c.r.Uint32())
		}
		if c.either() {
			ip = [4]byte{10, 0, 0, byte(1 + c.r.IntN(10))} // a host, at the wrong port
		}
		cfg.Junk = append(cfg.Junk, netip.AddrPortFrom(netip.AddrFrom4(ip), uint16(c.r.Uint32()>>c.r.IntN(17))))
	}
	return cfg
}

// reckon counts what the liars have cost: without any of them nothing, and each
// of them every piece once in the life of a client at the most.
func (c *chaos) reckon() {
	liars := 0
	for _, a := range c.actors {
		if a.lies {
			liars++
		}
	}
	for i, who := range c.clients {
		if bad, most := who.disk.BadHashes(), who.lives*liars*who.disk.Have().Len(); bad > most {
			c.t.Errorf("client %d was given %d bad pieces by %d liars in %d lives, want %d at the most", i, bad, liars, who.lives, most)
		}
	}
}

// live lets a world go through its chaos, and looks at what is left of it.
func live(t *testing.T, seed uint64, contents []*sim.Content) *sim.Log {
	c := &chaos{r: rand.New(rand.NewPCG(seed, 99))}
	c.swarm = gather(t, sim.Config{
		Seed: seed, Jitter: c.delay(50 * time.Millisecond).Max,
		SendBuffer: 4<<10 + c.r.IntN(256<<10), Window: 4<<10 + c.r.IntN(256<<10),
		Faults: sim.Faults{
			Reset: c.often(1000), Refuse: c.often(3), Lose: c.often(3), MoveFails: c.often(3),
			ShortWrite: c.often(2), EmptyRead: c.often(2),
		},
	}, contents[c.r.IntN(len(contents))])
	c.w.Tracker(trackerURL, c.rumours())
	c.join(role{store: full(disk), host: c.role().host})
	for range 1 + c.r.IntN(4) {
		c.join(c.role())
	}
	c.w.RunFor(time.Millisecond)
	c.perform(c.r.IntN(5))
	for range c.r.IntN(20) {
		c.mishap()
		c.w.RunFor(c.delay(3 * time.Second).Max)
	}
	c.calm()
	c.finish(2*time.Hour, c.clients...)
	c.reckon()
	for _, a := range c.actors {
		a.leave()
	}
	c.end()
	return c.w.Log()
}

// TestChaos: whatever happens, and whoever takes part, once it is over every
// client has everything, as long as one honest seed is there; none was banned
// by another.
func TestChaos(t *testing.T) {
	contents := []*sim.Content{
		sim.NewContent(11, 32<<10, 200_000, 3, 0, 300_000),
		sim.NewContent(14, 16<<10, 300_000),
		sim.NewContent(15, 64<<10, 1_000_000),
	}
	n := *seedsFlag
	if n == 0 {
		n = chaosSeeds / worlds
	}
	for seed := *fromFlag; seed < *fromFlag+n; seed++ {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("panic: %v\n%s", p, debug.Stack())
				}
				if t.Failed() {
					t.Logf("replay: "+replay, seed)
				}
			}()
			log := live(t, seed, contents)
			if seed%20 == 0 && log.Sum() != live(t, seed, contents).Sum() {
				t.Error("two runs differ")
			}
		})
	}
}

// TestNoise: bytes that change on their way cost connections and pieces, and
// nothing else.
func TestNoise(t *testing.T) {
	content := sim.NewContent(12, 32<<10, 4<<20)
	forSeeds(t, 60, func(t *testing.T, seed uint64) {
		r := role{host: fast, store: disk, engine: reactor.Config{Loops: 2}, noisy: true}
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
