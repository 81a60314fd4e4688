package sim_test

import (
	"testing"
	"time"

	"spate/reactor/sim"
	peers "spate/reactor/swarm"
)

// ownTimeouts are the reasons for which a peer is closed because time passed.
var ownTimeouts = []error{peers.ErrHandshake, peers.ErrIdle, peers.ErrStalled, peers.ErrUnready}

// judged is how many peers a client closed because time passed.
func (c *client) judged() (n int64) {
	for _, why := range ownTimeouts {
		n += c.engine.Stats().Disconnects[why.Error()]
	}
	return n
}

// TestFrozenForMinutes: processes that are stopped and go on (SIGSTOP, a laptop
// that sleeps) judge nobody by the time in which they did not look. Where others
// went on and gave a frozen one up, it finds back to them.
func TestFrozenForMinutes(t *testing.T) {
	content := sim.NewContent(7, 256<<10, 32<<20)
	line := sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 10 * time.Millisecond}
	check := func(name string, pause time.Duration, keeps bool, frozen func(i int) bool) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gather(t, sim.Config{Seed: 3}, content, crowd(3,
				role{host: line, store: full(disk)}, role{host: line, store: disk})...)
			for i := range 2 {
				s.w.RunFor(5 * time.Second)
				var peers []int
				for j, c := range s.clients {
					peers = append(peers, c.torrent.Stats().Peers)
					c.machine.Freeze(frozen(j))
				}
				s.w.RunFor(pause)
				for _, c := range s.clients {
					c.machine.Freeze(false)
				}
				s.w.RunFor(3 * time.Second)
				for j, c := range s.clients {
					if n := c.judged(); frozen(j) && n > 0 {
						t.Errorf("pause %d: client %d, which was frozen, gave up %d peers:\n%s", i, j, n, s.state())
					}
					if n := c.torrent.Stats().Peers; keeps && n < peers[j] {
						t.Errorf("pause %d: client %d has %d peers, had %d:\n%s", i, j, n, peers[j], s.state())
					}
				}
			}
			s.finish(30*time.Minute, s.clients...)
			s.end()
		})
	}
	all := func(int) bool { return true }
	seed := func(i int) bool { return i == 0 }
	leech := func(i int) bool { return i == 1 }
	check("all", 10*time.Minute, true, all)
	check("all, for a day", 24*time.Hour, true, all)
	check("the seed", 10*time.Minute, false, seed)
	check("a leech", 10*time.Minute, false, leech)
	check("the seed, for half a minute", 30*time.Second, false, seed)
	check("a leech, for half a minute", 30*time.Second, false, leech)
}

// TestWallClockJumps: the wall clock may go anywhere, the swarm does what it does.
func TestWallClockJumps(t *testing.T) {
	content := sim.NewContent(7, 64<<10, 2<<20)
	run := func(jump time.Duration) (sum uint64, took time.Duration) {
		reads := time.Duration(0)
		wall := func() time.Time {
			reads++
			return time.Unix(1e9, 0).Add(reads % 7 * jump)
		}
		s := gather(t, sim.Config{Seed: 4}, content, crowd(1, role{host: fast, store: full(disk), wall: wall},
			role{host: fast, store: disk, wall: wall})...)
		s.finish(5*time.Minute, s.clients...)
		took = s.w.Now()
		s.end()
		return s.w.Log().Sum(), took
	}
	sum, took := run(0)
	for _, jump := range []time.Duration{10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour, time.Hour, -time.Second} {
		if gotSum, gotTook := run(jump); gotSum != sum || gotTook != took {
			t.Errorf("jumps of %v: complete after %v, otherwise after %v", jump, gotTook, took)
		}
	}
}
