package choke

import (
	"strings"
	"testing"
)

func TestPolicies(t *testing.T) {
	check := func(what string, cfg Config, peers string, earned, lucky int) {
		t.Helper()
		for seed := range uint64(20) {
			p := swarm(peers)
			for i := range p {
				p[i].Up = p[i].Down
			}
			choker(seed).Round(start, p, cfg)
			got := decisions(p)
			if u, o := strings.Count(got, "U"), strings.Count(got, "O"); u != earned || o != lucky {
				t.Errorf("%s: %s gives %s, want %d earned and %d by lot", what, peers, got, earned, lucky)
			}
		}
	}
	check("a fifth by lot", Config{Slots: 10}, "99999999999999", 8, 2)
	check("half by lot", Config{Slots: 10, Policy: Policy{Optimistic: 2}}, "99999999999999", 5, 5)
	check("one by lot", Config{Slots: 10, Policy: Policy{Optimistic: 100}}, "99999999999999", 9, 1)
	check("all by lot", Config{Slots: 10, Policy: Policy{Optimistic: 1}}, "99999999999999", 0, 10)
	check("nobody", Config{Slots: -1}, "9i9n", 0, 0)
	check("nobody, seeding", Config{Slots: -1, Seeding: true}, "9i9n", 0, 0)
	check("a seed by rate", Config{Seeding: true, Policy: Policy{SeedByRate: true}}, strings.Repeat("9", 20), 8, 0)
	check("a seed for the fastest", Config{Slots: 5, Seeding: true, Policy: Policy{Seed: Fastest}}, "9876543210", 4, 1)
}

// TestFastest names those that a seed of that kind serves.
func TestFastest(t *testing.T) {
	p := swarm("1928.i")
	for i := range p {
		p[i].Up, p[i].Down = p[i].Down, 0
	}
	choker(1).Round(start, p, Config{Slots: 3, Seeding: true, Policy: Policy{Seed: Fastest}})
	if got := decisions(p); got[1] != 'U' || got[3] != 'U' || strings.Count(got, "O") != 1 {
		t.Errorf("%s, want the second and the fourth, and one by lot", got)
	}
}

// TestAdmitNobody holds that nobody is let in between rounds either.
func TestAdmitNobody(t *testing.T) {
	p := swarm("ii")
	choker(1).Admit(start, p, 0, Config{Slots: -1})
	if p[0].Unchoked {
		t.Error("unchoked")
	}
}
