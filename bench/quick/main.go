package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"spate/bench/report"
)

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quick:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, inside := isolate(ctx, o)
	if inside {
		code = 0
		if err := run(ctx, o); err != nil {
			fmt.Fprintln(os.Stderr, "quick:", err)
			code = 1
		}
	}
	stop()
	os.Exit(code)
}

// run measures, and reports also on what was measured before an interruption.
func run(ctx context.Context, o options) error {
	r := &report.Report{Config: report.Config{
		ContentBytes: o.size, Rounds: o.rounds, Outstanding: o.outstanding,
		WarmupS: o.warmup.Seconds(), DurationS: o.duration.Seconds(),
	}}
	m := &r.Machine
	m.Time, m.Commit, m.Command = time.Now().UTC(), commit(), command(os.Args[1:])
	m.Describe(os.DirFS("/proc"))
	m.Pinned = pinned()
	stopped := measure(ctx, o, r)
	if len(r.Results) == 0 {
		return stopped
	}
	markdown := r.Markdown()
	fmt.Print(markdown)
	return errors.Join(stopped, keep(o, r), splice(o.readme, markdown))
}

// keep writes the raw data, named by the time and the commit.
func keep(o options, r *report.Report) error {
	if o.out == "" {
		return nil
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	name := fmt.Sprintf("quick-%s-%s.jsonl", r.Machine.Time.Format("20060102-150405"), r.Machine.Commit)
	f, err := os.Create(filepath.Join(o.out, name))
	if err != nil {
		return err
	}
	return errors.Join(r.WriteJSON(f), f.Close())
}

// splice puts the report into a document.
func splice(name, markdown string) error {
	if name == "" {
		return nil
	}
	document, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text, err := report.Splice(string(document), markdown)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

// commit names the checkout that this runs in.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--exclude=*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// command is the command line that repeats a run.
func command(args []string) string {
	return strings.TrimSpace("go run ./bench/quick " + strings.Join(args, " "))
}
