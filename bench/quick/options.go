package main

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"spate/bench/load"
)

// options is what the command line says.
type options struct {
	spate            string
	clients          []string
	conns            []int
	rounds           int
	size             int64 // bytes
	outstanding      int
	warmup, duration time.Duration
	congestion       string
	dir, readme, out string
}

// parse reads the command line; errs takes its complaints and help.
func parse(args []string, errs io.Writer) (options, error) {
	var o options
	var names, conns string
	var mib int64
	fs := flag.NewFlagSet("quick", flag.ContinueOnError)
	fs.SetOutput(errs)
	fs.StringVar(&o.spate, "spate", "bin/spate", "the built `program`")
	fs.StringVar(&names, "clients", "spate,rtorrent,libtorrent,transmission,aria2", "`names` of the clients, the first being what others are compared with")
	fs.StringVar(&conns, "conns", "1,50,500", "`numbers` of connections to seed to")
	fs.IntVar(&o.rounds, "rounds", 3, "how often each client has its turn")
	fs.Int64Var(&mib, "size", 1024, "`MiB` of content")
	fs.IntVar(&o.outstanding, "outstanding", load.DefaultOutstanding, "requests under way on each connection")
	fs.DurationVar(&o.warmup, "warmup", time.Second, "load before each measurement of seeding")
	fs.DurationVar(&o.duration, "duration", 3*time.Second, "length of each measurement of seeding")
	fs.StringVar(&o.congestion, "congestion", "reno", "TCP congestion control of all sides, when run by root; empty is the system's, with no namespace")
	fs.StringVar(&o.dir, "dir", "", "`folder` for content, with room for twice as much; by default memory, when there is enough")
	fs.StringVar(&o.readme, "readme", "", "replace the figures in this `file`")
	fs.StringVar(&o.out, "out", "", "keep the raw data in this `folder`")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("%s: no argument is wanted", fs.Arg(0))
	}
	o.clients, o.size = strings.Split(names, ","), mib<<20
	for _, text := range strings.Split(conns, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > load.MaxConns {
			return o, fmt.Errorf("-conns: %q: want numbers from 1 to %d", text, load.MaxConns)
		}
		o.conns = append(o.conns, n)
	}
	if o.rounds < 1 || mib < 1 || o.duration <= 0 || o.warmup < 0 || o.outstanding < 1 || o.outstanding > load.MaxOutstanding {
		return o, fmt.Errorf("-rounds, -size, -duration and -outstanding want at least 1, -outstanding at most %d", load.MaxOutstanding)
	}
	return o, nil
}
