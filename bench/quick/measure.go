package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/report"
	"spate/bench/scenario"
)

// memoryFolder is a file system in memory on Linux.
const memoryFolder = "/dev/shm"

// tmpfsMagic is statfs's type of a file system in memory.
const tmpfsMagic = 0x01021994

// measure runs all clients in turn, as often as asked, and adds the results to
// the report as they come.
func measure(ctx context.Context, o options, r *report.Report) error {
	program, err := filepath.Abs(o.spate)
	if err != nil {
		return err
	}
	chosen, err := clients.Choose(clients.All(program), o.clients)
	if err != nil {
		return err
	}
	chosen = present(chosen, r)
	dir, err := os.MkdirTemp(folder(o), "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r.Machine.Tmpfs = isTmpfs(dir)
	say("making %d MiB of content in %s", o.size>>20, dir)
	lab, err := scenario.NewLab(ctx, dir, o.size)
	if err != nil {
		return err
	}
	how := scenario.Options{Outstanding: o.outstanding, Warmup: o.warmup, Duration: o.duration}
	add := func(result scenario.Result) {
		if result.Error != "" && ctx.Err() != nil {
			return // it did not fail, it was stopped
		}
		r.Results = append(r.Results, result)
		sayResult(result)
	}
	begin := time.Now()
	for round := 1; round <= o.rounds; round++ {
		for _, c := range chosen {
			say("round %d of %d, %s", round, o.rounds, c.Name())
			lab.Seed(ctx, c, round, worthwhile(c, o.conns), how, add)
			if ctx.Err() == nil && !c.Traits().Slow {
				add(lab.Get(ctx, c, round, 1))
			}
			if ctx.Err() != nil {
				return fmt.Errorf("stopped: %w", context.Cause(ctx))
			}
		}
		took := time.Since(begin)
		left := took / time.Duration(round) * time.Duration(o.rounds-round)
		say("round %d took until %v; about %v to go", round, took.Round(time.Second), left.Round(time.Second))
	}
	return nil
}

// present notes all clients in the report, and returns those that are there.
func present(chosen []clients.Client, r *report.Report) (there []clients.Client) {
	for _, c := range chosen {
		about := report.Client{Name: c.Name()}
		err := c.Available()
		if err == nil {
			about.Version, err = c.Version()
		}
		if err != nil {
			about.Missing = err.Error()
			say("%s is absent: %v", c.Name(), err)
		} else {
			there = append(there, c)
		}
		r.Machine.Clients = append(r.Machine.Clients, about)
	}
	return there
}

// slowConns is the most connections that a slow client is measured with: it
// takes half a minute to settle with hundreds.
const slowConns = 50

// worthwhile is those numbers of connections that a client serves at all, or
// within a quick measurement's time.
func worthwhile(c clients.Client, conns []int) []int {
	most := load.MaxConns
	if c.Traits().Slow {
		most = slowConns
	}
	if c.Traits().FewUploads {
		most = 1
	}
	return slices.DeleteFunc(slices.Clone(conns), func(n int) bool { return n > most })
}

// folder is where content goes: memory, when it has room for the content, a
// copy of it and half as much for the clients' own.
func folder(o options) string {
	var fs syscall.Statfs_t
	if o.dir == "" && syscall.Statfs(memoryFolder, &fs) == nil && fs.Bavail > uint64(o.size*5/2)/uint64(fs.Bsize) {
		return memoryFolder
	}
	return o.dir // empty is the system's folder for temporary files
}

func isTmpfs(dir string) bool {
	var fs syscall.Statfs_t
	return syscall.Statfs(dir, &fs) == nil && fs.Type == tmpfsMagic
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "quick: "+format+"\n", args...)
}

func sayResult(r scenario.Result) {
	if r.Error != "" {
		say("  %-4s %3d: failed: %s", r.Scenario, r.Conns, r.Error)
		return
	}
	limited := ""
	if r.GeneratorLimited() {
		limited = ", generator at its limit"
	}
	say("  %-4s %3d: %6.0f MB/s, %6.0f MB per CPU-s, %.2f s, %.0f MiB%s",
		r.Scenario, r.Conns, r.MBPerS, r.MBPerCPUS, r.Seconds, float64(r.RSSAnon)/(1<<20), limited)
}
