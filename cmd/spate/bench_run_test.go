package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"spate/bench/report/raw"
	"spate/bench/result"
)

func TestBenchRunUsage(t *testing.T) {
	check := func(want string, args ...string) {
		t.Helper()
		code, stdout, stderr := run(t, t.TempDir(), nil, append([]string{"bench"}, args...)...)
		if code != codeUsage || stdout != "" || stderr != "spate: "+want+"\n" {
			t.Errorf("%q: code %d, stdout %q, stderr\n%s, want\n%s", args, code, stdout, stderr, want)
		}
	}
	check("bench: what to do is missing: see spate bench --help")
	check(`bench: "xx": no such command: see spate bench --help`, "xx")
	check("run: SCENARIO is missing: see spate bench run --help", "run")
	check(`no such scenario: "sed": want quick, all, seed, get, loops, stalled, peers, torrents, check, create, mixed, link, hotset, coldmix`, "run", "sed")
	check(`--clients: no such client: "ctorrent"`, "run", "quick", "--clients", "spate,ctorrent")
	check("--rounds: 0: want 1 at least", "run", "quick", "--rounds", "0")
	check("--conns: 0: want 1 to 20000", "run", "seed", "--conns", "5,0")
	check("--outstanding: 5000: want 1 to 4096", "run", "seed", "--outstanding", "5000")
	check("--torrents: -1: want 1 to 1000000", "run", "torrents", "--torrents=-1")
	check("--size, --hash-size: want 1 byte at least", "run", "seed", "--size", "0")
}

// small is a comparison that is over within seconds.
func small(dir string) []string {
	return []string{"bench", "run", "quick", "--clients", "spate", "--size", "4MiB", "--conns", "1,3", "--rounds", "2",
		"--warmup", "50ms", "--duration", "100ms", "--memory", dir, "--disk", dir, "--out", filepath.Join(dir, "out")}
}

func TestBenchRun(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("runs processes, and needs /proc")
	}
	dir := t.TempDir()
	readme := filepath.Join(dir, "README.md")
	if err := os.WriteFile(readme, []byte("before\n<!-- bench:begin -->\nOUTDATED\n<!-- bench:end -->\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := run(t, dir, nil, append(small(dir), "--readme", readme)...)
	if code != codeDone || !strings.Contains(stdout, "| spate |") {
		t.Fatalf("code %d\n%s\n%s", code, stdout, stderr)
	}
	text, err := os.ReadFile(readme)
	if err != nil || !strings.Contains(string(text), "| spate |") || strings.Contains(string(text), "OUTDATED") {
		t.Errorf("%v, README is\n%s", err, text)
	}
	file, err := raw.Find(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	measured, err := raw.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, r := range measured.Results {
		if r.Error != "" {
			t.Errorf("%s %v: %s", r.Scenario, r.Setting, r.Error)
		}
		count[r.Scenario]++
	}
	if count[result.Ceiling] != 8 || count[result.Seed] != 4 || count[result.Get] != 2 {
		t.Errorf("%v\n%s", count, stderr)
	}
	for _, ending := range []string{".html", ".md", ".txt"} {
		if _, err := os.Stat(strings.TrimSuffix(file, ".jsonl") + ending); err != nil {
			t.Error(err)
		}
	}
	leftovers(t, dir)
}

// leftovers demands that nothing but the results is there.
func leftovers(t *testing.T, dir string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(dir, "spate-bench-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// An interruption keeps what was measured, and reports it.
func TestBenchRunInterrupted(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("runs processes, and needs /proc")
	}
	dir := t.TempDir()
	args := append(small(dir), "--rounds", "1000", "--json")
	cmd := command(t, dir, nil, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := json.NewDecoder(out)
	seen := 0
	for seen < 3 {
		var r result.Result
		if err := lines.Decode(&r); err != nil {
			t.Fatal(err)
		}
		seen++
	}
	asked := time.Now()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for ; ; seen++ {
		var r result.Result
		if lines.Decode(&r) != nil {
			break
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != codeInterrupted {
		t.Errorf("ended with %v", err)
	}
	t.Logf("it took %v to stop", time.Since(asked))
	file, err := raw.Find(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	if measured, err := raw.ReadFile(file); err != nil || len(measured.Results) != seen {
		t.Errorf("%v: %d results are kept, %d were told", err, len(measured.Results), seen)
	}
	if _, err := os.Stat(strings.TrimSuffix(file, ".jsonl") + ".html"); err != nil {
		t.Error(err)
	}
	leftovers(t, dir)
}
