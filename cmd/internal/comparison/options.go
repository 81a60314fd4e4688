package comparison

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/run"
	"spate/bench/scenario"
	"spate/cmd/internal/config"
)

// System is the congestion control that is left as it is.
const System = "system"

// Options is what to compare, and how.
type Options struct {
	// Names are scenarios and suites, see Names.
	Names    []string
	Settings run.Settings
	How      scenario.Options
	// Clients are names; none means all, or QuickClients for a quick run.
	Clients []string
	// Program is the spate to measure; empty is this one.
	Program string
	// Out is the folder for raw data and reports. Readme is a file whose
	// figures are replaced, or empty.
	Out, Readme string
	// Memory and Disk are folders for content; empty ones are chosen.
	Memory, Disk string
	// JSON prints each result as a line, in place of a report.
	JSON bool
	// Commit and Command go to the raw data: the version of this program, and
	// the command line that repeats the run.
	Commit, Command string
	// Stdout takes the report, Progress what happens.
	Stdout, Progress io.Writer
}

// Defaults are the options of a full run.
func Defaults() Options { return Options{Settings: run.DefaultSettings(), How: run.FullOptions()} }

// Names is what Options.Names may have.
func Names() []string { return run.Names() }

// Shorten gives a quick run its shorter times and fewer connections, but for
// those that were given, by the names of their flags.
func (o *Options) Shorten(given func(flag string) bool) {
	if !o.quick() {
		return
	}
	if !given("conns") {
		o.Settings.Conns = run.QuickConns()
	}
	if !given("warmup") {
		o.How.Warmup = run.QuickOptions().Warmup
	}
	if !given("duration") {
		o.How.Duration = run.QuickOptions().Duration
	}
}

// QuickClients are those that a quick run has time for.
func QuickClients() []string { return []string{"spate", "rtorrent", "libtorrent-posix", "libtorrent"} }

// quick tells whether this is the run in some minutes.
func (o *Options) quick() bool { return len(o.Names) == 1 && o.Names[0] == run.Quick }

// Check refuses what cannot be measured, naming the flag.
func (o *Options) Check() error {
	s := &o.Settings
	if s.Rounds < 1 {
		return fmt.Errorf("--rounds: %d: want 1 at least", s.Rounds)
	}
	if o.How.Outstanding < 1 || o.How.Outstanding > load.MaxOutstanding {
		return fmt.Errorf("--outstanding: %d: want 1 to %d", o.How.Outstanding, load.MaxOutstanding)
	}
	for _, list := range []struct {
		flag    string
		numbers []int
		most    int
	}{
		{"conns", s.Conns, load.MaxConns}, {"seeders", s.Seeders, load.MaxConns},
		{"idle", s.Idle, load.MaxConns}, {"stalled", s.Stalled, load.MaxConns}, {"loops", s.Loops, config.MaxLoops},
		{"torrents", s.Torrents, maxTorrents},
	} {
		for _, n := range list.numbers {
			if n < 1 || n > list.most {
				return fmt.Errorf("--%s: %d: want 1 to %d", list.flag, n, list.most)
			}
		}
	}
	if s.Bytes < 1 || s.HashBytes < 1 {
		return errors.New("--size, --hash-size: want 1 byte at least")
	}
	if _, err := run.Plan(o.Names, *s); err != nil {
		return err
	}
	_, err := o.clients("spate")
	return err
}

// maxTorrents is the most torrents that are made for one measurement.
const maxTorrents = 1_000_000

// program is the spate to measure.
func (o *Options) program() (string, error) {
	program := o.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return "", err
		}
	}
	return filepath.Abs(program)
}

// clients is who takes part, present or not.
func (o *Options) clients(program string) ([]clients.Client, error) {
	all := clients.All(program)
	names := o.Clients
	if len(names) == 0 {
		if !o.quick() {
			return all, nil
		}
		names = QuickClients()
	}
	chosen, err := clients.Choose(all, names)
	if err != nil {
		return nil, fmt.Errorf("--clients: %w", err)
	}
	return chosen, nil
}

// describe is the full configuration, for the raw data.
func (o *Options) describe() map[string]string {
	list := func(numbers []int) string {
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ","), "[]")
	}
	s := &o.Settings
	return map[string]string{
		"scenarios": strings.Join(o.Names, ","), "congestion": strings.Join(s.Congestions, ","),
		"rounds": fmt.Sprint(s.Rounds), "conns": list(s.Conns), "seeders": list(s.Seeders),
		"idle": list(s.Idle), "stalled": list(s.Stalled), "loops": list(s.Loops), "torrents": list(s.Torrents),
		"size": fmt.Sprint(s.Bytes), "hash-size": fmt.Sprint(s.HashBytes),
		"outstanding": fmt.Sprint(o.How.Outstanding), "warmup": o.How.Warmup.String(), "duration": o.How.Duration.String(),
	}
}

// congestions is what to pin; none leaves the system's.
func (o *Options) congestions() []string {
	if slices.Contains(o.Settings.Congestions, System) {
		return nil
	}
	return o.Settings.Congestions
}
