package sim_test

import (
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/sim"
)

// TestSilence: a peer that does not answer, or not in time, costs one time-out
// at most; in endgame, where others have its blocks, hardly anything.
func TestSilence(t *testing.T) {
	const (
		timeout = 60 * time.Second // pipeline.MaxSnub
		tick    = 2 * time.Second
	)
	content := sim.NewContent(15, 128<<10, 8<<20)
	silent := func(*badSeed, *badLine, wire.Request) {}
	half := func(a *badSeed, l *badLine, q wire.Request) {
		if a.asked == 1 {
			b := a.block(q)
			a.say(l, b[:len(b)/2])
		}
	}
	minute := func(a *badSeed, l *badLine, q wire.Request) {
		a.s.w.After(time.Duration(a.asked)*time.Minute, func() {
			a.loop.Post(func() {
				if l.conn != nil {
					a.give(l, q)
				}
			})
		})
	}
	stops := func(a *badSeed, l *badLine, q wire.Request) {
		if a.given < 200 {
			a.give(l, q)
		}
	}
	flaps := func(a *badSeed, l *badLine, q wire.Request) {
		a.say(l, wire.AppendUnchoke(wire.AppendReject(wire.AppendChoke(nil), q)))
	}
	run := func(name string, noEndgame bool, most time.Duration, parts ...manners) {
		t.Run(name, func(t *testing.T) {
			leecher := role{host: rated(16 << 20), store: disk}
			leecher.engine.Policy.Picker.NoEndgame = noEndgame
			slowest := time.Duration(0)
			for seed := range uint64(scenarioSeeds / worlds) {
				s, all, took := beside(t, seed, content, leecher, parts...)
				slowest = max(slowest, took)
				for _, a := range all {
					if a.asked == 0 {
						t.Errorf("seed %d: it was never asked", seed)
					}
				}
				if n := s.clients[1].engine.Stats().Banned; n != 0 {
					t.Errorf("seed %d: %d banned for silence", seed, n)
				}
				s.end()
			}
			t.Logf("complete after %v at most", slowest)
			if slowest > most {
				t.Errorf("complete after %v, want %v", slowest, most)
			}
		})
	}
	_, _, alone := beside(t, 0, content, role{host: rated(16 << 20), store: disk})
	t.Logf("complete after %v with the honest seed alone", alone)
	run("never", false, alone+tick, silent)
	run("half a block", false, alone+tick, half)
	run("a block a minute", false, alone+tick, minute)
	run("stops", false, alone+tick, stops)
	run("chokes and unchokes", false, alone+tick, flaps)
	run("three that never do", false, alone+tick, silent, silent, silent)
	run("never, without endgame", true, alone+timeout+tick, silent)
	run("half a block, without endgame", true, alone+timeout+tick, half)
	run("stops, without endgame", true, alone+timeout+tick, stops)
}
