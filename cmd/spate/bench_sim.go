package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spate/bench/swarms"
	"spate/cmd/internal/config"
	"spate/cmd/internal/progress"
)

// simOptions is what the simulator runs.
type simOptions struct {
	plan      swarms.Plan
	scenarios []swarms.Preset
	change    swarms.Scenario // what flags override
	links     string
	latency   time.Duration
	seedUp    int64
	compare   bool
	json      bool
	quiet     bool
}

// benchSim simulates swarms.
func (a *app) benchSim() *cobra.Command {
	o := simOptions{plan: swarms.Plan{Seed: 1, Trials: 1, Jobs: runtime.NumCPU()}}
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "simulate swarms of 10 to 10,000 peers",
		Long:  simHelp(),
		Example: `  spate bench sim --peers 1000 --seed 7
  spate bench sim --scenario adsl,fibre --links mixed --free-riders 20
  spate bench sim --scenario all --compare --trials 5`,
		Args: needs("", 0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.settle(cmd); err != nil {
				return usage(err)
			}
			a.ran = true
			return a.simulate(cmd.Context(), &o)
		},
	}
	o.flags(cmd)
	return cmd
}

// simHelp names all scenarios and variants.
func simHelp() string {
	var b strings.Builder
	b.WriteString(`Runs swarms of the production engine in virtual time, on simulated lines, and
says how long the peers took, against the least time that it could have taken.
What is printed depends on the flags alone: the same --seed prints the same
bytes. So flags are taken from the command line alone here, neither from the
environment nor from the configuration file. How fast the simulation itself is
goes to stderr, on a terminal.

Scenarios (--scenario), of which the other flags change parts:
`)
	for _, p := range swarms.Presets() {
		fmt.Fprintf(&b, "  %-12s %s\n", p.Name, p.Text)
	}
	b.WriteString("\nVariants (--variant, or --compare for all):\n")
	for _, v := range swarms.Variants() {
		fmt.Fprintf(&b, "  %-12s %s\n", v.Name, v.Text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// flags registers what the simulator takes.
func (o *simOptions) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	s := swarms.Default()
	o.change = s
	config.Int(fs, &o.change.Peers, "peers", 1, swarms.MaxPeers, strconv.Itoa(s.Peers), "downloaders")
	config.Value(fs, &o.plan.Seed, "seed", "N", "what chance is drawn from (default 1)", func(s string) (uint64, error) {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number", s)
		}
		return n, nil
	})
	config.Value(fs, &o.scenarios, "scenario", "NAME,...", "scenarios, or all (default even)", parseScenarios)
	config.Int(fs, &o.change.Seeds, "seeds", 1, swarms.MaxSeeds, strconv.Itoa(s.Seeds), "peers that have everything from the start")
	config.Value(fs, &o.change.Size, "size", "SIZE", "length of the content (default 16MiB)", config.ParseSize)
	config.Value(fs, &o.change.Piece, "piece-length", "SIZE", "length of a piece, a multiple of 16KiB (default 256KiB)", config.ParseSize)
	config.Choice(fs, &o.links, "links", swarms.Mixes(), "the peers' lines")
	config.Rate(fs, &o.seedUp, "seed-up", "uplink of each seed")
	config.Duration(fs, &o.latency, "latency", "one-way delay from each peer to the middle of the network")
	config.Duration(fs, &o.change.Arrivals, "arrivals", "time over which the peers arrive, at random (default all at once)")
	config.Value(fs, &o.change.Linger, "linger", "TIME", "how long peers seed once complete: a time, 0, or forever (default forever)", parseLinger)
	config.Value(fs, &o.change.Aborts, "churn", "PERCENT", "share of the peers that give up on the way", parsePercent)
	config.Value(fs, &o.change.FreeRiders, "free-riders", "PERCENT", "share of the peers that never upload", parsePercent)
	config.Int(fs, &o.change.Neighbours, "neighbours", 1, swarms.MaxPeers, strconv.Itoa(s.Neighbours), "connections of a peer at most")
	config.Duration(fs, &o.change.Limit, "limit", "virtual time after which a run ends in any case")
	config.Value(fs, &o.plan.Variants, "variant", "NAME,...", "how pieces and peers are chosen, or all (default product)", parseVariants)
	config.Bool(fs, &o.compare, "compare", "", "compare all variants, or those named, in tables (Markdown)")
	config.Int(fs, &o.plan.Trials, "trials", 1, swarms.MaxTrials, "1", "runs of each, with seeds from --seed on")
	config.Int(fs, &o.plan.Jobs, "jobs", 1, 1024, "all processors", "runs at a time; each has its own memory")
	config.Bool(fs, &o.json, "json", "", "print one JSON object a run")
	config.Bool(fs, &o.quiet, "quiet", "q", "no progress display")
	cmd.MarkFlagsMutuallyExclusive("compare", "json")
}

// settle makes the plan of what was given.
func (o *simOptions) settle(cmd *cobra.Command) error {
	if o.scenarios == nil {
		o.scenarios = swarms.Presets()[:1]
	}
	if o.plan.Variants == nil {
		o.plan.Variants = swarms.Variants()
		if !o.compare {
			o.plan.Variants = o.plan.Variants[:1]
		}
	}
	for _, preset := range o.scenarios {
		s := preset.Scenario
		for name, change := range o.overrides() {
			if cmd.Flags().Changed(name) {
				change(&s)
			}
		}
		if cmd.Flags().Changed("links") {
			s.Name += " on " + o.links
		}
		if cmd.Flags().Changed("latency") {
			s.SeedLink.Latency = o.latency
			for i := range s.Links {
				s.Links[i].Latency = o.latency
			}
		}
		if cmd.Flags().Changed("seed-up") {
			s.SeedLink.Up = o.seedUp
		}
		if err := s.Check(); err != nil {
			return err
		}
		o.plan.Scenarios = append(o.plan.Scenarios, s)
	}
	return nil
}

// overrides are the changes that do not depend on one another, by flag.
func (o *simOptions) overrides() map[string]func(*swarms.Scenario) {
	c := &o.change
	return map[string]func(*swarms.Scenario){
		"peers":        func(s *swarms.Scenario) { s.Peers = c.Peers },
		"seeds":        func(s *swarms.Scenario) { s.Seeds = c.Seeds },
		"size":         func(s *swarms.Scenario) { s.Size = c.Size },
		"piece-length": func(s *swarms.Scenario) { s.Piece = c.Piece },
		"links":        func(s *swarms.Scenario) { s.Links, s.SeedLink = swarms.Mix(o.links) },
		"arrivals":     func(s *swarms.Scenario) { s.Arrivals = c.Arrivals },
		"linger":       func(s *swarms.Scenario) { s.Linger = c.Linger },
		"churn":        func(s *swarms.Scenario) { s.Aborts = c.Aborts },
		"free-riders":  func(s *swarms.Scenario) { s.FreeRiders = c.FreeRiders },
		"neighbours":   func(s *swarms.Scenario) { s.Neighbours = c.Neighbours },
		"limit":        func(s *swarms.Scenario) { s.Limit = c.Limit },
	}
}

// simulate runs the plan and prints what came of it. When it is stopped, what
// is over is printed all the same.
func (a *app) simulate(ctx context.Context, o *simOptions) error {
	show := a.simDisplay(o)
	began := time.Now()
	events := uint64(0)
	outcomes, err := o.plan.Run(ctx, func(s swarms.Status) {
		events = s.Events
		show.Show(time.Now(), []progress.Row{simRow(s, time.Since(began))})
	})
	show.Close()
	if a.errTerminal && !o.quiet {
		seconds := time.Since(began).Seconds()
		fmt.Fprintf(a.stderr, "%d events in %.1f s, %.0f a second\n", events, seconds, float64(events)/seconds)
	}
	if len(outcomes) > 0 {
		if printed := o.print(a.stdout, outcomes); err == nil {
			err = printed
		}
	}
	return err
}

// print writes the outcomes in the form that was asked for.
func (o *simOptions) print(w io.Writer, outcomes []*swarms.Outcome) error {
	switch {
	case o.compare:
		return swarms.WriteTables(w, outcomes)
	case o.json:
		enc := json.NewEncoder(w)
		for _, one := range outcomes {
			if err := enc.Encode(one); err != nil {
				return err
			}
		}
		return nil
	}
	return swarms.WriteText(w, outcomes)
}

// simDisplay shows progress on stderr, where that is a terminal: stdout has the
// outcome alone.
func (a *app) simDisplay(o *simOptions) progress.Display {
	mode := progress.Quiet
	if a.errTerminal && !o.quiet {
		mode = progress.Bars
	}
	return progress.New(mode, a.stderr, a.stderr)
}

// simRow is the progress in thousandths of a run.
func simRow(s swarms.Status, spent time.Duration) progress.Row {
	const whole = 1000
	r := progress.Row{
		Name: "simulation", Length: int64(s.Runs) * whole, Peers: -1,
		Done: int64((float64(s.Done) + s.Part) * whole),
	}
	r.State = fmt.Sprintf("%d of %d runs, %d of %d peers complete, %d s, %.1f M events",
		s.Done, s.Runs, s.Complete, s.Peers, int(s.Now.Seconds()), float64(s.Events)/1e6)
	if seconds := spent.Seconds(); seconds > 1 {
		r.Down = float64(r.Done) / seconds
	}
	return r
}

func parseScenarios(text string) ([]swarms.Preset, error) {
	if text == "all" {
		return swarms.Presets(), nil
	}
	var all []swarms.Preset
	for name := range strings.SplitSeq(text, ",") {
		p, ok := swarms.PresetByName(name)
		if !ok {
			return nil, fmt.Errorf("%q is no scenario: see spate bench sim --help", name)
		}
		all = append(all, p)
	}
	return all, nil
}

func parseVariants(text string) ([]swarms.Variant, error) {
	if text == "all" {
		return swarms.Variants(), nil
	}
	var all []swarms.Variant
	for name := range strings.SplitSeq(text, ",") {
		v, ok := swarms.VariantByName(name)
		if !ok {
			return nil, fmt.Errorf("%q is no variant: see spate bench sim --help", name)
		}
		all = append(all, v)
	}
	return all, nil
}

func parseLinger(text string) (time.Duration, error) {
	switch text {
	case "forever":
		return swarms.Stay, nil
	case "0":
		return 0, nil
	}
	return config.ParseDuration(text)
}

// parsePercent reads a share of less than all.
func parsePercent(text string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !(n >= 0 && n < 100) {
		return 0, fmt.Errorf("%q is no share: want 0 to less than 100 percent", text)
	}
	return n / 100, nil
}
