package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSim holds the output of a tiny swarm to the byte: it depends on the flags
// and on the engine's decisions, and on nothing else. A change of those rewrites
// it with UPDATE=1.
func TestSim(t *testing.T) {
	dir := t.TempDir()
	args := strings.Fields("bench sim --peers 10 --seed 7 --size 2MiB --piece-length 64KiB --links adsl --free-riders 20")
	check := func(golden string, more ...string) {
		t.Helper()
		code, out, errs := run(t, dir, []string{"SPATE_SEED=true"}, append(args, more...)...)
		if code != 0 || errs != "" {
			t.Fatalf("%v: %d %s", more, code, errs)
		}
		golden = filepath.Join("testdata", golden)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%v\ngot\n%s\nwant\n%s", more, out, want)
		}
	}
	check("sim.txt")
	check("sim.txt", "--jobs", "1")
	check("sim.json", "--json", "--trials", "2")
	check("sim.md", "--compare", "--variant", "product,slots-4", "--trials", "3")
}

// TestSimJSON: an object a run.
func TestSimJSON(t *testing.T) {
	code, out, errs := run(t, t.TempDir(), nil, strings.Fields("bench sim --peers 5 --size 1MiB --trials 2 --json")...)
	if code != 0 {
		t.Fatal(errs)
	}
	seeds := 0
	for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); seeds++ {
		var o struct {
			Seed    int     `json:"seed"`
			OfBound float64 `json:"of_bound"`
			Honest  struct {
				Peers int `json:"peers"`
			} `json:"honest"`
		}
		if err := dec.Decode(&o); err != nil || o.Seed != seeds+1 || o.OfBound < 1 || o.Honest.Peers != 5 {
			t.Fatalf("%v: %+v of %s", err, o, out)
		}
	}
	if seeds != 2 {
		t.Errorf("%d objects", seeds)
	}
}

func TestSimErrors(t *testing.T) {
	dir := t.TempDir()
	check := func(args, want string) {
		t.Helper()
		code, out, errs := run(t, dir, nil, strings.Fields("bench sim "+args)...)
		if code != 2 || out != "" || errs != "spate: "+want+"\n" {
			t.Errorf("%s: %d\ngot  %swant spate: %s", args, code, errs, want)
		}
	}
	check("--peers 0", `--peers: "0" is not a whole number from 1 to 100000`)
	check("--seed x", `--seed: "x" is not a whole number`)
	check("--scenario even,odd", `--scenario: "odd" is no scenario: see spate bench sim --help`)
	check("--variant best", `--variant: "best" is no variant: see spate bench sim --help`)
	check("--links isdn", `--links: "isdn" is not one of even, adsl, fibre, mixed`)
	check("--free-riders 100", `--free-riders: "100" is no share: want 0 to less than 100 percent`)
	check("--churn -1", `--churn: "-1" is no share: want 0 to less than 100 percent`)
	check("--linger never", `--linger: "never" is no time: want a time above zero such as 90s, 15m, 2h or 7d`)
	check("--piece-length 100KB", "no such swarm: pieces of 100000 bytes, want a multiple of 16384 up to 67108864")
	check("--seed-up 1", `no such swarm: line "cable": want rates of 1024 bytes/s or more`)
	check("even", "even: one argument too many: see spate bench sim --help")
}

// TestSimStops: SIGINT ends a long simulation by 130 and prints what is over. On a
// busy machine the signal may come before the program has begun, and kills it:
// then it gets more time.
func TestSimStops(t *testing.T) {
	for wait := time.Second; ; wait *= 4 {
		cmd := command(t, t.TempDir(), nil, strings.Fields("bench sim --peers 2000 --trials 100")...)
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(wait, func() { _ = cmd.Process.Signal(syscall.SIGINT) })
		_ = cmd.Wait()
		if cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() && wait < patience/4 {
			continue
		}
		if code := cmd.ProcessState.ExitCode(); code != 130 || errs.String() != "" {
			t.Errorf("exit code %d, %s", code, &errs)
		}
		return
	}
}
