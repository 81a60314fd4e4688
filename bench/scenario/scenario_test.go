package scenario

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
)

func lab(t *testing.T) *Lab {
	t.Helper()
	l, err := NewLab(t.Context(), t.TempDir(), 8<<20+5)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// left is what runs have left behind.
func left(t *testing.T, l *Lab) {
	t.Helper()
	if runs, err := filepath.Glob(filepath.Join(l.dir, "run-*")); err != nil || len(runs) != 0 {
		t.Errorf("left over: %v, %v", runs, err)
	}
}

func TestSeedAndGet(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds and runs spate, and needs /proc")
	}
	program := filepath.Join(t.TempDir(), "spate")
	if out, err := exec.Command("go", "build", "-o", program, "spate/cmd/spate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l, client := lab(t), clients.Spate(program)
	o := Options{Outstanding: 50, Warmup: 10 * time.Millisecond, Duration: 300 * time.Millisecond}
	var results []Result
	l.Seed(t.Context(), client, 7, []int{1, 9}, o, func(r Result) { results = append(results, r) })
	results = append(results, l.Get(t.Context(), client, 7, 3))
	check := func(i int, scenario string, conns int) {
		t.Helper()
		r := results[i]
		if r.Error != "" {
			t.Fatal(r.Error)
		}
		if r.Scenario != scenario || r.Client != "spate" || r.Round != 7 || r.Conns != conns || r.Time.IsZero() {
			t.Errorf("%+v", r)
		}
		if r.Bytes <= 0 || r.Seconds <= 0 || r.MBPerS <= 0 || r.RSSAnon <= 0 || r.Threads <= 0 || r.GeneratorLoops != min(conns, maxLoops) {
			t.Errorf("%+v", r)
		}
	}
	check(0, NameSeed, 1)
	check(1, NameSeed, 9)
	check(2, NameGet, 3)
	if results[1].Unchoked != 9 || results[2].Bytes != 8<<20+5 {
		t.Errorf("got %+v", results)
	}
	left(t, l)
}

// Clients that cannot be started, or end, give results that say so.
func TestFailures(t *testing.T) {
	l := lab(t)
	check := func(c clients.Client, want string) {
		t.Helper()
		var results []Result
		l.Seed(t.Context(), c, 1, []int{1, 50}, Options{}, func(r Result) { results = append(results, r) })
		results = append(results, l.Get(t.Context(), c, 1, 1))
		if len(results) != 3 {
			t.Errorf("%d results", len(results))
		}
		for _, r := range results {
			if !strings.Contains(r.Error, want) || strings.Contains(r.Error, "\n") {
				t.Errorf("got %q, want %q", r.Error, want)
			}
		}
		left(t, l)
	}
	check(clients.Spate("/nonexistent/spate"), "no such file")
	check(clients.Spate("false"), "it ended: false: exit status 1")
}

func TestInterrupted(t *testing.T) {
	l := lab(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if r := l.Get(ctx, clients.Spate("false"), 1, 1); r.Error == "" {
		t.Errorf("got %+v", r)
	}
	left(t, l)
}

func TestVerify(t *testing.T) {
	l := lab(t)
	want, err := os.ReadFile(l.file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, filepath.Base(l.file))
	check := func(data []byte, fails bool) {
		t.Helper()
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := l.verify(dir); (err != nil) != fails {
			t.Errorf("%d bytes: %v", len(data), err)
		}
	}
	check(want, false)
	check(want[:len(want)-1], true)
	check(append(want, 0), true)
	want[len(want)-1] ^= 1
	check(want, true)
	want[len(want)-1] ^= 1
	want[0] ^= 1
	check(want, true)
	check(nil, true)
	if err := os.Remove(name); err != nil || l.verify(dir) == nil {
		t.Error("a file that is not there is verified", err)
	}
}

func TestGeneratorLimited(t *testing.T) {
	check := func(cpu, seconds float64, loops int, want bool) {
		t.Helper()
		r := Result{GeneratorCPUS: cpu, Seconds: seconds, GeneratorLoops: loops}
		if r.GeneratorLimited() != want {
			t.Errorf("%+v: want %v", r, want)
		}
	}
	check(3.9, 4, 1, true)
	check(3.9, 4, 2, false)
	check(7.5, 4, 2, true)
	check(0, 4, 2, false)
}
