package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/bench/scenario"
)

// script is a scenario that writes down what happens.
type script struct {
	name    string
	trail   *[]string
	prepare error
	skip    string // a client
	tools   []clients.Client
	during  func(round int)
}

func (s *script) Name() string { return s.name }

func (s *script) Prepare(_ context.Context, e *scenario.Env) error {
	*s.trail = append(*s.trail, s.name+" under "+e.Congestion)
	return s.prepare
}

func (s *script) Skip(c clients.Client) string {
	if c.Name() == s.skip {
		return "is odd"
	}
	return ""
}

func (s *script) Measure(_ context.Context, _ *scenario.Env, c clients.Client, round int, emit func(result.Result)) {
	*s.trail = append(*s.trail, fmt.Sprintf("%s %s %d", s.name, c.Name(), round))
	if s.during != nil {
		s.during(round)
	}
	emit(result.Result{Scenario: s.name, Client: c.Name(), Round: round})
}

// choosing is a script with clients of its own.
type choosing struct{ script }

func (c *choosing) Clients([]clients.Client) []clients.Client { return c.tools }

// named is a client that is only a name.
type named string

func (n named) Name() string                               { return string(n) }
func (named) Available() error                             { return nil }
func (named) Version() (string, error)                     { return "", nil }
func (named) Traits() clients.Traits                       { return clients.Traits{} }
func (named) Start(clients.Task) (*clients.Process, error) { return nil, errors.ErrUnsupported }

func start(ctx context.Context, t *testing.T, steps []Step) (trail []string, notes []string, results int, err error) {
	t.Helper()
	env, err := scenario.NewEnv(t.TempDir(), t.TempDir(), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = env.Close() }()
	for _, s := range steps {
		for _, one := range s.Scenarios {
			switch one := one.(type) {
			case *script:
				one.trail = &trail
			case *choosing:
				one.trail = &trail
			}
		}
	}
	err = Run(ctx, Config{
		Steps: steps, Clients: []clients.Client{named("a"), named("b")}, Env: env,
		Pin:    func(name string) error { trail = append(trail, "pin "+name); return nil },
		Result: func(result.Result) error { results++; return nil },
		Progress: func(p Progress) {
			if p.Note != "" {
				notes = append(notes, p.Scenario+": "+p.Note)
			} else if p.Done >= p.Turns || p.Round > p.Rounds || p.Step > p.Steps {
				t.Errorf("%+v", p)
			}
		},
	})
	return trail, notes, results, err
}

func TestTurnsAreInterleaved(t *testing.T) {
	trail, notes, results, err := start(t.Context(), t, []Step{
		{Scenarios: []scenario.Scenario{
			&choosing{script{name: "x", tools: []clients.Client{named("tool")}}},
			&script{name: "y", skip: "b"},
		}, Congestion: "reno", Rounds: 2},
		{Scenarios: []scenario.Scenario{&script{name: "z"}, &script{name: "w", prepare: errors.New("no room")}}, Rounds: 1},
	})
	want := []string{
		"pin reno", "x under reno", "y under reno",
		"x tool 1", "y a 1", "x tool 2", "y a 2",
		"z under ", "w under ", "z a 1", "z b 1",
	}
	if err != nil || !slices.Equal(trail, want) || results != 6 {
		t.Errorf("%v, %d results, got\n%s\nwant\n%s", err, results, strings.Join(trail, "\n"), strings.Join(want, "\n"))
	}
	if want := []string{"y: without b, which is odd", "w: left out: no room"}; !slices.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

func TestSkip(t *testing.T) {
	check := func(name, only, own, want string) {
		t.Helper()
		if got := skip(&script{name: name, skip: own}, picky{only: only}); got != want {
			t.Errorf("%s, only %q: got %q, want %q", name, only, got, want)
		}
	}
	check("seed", "", "", "")
	check("seed", "get seed", "", "")
	check("peers", "get seed", "", "is measured at get, seed only")
	check("seed", "seed", "picky", "is odd")
}

// picky takes part in some scenarios.
type picky struct {
	named
	only string
}

func (picky) Name() string             { return "picky" }
func (p picky) Traits() clients.Traits { return clients.Traits{Only: p.only} }

func TestInterruption(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	trail, _, results, err := start(ctx, t, []Step{
		{Scenarios: []scenario.Scenario{&script{name: "x", during: func(round int) {
			if round == 2 {
				cancel(enough)
			}
		}}}, Rounds: 3},
		{Scenarios: []scenario.Scenario{&script{name: "y"}}, Rounds: 1},
	})
	if !errors.Is(err, enough) || results != 3 || trail[len(trail)-1] != "x a 2" {
		t.Errorf("%v, %d results, %q", err, results, trail)
	}
}

func TestTimeLeft(t *testing.T) {
	x, y := &script{name: "x"}, &script{name: "y"}
	a, b := named("a"), named("b")
	r := &runner{took: map[string]time.Duration{}, turns: []turn{
		{0, 0, x, a}, {0, 0, x, b}, {0, 1, x, a}, {0, 1, x, b}, {1, 0, y, a},
	}}
	check := func(done int, want time.Duration) {
		t.Helper()
		if got := r.left(done); got != want {
			t.Errorf("after %d: %v, want %v", done, got, want)
		}
	}
	check(0, 0)
	r.took[r.turns[0].kind()] = 10 * time.Second
	check(1, 40*time.Second)
	r.took[r.turns[1].kind()] = 20 * time.Second
	check(2, 45*time.Second)
	check(4, 15*time.Second)
}

func TestPlan(t *testing.T) {
	check := func(names []string, s Settings, want string) {
		t.Helper()
		steps, err := Plan(names, s)
		var got []string
		for _, step := range steps {
			var scenarios []string
			for _, one := range step.Scenarios {
				scenarios = append(scenarios, one.Name())
			}
			got = append(got, fmt.Sprintf("%s/%s/%d", strings.Join(scenarios, "+"), step.Congestion, step.Rounds))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, got %q, want %q", names, err, got, want)
		}
	}
	s := DefaultSettings()
	s.Rounds = 3
	check([]string{"get", "seed", "get"}, s, "ceiling+seed/reno/3 ceiling+seed/bbr/3 seed/reno/3 get/reno/3")
	check([]string{"seed"}, Settings{}, "ceiling+seed//5 seed//5")
	check([]string{"quick"}, s, "ceiling+seed+get/reno/3")
	if _, err := Plan([]string{"sed"}, s); !errors.Is(err, ErrScenario) || !strings.Contains(err.Error(), `"sed"`) {
		t.Errorf("got %v", err)
	}
	for _, name := range Names() {
		if steps, err := Plan([]string{name}, s); err != nil || len(steps) == 0 {
			t.Errorf("%s: %d steps, %v", name, len(steps), err)
		}
	}
}

// All is what compares clients, and every scenario can be named.
func TestAll(t *testing.T) {
	s := DefaultSettings()
	names := func(asked ...string) (names []string) {
		steps, err := Plan(asked, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			for _, one := range step.Scenarios {
				names = append(names, one.Name())
			}
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	want := []string{
		result.Ceiling, result.Check, result.Create, result.Get, result.Link, result.Mixed, result.Peers,
		result.Seed, result.Stalled, result.Torrents,
	}
	if got := names(All); !slices.Equal(got, want) {
		t.Errorf("all: %v, want %v", got, want)
	}
	for _, name := range Names()[2:] {
		if !slices.Contains(names(name), name) {
			t.Errorf("%s is not in its own plan", name)
		}
		if got := names(All, name); !slices.Contains(got, name) {
			t.Errorf("all and %s: %v", name, got)
		}
	}
}
