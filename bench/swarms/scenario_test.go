package swarms

import (
	"errors"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	check := func(what string, good bool, change func(*Scenario)) {
		t.Helper()
		s := Default()
		change(&s)
		if err := s.Check(); (err == nil) != good || err != nil && !errors.Is(err, ErrScenario) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("default", true, func(*Scenario) {})
	check("peers", true, func(s *Scenario) { s.Peers = MaxPeers })
	check("too many peers", false, func(s *Scenario) { s.Peers = MaxPeers + 1 })
	check("no peers", false, func(s *Scenario) { s.Peers = 0 })
	check("too many seeds", false, func(s *Scenario) { s.Seeds = MaxSeeds + 1 })
	check("no seeds", false, func(s *Scenario) { s.Seeds = 0 })
	check("small piece", false, func(s *Scenario) { s.Piece = MinPiece - 1 })
	check("odd piece", false, func(s *Scenario) { s.Piece = MinPiece + 1 })
	check("large piece", false, func(s *Scenario) { s.Piece = MaxPiece + MinPiece })
	check("pieces", true, func(s *Scenario) { s.Piece, s.Size = MinPiece, MinPiece*MaxPieces })
	check("too many pieces", false, func(s *Scenario) { s.Piece, s.Size = MinPiece, MinPiece*MaxPieces+1 })
	check("nothing", false, func(s *Scenario) { s.Size = 0 })
	check("all abort", false, func(s *Scenario) { s.Aborts = 1 })
	check("all ride", false, func(s *Scenario) { s.FreeRiders = 1 })
	check("alone", false, func(s *Scenario) { s.Neighbours = 0 })
	check("no time", false, func(s *Scenario) { s.Limit = 0 })
	check("past", false, func(s *Scenario) { s.Linger = -1 })
	check("no lines", false, func(s *Scenario) { s.Links = nil })
	check("no weight", false, func(s *Scenario) { s.Links = []Link{{"x", 0, MinRate, MinRate, 0}} })
	check("slow line", true, func(s *Scenario) { s.Links = []Link{{"x", 1, MinRate, MinRate, 0}} })
	check("too slow", false, func(s *Scenario) { s.Links = []Link{{"x", 1, MinRate - 1, MinRate, 0}} })
	check("slow seed", false, func(s *Scenario) { s.SeedLink.Up = 0 })
	for _, p := range Presets() {
		check(p.Name, p.Text != "", func(s *Scenario) { *s = p.Scenario })
	}
}

func TestSpread(t *testing.T) {
	check := func(n int, want ...int) {
		t.Helper()
		var links []Link
		for i, weight := range []int{3, 0, 1} {
			links = append(links, Link{Weight: weight, Up: int64(i)})
		}
		got := make([]int, 3)
		for _, l := range spread(links, n) {
			got[l.Up]++
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d lines: %v, want %v", n, got, want)
			}
		}
	}
	check(0, 0, 0, 0)
	check(1, 1, 0, 0)
	check(4, 3, 0, 1)
	check(10, 8, 0, 2)
	check(400, 300, 0, 100)
}

func TestBound(t *testing.T) {
	fast, slow := Link{Up: 100, Down: 1000}, Link{Up: 10, Down: 20}
	check := func(what string, seedUp int64, want float64, peers ...share) {
		t.Helper()
		s := Scenario{Seeds: 2, Size: 1000, SeedLink: Link{Up: seedUp}}
		if got := bound(&s, peers); got != want {
			t.Errorf("%s: %v s, want %v", what, got, want)
		}
	}
	peer := func(l Link) share { return share{0, l, true, true} }
	check("nobody", 5, 0)
	check("the seeds send one copy", 5, 100, peer(fast))
	check("the slowest downlink", 500, 50, peer(fast), peer(slow))
	check("all uplinks", 50, 4*1000/400.0, peer(fast), peer(fast), peer(fast), share{0, fast, false, true})
	check("late", 500, 80, peer(fast), share{30 * time.Second, slow, true, true})
	check("gave up", 500, 1, peer(fast), share{0, slow, true, false})
}

func TestDistribute(t *testing.T) {
	if distribute(nil) != nil {
		t.Error("a distribution of nothing")
	}
	var all []time.Duration
	for i := range 200 {
		all = append(all, time.Duration(200-i)*time.Second)
	}
	if got, want := *distribute(all), (Times{200, 1, 100, 180, 198, 200, 100.5}); got.Peers != want.Peers || got.Min != want.Min ||
		got.Median != want.Median || got.P90 != want.P90 || got.P99 != want.P99 || got.Max != want.Max || got.Mean-want.Mean > 1e-9 {
		t.Errorf("%+v, want %+v", got, want)
	}
}
