package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spate/bench/result"
	"spate/cmd/internal/comparison"
	"spate/cmd/internal/config"
)

const benchRunHelp = `Measure clients at the same work, in turn, several times over, and report
medians with 95 %% intervals and ratios paired within a round.

SCENARIO is "quick" (seeding and downloading in some minutes), "all" (what
compares clients: all of the following but loops, hotset and coldmix, in an hour
and ten minutes with nine clients), or one of

%s
With seed comes the ceiling: a seeder that does nothing but send, by sendfile and
from pipes, on the same connections.

Each client that is installed takes part, with a documented configuration of
its own; one that is not is reported as absent ("make bench-clients" installs
them). "nginx", a web server, and "spate-uncached" take part in seeding alone.
The first one of --clients is what others are compared with.

As root everything runs in a network namespace of its own, in which the TCP
congestion control is pinned for all sides, and with half of the machine's memory
for TCP (net.ipv4.tcp_mem, put back at the end); otherwise with what the system
has.
Content lies in memory (/dev/shm) where there is room, and in --disk where a
scenario asks for a disk.

Raw data, an HTML page, Markdown and a file for benchstat go to --out. What was
measured until an interruption (SIGINT) is kept and reported.`

// benchRun compares clients.
func (a *app) benchRun() *cobra.Command {
	o := comparison.Defaults()
	var quiet bool
	var list strings.Builder
	for _, s := range result.Scenarios() {
		if s.Name == result.Ceiling {
			continue // not one to choose
		}
		fmt.Fprintf(&list, "  %-9s %s\n", s.Name, s.Text)
	}
	cmd := &cobra.Command{
		Use:   "run SCENARIO...",
		Short: "compare clients on the same work",
		Long:  fmt.Sprintf(benchRunHelp, list.String()),
		Example: `  spate bench run quick
  spate bench run seed --conns 1,50,500 --clients spate,rtorrent,libtorrent-posix --rounds 7
  spate bench run all --out results`,
		Args:      needs("SCENARIO", 1, -1),
		ValidArgs: comparison.Names(),
		RunE: a.configured(func(cmd *cobra.Command, args []string) error {
			o.Names = args
			o.Shorten(cmd.Flags().Changed)
			o.Commit, o.Command = version, "spate "+strings.Join(a.args, " ")
			o.Stdout, o.Progress = cmd.OutOrStdout(), a.stderr
			if quiet {
				o.Progress = io.Discard
			}
			if err := o.Check(); err != nil {
				return usage(err)
			}
			err := comparison.Run(cmd.Context(), o)
			if inner := (*comparison.ExitError)(nil); errors.As(err, &inner) {
				return &exit{code: inner.Code}
			}
			return err
		}),
	}
	benchRunFlags(cmd.Flags(), &o)
	config.Bool(cmd.Flags(), &quiet, "quiet", "q", "no progress on stderr")
	return cmd
}

func benchRunFlags(fs *pflag.FlagSet, o *comparison.Options) {
	s := &o.Settings
	fs.StringSliceVar(&o.Clients, "clients", nil, "`NAMES` of clients, the first being what others are compared with (default all; for quick "+
		strings.Join(comparison.QuickClients(), ",")+")")
	fs.IntVar(&s.Rounds, "rounds", s.Rounds, "how often each client has its turn, `N` times")
	fs.StringVar(&o.Out, "out", "bench-results", "`DIR` for raw data and reports")
	fs.StringVar(&o.Readme, "readme", "", "replace the figures between the marks in this `FILE`")
	fs.StringVar(&o.Program, "program", "", "`FILE` of the spate to measure (default this one)")
	fs.StringSliceVar(&s.Congestions, "congestion", s.Congestions, "TCP congestion control by `NAMES`: the first one for everything, the others for seeding and links as well; \""+
		comparison.System+"\" leaves it alone")
	fs.IntSliceVar(&s.Conns, "conns", s.Conns, "`NUMBERS` of connections to seed to; for quick 1,50,500 unless given")
	fs.IntSliceVar(&s.Seeders, "seeders", s.Seeders, "`NUMBERS` of seeders to download from")
	fs.IntSliceVar(&s.Idle, "idle", s.Idle, "`NUMBERS` of idle connections")
	fs.IntSliceVar(&s.Stalled, "stalled", s.Stalled, "`NUMBERS` of peers that do not read")
	fs.IntSliceVar(&s.Loops, "loops", s.Loops, "`NUMBERS` of event loops, each measured where there are twice as many cores")
	fs.IntSliceVar(&s.Torrents, "torrents", s.Torrents, "`NUMBERS` of torrents to load")
	config.Value(fs, &s.Bytes, "size", "SIZE", "content to seed and to download (default 1GiB)", config.ParseSize)
	config.Value(fs, &s.HashBytes, "hash-size", "SIZE", "content to check and to make torrents of (default 4GiB)", config.ParseSize)
	fs.IntVar(&o.How.Outstanding, "outstanding", o.How.Outstanding, "requests under way on each connection, `N`")
	config.Duration(fs, &o.How.Warmup, "warmup", "load before a measurement; for quick 300ms unless given")
	config.Duration(fs, &o.How.Duration, "duration", "length of a measurement that has no end of its own; for quick 1.2s unless given")
	fs.StringVar(&o.Memory, "memory", "", "`DIR` for content in memory (default /dev/shm, when there is room)")
	fs.StringVar(&o.Disk, "disk", "", "`DIR` for content on disk (default the folder for temporary files)")
	config.Bool(fs, &o.JSON, "json", "", "print each result as a JSON object on stdout, and no report")
}
