package swarms

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"
)

// small is a preset with few peers and little content.
func small(t *testing.T, name string) Scenario {
	t.Helper()
	p, ok := PresetByName(name)
	if !ok {
		t.Fatalf("no preset %q", name)
	}
	p.Peers, p.Size, p.Piece = 12, 2<<20, 64<<10
	return p.Scenario
}

// simulate runs a scenario.
func simulate(t *testing.T, s Scenario, variant string, seed uint64) *Outcome {
	t.Helper()
	v, ok := VariantByName(variant)
	if !ok {
		t.Fatalf("no variant %q", variant)
	}
	o, err := Run(t.Context(), s, v, seed, nil)
	if err != nil {
		t.Fatalf("%s, %s, seed %d: %v", s.Name, variant, seed, err)
	}
	hold(t, o)
	return o
}

// hold holds an outcome to what is always true.
func hold(t *testing.T, o *Outcome) {
	t.Helper()
	s, variant, seed, complete := o.Scenario, o.Variant, o.Seed, 0
	for _, d := range []*Times{o.Honest, o.Riders} {
		if d != nil {
			complete += d.Peers
			if d.Min <= 0 || d.Min > d.Median || d.Median > d.P90 || d.P90 > d.P99 || d.P99 > d.Max || d.Mean > d.Max {
				t.Errorf("%s, %s, seed %d: %+v", s.Name, variant, seed, *d)
			}
		}
	}
	if complete+o.Aborted+o.Unfinished != s.Peers {
		t.Errorf("%s, %s, seed %d: %d, %d and %d of %d peers", s.Name, variant, seed, complete, o.Aborted, o.Unfinished, s.Peers)
	}
	if complete > 0 && o.OfBound < 1 || o.Fairness < 0 || o.Fairness > 1 {
		t.Errorf("%s, %s, seed %d: %.4f of the bound, fairness %v", s.Name, variant, seed, o.OfBound, o.Fairness)
	}
	if s.Aborts == 0 && o.Unfinished == 0 && o.Copies < 1 {
		t.Errorf("%s, %s, seed %d: %.4f copies left the seed", s.Name, variant, seed, o.Copies)
	}
}

// TestScenarios: small swarms of each kind come to their end, never before the
// bound, and a seed repeats its run.
func TestScenarios(t *testing.T) {
	for _, p := range Presets() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			s := small(t, p.Name)
			a, b := simulate(t, s, Product, 1), simulate(t, s, Product, 1)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("two runs differ:\n%+v\n%+v", a, b)
			}
			if c := simulate(t, s, Product, 2); c.Sum == a.Sum {
				t.Error("another seed did the same")
			}
			if a.Unfinished > 0 {
				t.Errorf("%d peers are not complete", a.Unfinished)
			}
		})
	}
}

// TestVariants: each variant ends as well, and does something of its own.
func TestVariants(t *testing.T) {
	s := small(t, "adsl") // slow enough for many choke rounds
	s.Peers, s.Size = 30, 4<<20
	p := Plan{Scenarios: []Scenario{s}, Variants: Variants(), Seed: 3, Trials: 1, Jobs: 4}
	outcomes, err := p.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[uint64]string{}
	for i, v := range Variants() {
		if v.Text == "" {
			t.Errorf("%s says nothing of itself", v.Name)
		}
		o := outcomes[i]
		hold(t, o)
		if o.Unfinished > 0 {
			t.Errorf("%s: %d peers are not complete", v.Name, o.Unfinished)
		}
		if other, twice := sums[o.Sum]; twice && v.Name != "seed-by-rate" { // that is eight slots on this line
			t.Errorf("%s does the same as %s", v.Name, other)
		}
		sums[o.Sum] = v.Name
	}
}

// TestBoundHolds draws swarms of all kinds.
func TestBoundHolds(t *testing.T) {
	seeds := 12
	if testing.Short() {
		seeds = 6
	}
	for seed := range uint64(seeds) {
		s := small(t, "even")
		s.Links, s.SeedLink = Mix(Mixes()[seed%4])
		s.Peers, s.Seeds = 1+int(seed*7%30), 1+int(seed%3)
		s.Size = 100_000 + int64(seed)*77_777
		s.FreeRiders, s.Aborts = float64(seed%3)/4, float64(seed%5)/10
		s.Arrivals, s.Linger = time.Duration(seed%4)*10*time.Second, []time.Duration{0, Stay, time.Minute}[seed%3]
		s.Neighbours = 2 + int(seed%20)
		simulate(t, s, Variants()[int(seed)%len(Variants())].Name, seed)
	}
}

// TestFreeRiders: who uploads nothing is not served better than others where
// slots are earned.
func TestFreeRiders(t *testing.T) {
	s := small(t, "adsl")
	s.Links = s.Links[:1] // nobody has a better line
	s.Peers, s.Size, s.FreeRiders = 24, 6<<20, 0.25
	honest, riders := 0.0, 0.0
	for seed := range uint64(3) {
		o := simulate(t, s, "slots-4", seed)
		honest += o.Honest.Mean
		riders += o.Riders.Mean
	}
	if riders < 0.98*honest { // a few percent are chance
		t.Errorf("free-riders take %.2f of the honest peers' time", riders/honest)
	}
}

func TestStopped(t *testing.T) {
	stop := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	calls := 0
	_, err := Run(ctx, small(t, "even"), Variants()[0], 1, func(p Progress) {
		if calls++; calls == 3 {
			cancel(stop)
		}
		if p.Peers != 12 || p.Now != time.Duration(calls)*slice {
			t.Errorf("progress %+v", p)
		}
	})
	if err != stop || calls != 3 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// TestLimit: a swarm that cannot end is ended.
func TestLimit(t *testing.T) {
	s := small(t, "even")
	s.Limit = 2 * time.Second
	if o := simulate(t, s, Product, 1); o.Unfinished == 0 || o.Last > 2 {
		t.Errorf("%d unfinished, the last after %v s", o.Unfinished, o.Last)
	}
}
