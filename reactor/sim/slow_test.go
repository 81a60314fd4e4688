package sim_test

import (
	"net/netip"
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/sim"
)

// sloth dials a client and sends its bytes one by one, one each time its loop
// ticks, but the first so many at once; it reads everything.
type sloth struct {
	loop  loop.Loop
	conn  loop.Conn
	bytes []byte
	begin int
	next  time.Duration
	pause time.Duration
	ended time.Duration // when the other end hung up
}

// sloth puts one on a host of its own.
func (s *swarm) sloth(to *client, begin int, bytes []byte, pause time.Duration) *sloth {
	s.t.Helper()
	h := s.w.Host(sim.HostConfig{})
	sl := &sloth{bytes: bytes, begin: begin, pause: pause}
	if err := h.Start(1, func(l loop.Loop) loop.Handler { sl.loop = l; return sl }); err != nil {
		s.t.Fatal(err)
	}
	sl.loop.Post(func() { sl.loop.Dial(netip.AddrPortFrom(to.machine.Addr(), 6881), time.Minute, nil) })
	return sl
}

func (s *sloth) Opened(c loop.Conn) {
	s.conn = c
	s.say(s.begin)
}

func (s *sloth) say(n int) {
	if n = min(n, len(s.bytes)); n > 0 {
		_, _ = s.conn.Writev([][]byte{s.bytes[:n]}, false)
		s.bytes = s.bytes[n:]
	}
}

func (s *sloth) Tick() {
	if now := s.loop.Now(); s.conn != nil && s.ended == 0 && now >= s.next {
		s.next = now + s.pause
		s.say(1)
	}
}

func (s *sloth) Closed(loop.Conn, error) { s.ended = s.loop.Now() }

func (s *sloth) Readable(c loop.Conn, _ []byte) {
	var rest [4 << 10]byte
	for {
		if _, err := c.Readv([][]byte{rest[:]}); err != nil {
			return
		}
	}
}

func (s *sloth) DialFailed(any, error) {}
func (s *sloth) Writable(loop.Conn)    {}

// TestSlowPeers: connections that say nothing, or drip, are closed at their time
// for a reason that is counted, and honest peers complete beside them as fast as
// without.
func TestSlowPeers(t *testing.T) {
	const each = 30
	content := sim.NewContent(21, 64<<10, 8<<20)
	line := sim.HostConfig{Up: 1 << 20, Down: 1 << 20, Latency: 10 * time.Millisecond}
	hello := wire.AppendHandshake(nil, wire.Handshake{InfoHash: content.Meta().InfoHash})
	gossip := append(wire.AppendExtended(hello, 9, make([]byte, 1000)), make([]byte, 1000)...)
	run := func(t *testing.T, seed uint64, slow bool) time.Duration {
		t.Helper()
		id := byte(0)
		with := func(message []byte) []byte { // each with an id of its own
			id++
			out := append([]byte(nil), message...)
			if len(out) >= wire.HandshakeLen {
				out[wire.HandshakeLen-1], out[wire.HandshakeLen-2] = id, 1
			}
			return out
		}
		s := gather(t, sim.Config{Seed: seed}, content, crowd(2, role{host: line, store: disk}, role{host: line, store: disk})...)
		s.w.RunFor(time.Second) // a seed with this many peers dials nobody: let them meet
		to := s.clients[0]
		var handshaking, idle []*sloth
		for range each {
			if !slow {
				break
			}
			handshaking = append(handshaking,
				s.sloth(to, 0, nil, time.Second),
				s.sloth(to, 1, with(hello), time.Second))
			idle = append(idle,
				s.sloth(to, wire.HandshakeLen, with(hello), time.Second),
				s.sloth(to, wire.HandshakeLen+10, with(gossip), time.Second))
		}
		s.finish(10*time.Minute, s.clients...)
		took := s.w.Now()
		if slow {
			s.w.RunFor(3 * time.Minute)
			check := func(what string, all []*sloth, at time.Duration, reason string) {
				t.Helper()
				for _, one := range all {
					if one.ended < at || one.ended > at+2*time.Second {
						t.Fatalf("seed %d: one that %s was closed after %v, want %v", seed, what, one.ended, at)
					}
				}
				if n := to.engine.Stats().Disconnects[reason]; n < int64(len(all)) {
					t.Errorf("seed %d: %d counted as %q, want %d", seed, n, reason, len(all))
				}
			}
			check("does not greet", handshaking, 10*time.Second, "handshake timed out")
			check("says nothing more", idle, 130*time.Second, "peer idle for too long")
		}
		s.end()
		return took
	}
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		alone, beside := run(t, seed, false), run(t, seed, true)
		if beside > alone+alone/4+2*time.Second {
			t.Errorf("seed %d: complete after %v beside slow peers, %v without", seed, beside, alone)
		}
	})
}

// TestDeadAddresses: dials that nobody answers are bounded, and keep no honest
// peer away for longer than a time-out.
func TestDeadAddresses(t *testing.T) {
	const dead, most = 400, 30
	content := sim.NewContent(22, 64<<10, 2<<20)
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		s := gather(t, sim.Config{Seed: seed}, content, crowd(1, role{host: fast, store: disk}, role{host: fast, store: disk})...)
		leech := s.clients[1]
		for i := range dead {
			at := netip.AddrFrom4([4]byte{192, 0, byte(2 + i/200), byte(1 + i%200)})
			leech.opts.Peers = append(leech.opts.Peers, netip.AddrPortFrom(at, 6881))
		}
		seen := int64(0)
		done := s.w.RunUntil(func() bool {
			if leech.engine == nil {
				return false
			}
			seen = max(seen, leech.engine.Stats().Dialing)
			return leech.complete()
		}, 10*time.Minute)
		if !done || seen == 0 || seen > most {
			t.Errorf("seed %d: complete %v at %v, %d dials under way at the most", seed, done, s.w.Now(), seen)
		}
		s.end()
	})
}
