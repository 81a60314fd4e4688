package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"spate/bench/clients"
	"spate/bench/result"
	"spate/bench/scenario"
)

// Names of suites, which stand for several scenarios.
const (
	Quick = "quick"
	All   = "all"
)

// Settings is what a plan is made of, where the command line says so.
type Settings struct {
	// Conns are the connections of seeding, and Seeders those of downloading.
	Conns, Seeders []int
	// Idle are the connections of the peers scenario, and Stalled those of the
	// scenario of that name.
	Idle, Stalled []int
	// Loops are the numbers of event loops.
	Loops []int
	// Torrents are the numbers of torrents loaded.
	Torrents []int
	// LinkConns are the connections over a link.
	LinkConns []int
	// Bytes is the length of the content for seeding and downloading, and
	// HashBytes that for checking and making torrents.
	Bytes, HashBytes int64
	// Congestions are the TCP congestion controls that seeding and links are
	// measured with; the first one is that of everything else. An empty one is
	// the system's.
	Congestions []string
	// Rounds is how often each client has its turn; 0 is DefaultRounds.
	Rounds int
	// Program is the built spate to measure, and Harness the one that has the
	// harness's own tools.
	Program, Harness string
}

// DefaultRounds is the least number of repetitions whose median has an interval
// worth the name.
const DefaultRounds = 5

// DefaultSettings are those of a full run.
func DefaultSettings() Settings {
	return Settings{
		Conns: []int{1, 50, 500, 5000}, Seeders: []int{1, 50}, Idle: []int{2000, 10_000},
		Loops: []int{1, 2, 4}, Stalled: []int{1000},
		Torrents: []int{1000, 10_000}, LinkConns: []int{20},
		Bytes: 1 << 30, HashBytes: 4 << 30,
		Congestions: []string{"reno", "bbr"}, Rounds: DefaultRounds,
	}
}

// Step is scenarios that share their rounds, under one congestion control.
type Step struct {
	Scenarios  []scenario.Scenario
	Congestion string
	Rounds     int
}

// ErrScenario says that nothing has a name asked for.
var ErrScenario = errors.New("no such scenario")

// Plan makes the steps for names of scenarios or suites, each once, in the
// order of a report.
func Plan(names []string, s Settings) ([]Step, error) {
	if len(s.Congestions) == 0 {
		s.Congestions = []string{""}
	}
	if s.Rounds == 0 {
		s.Rounds = DefaultRounds
	}
	var steps []Step
	all := steppers()
	for _, name := range names {
		if name != Quick && name != All && !slices.ContainsFunc(all, func(m maker) bool { return m.name == name }) {
			return nil, fmt.Errorf("%w: %q: want %s", ErrScenario, name, strings.Join(Names(), ", "))
		}
	}
	for _, m := range all {
		if slices.Contains(names, m.name) || slices.Contains(names, All) && !m.aside {
			steps = append(steps, m.steps(s)...)
		}
	}
	if slices.Contains(names, Quick) {
		steps = append(steps, quick(s)...)
	}
	return steps, nil
}

// Names is what Plan takes.
func Names() []string {
	names := []string{Quick, All}
	for _, m := range steppers() {
		names = append(names, m.name)
	}
	return names
}

// maker makes the steps of a scenario. One that is aside looks mostly at settings
// of spate: it has to be named, as All has rivals to measure for over an hour.
type maker struct {
	name  string
	steps func(Settings) []Step
	aside bool
}

// steppers is all scenarios, in the order of a report.
func steppers() []maker {
	return []maker{
		{name: result.Seed, steps: seed},
		{name: result.Get, steps: one(func(s Settings) scenario.Scenario {
			return &scenario.Get{Conns: s.Seeders, Places: []string{scenario.Tmpfs, scenario.Disk}, Bytes: s.Bytes}
		})},
		{name: result.Loops, steps: one(func(s Settings) scenario.Scenario {
			return &scenario.Loops{Counts: s.Loops, Conns: loopConns, Bytes: s.Bytes}
		}), aside: true},
		{name: result.Stalled, steps: one(func(s Settings) scenario.Scenario { return &scenario.Stalled{Conns: s.Stalled} })},
		{name: result.Peers, steps: one(func(s Settings) scenario.Scenario { return &scenario.Peers{Conns: s.Idle} })},
		{name: result.Torrents, steps: one(func(s Settings) scenario.Scenario { return &scenario.Torrents{Counts: s.Torrents} })},
		{name: result.Check, steps: one(func(s Settings) scenario.Scenario {
			return &scenario.Check{Bytes: s.HashBytes, Place: scenario.Tmpfs, Creators: clients.Creators(s.Program)}
		})},
		{name: result.Create, steps: one(func(s Settings) scenario.Scenario {
			return &scenario.Create{Bytes: s.HashBytes, Place: scenario.Tmpfs, Creators: clients.Creators(s.Program)}
		})},
		{name: result.Mixed, steps: one(func(Settings) scenario.Scenario { return scenario.DefaultMixed() })},
		{name: result.Link, steps: link},
		{name: result.HotSet, steps: one(func(Settings) scenario.Scenario { return scenario.DefaultHotSet() }), aside: true},
		{name: result.ColdMix, steps: one(func(Settings) scenario.Scenario { return scenario.DefaultColdMix() }), aside: true},
	}
}

// one makes the step of a scenario that is measured under the first congestion
// control alone.
func one(make func(Settings) scenario.Scenario) func(Settings) []Step {
	return func(s Settings) []Step {
		return []Step{{Scenarios: []scenario.Scenario{make(s)}, Congestion: s.Congestions[0], Rounds: s.Rounds}}
	}
}

// warm is seeding from memory, and the ceiling beside it.
func warm(s Settings) []scenario.Scenario {
	return []scenario.Scenario{
		&scenario.Ceiling{Program: s.Harness, Conns: s.Conns, Bytes: s.Bytes},
		&scenario.Seed{Conns: s.Conns, Bytes: s.Bytes},
	}
}

// loopConns is the connections that a number of loops is measured with.
const loopConns = 50

// furtherConns is the connections under further congestion controls than the
// first, and coldConns those that cold content is served to.
const (
	furtherConns = 50
	coldConns    = 50
)

func seed(s Settings) (steps []Step) {
	for i, c := range s.Congestions {
		if i > 0 {
			s.Conns = []int{furtherConns}
		}
		steps = append(steps, Step{Scenarios: warm(s), Congestion: c, Rounds: s.Rounds})
	}
	return append(steps, Step{
		Scenarios:  []scenario.Scenario{&scenario.Seed{Conns: []int{coldConns}, Bytes: s.Bytes, Content: scenario.Cold}},
		Congestion: s.Congestions[0], Rounds: s.Rounds,
	})
}

func link(s Settings) (steps []Step) {
	for _, c := range s.Congestions {
		steps = append(steps, Step{
			Scenarios:  []scenario.Scenario{&scenario.Link{Conns: s.LinkConns, Bytes: linkBytes, Links: scenario.DefaultLinks()[1:2]}},
			Congestion: c, Rounds: s.Rounds,
		})
	}
	return steps
}

// linkBytes is the content that is seeded over a link.
const linkBytes = 256 << 20

// quick is the comparison in a few minutes, under one congestion control.
func quick(s Settings) []Step {
	return []Step{{
		Scenarios: append(warm(s),
			&scenario.Get{Conns: s.Seeders[:min(1, len(s.Seeders))], Places: []string{scenario.Tmpfs}, Bytes: s.Bytes}),
		Congestion: s.Congestions[0], Rounds: s.Rounds,
	}}
}

// QuickConns are the connections of seeding that a quick run has time for.
func QuickConns() []int { return []int{1, 50, 500} }

// QuickOptions are the times of a quick run, and FullOptions those of others.
func QuickOptions() scenario.Options {
	return scenario.Options{Outstanding: 250, Warmup: 300 * time.Millisecond, Duration: 1200 * time.Millisecond}
}

// FullOptions see QuickOptions.
func FullOptions() scenario.Options {
	return scenario.Options{Outstanding: 250, Warmup: 500 * time.Millisecond, Duration: 2 * time.Second}
}
