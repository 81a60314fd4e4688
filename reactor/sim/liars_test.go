package sim_test

import (
	"io"
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/sim"
	engine "spate/reactor/swarm"
)

// TestLiars: whoever gives a wrong block is found and banned, alone; beside one
// honest seed the download completes, little later than without them.
func TestLiars(t *testing.T) {
	content := sim.NewContent(14, 1<<20, 8<<20)
	leecher := role{host: rated(16 << 20), store: disk}
	once := func(a *badSeed, l *badLine, q wire.Request) {
		if a.given == 3 {
			a.lie(l, q)
		} else {
			a.give(l, q)
		}
	}
	leaves := func(a *badSeed, l *badLine, q wire.Request) {
		liesOnceIn(7)(a, l, q)
		if a.given%50 == 0 && l.conn != nil {
			l.conn.Close(io.EOF)
		}
	}
	honest := (*badSeed).give
	check := func(what string, most time.Duration, parts ...manners) {
		t.Run(what, func(t *testing.T) {
			slowest := time.Duration(0)
			for seed := range uint64(scenarioSeeds / worlds) {
				s, all, took := beside(t, seed, content, leecher, parts...)
				slowest = max(slowest, took)
				liars := int64(0)
				for _, a := range all {
					if a.lied > 0 {
						liars++
					}
				}
				st := s.clients[1].engine.Stats()
				if st.Banned != liars || liars == 0 {
					t.Errorf("seed %d: %d lied, %d banned\n%s", seed, liars, st.Banned, s.state())
				}
				if most := 4 + 8*liars; st.HashFails > most {
					t.Errorf("seed %d: %d pieces failed for %d liars\n%s", seed, st.HashFails, liars, s.state())
				}
				if n := st.Disconnects[engine.ErrBadData.Error()]; n > liars {
					t.Errorf("seed %d: %d connections closed for bad data of %d liars", seed, n, liars)
				}
				s.end()
			}
			t.Logf("complete after %v at most", slowest)
			if slowest > most {
				t.Errorf("complete after %v, want %v", slowest, most)
			}
		})
	}
	_, _, alone := beside(t, 0, content, leecher)
	t.Logf("complete after %v with the honest seed alone", alone)
	most := alone * 5 / 4
	check("always", most, liesOnceIn(1))
	check("one in 100", most, liesOnceIn(100))
	check("once, then right", most, once)
	check("leaves and comes back", most, leaves)
	check("two that share each piece", most, liesOnceIn(5), liesOnceIn(5))
	check("five and an honest one", most, liesOnceIn(1), liesOnceIn(3), liesOnceIn(10), liesOnceIn(30), liesOnceIn(100), honest)
}
