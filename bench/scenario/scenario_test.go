package scenario

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/result"
)

const testBytes = 8<<20 + 5

func newEnv(t *testing.T, o Options) *Env {
	t.Helper()
	e, err := NewEnv(t.TempDir(), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, dir := range e.dirs {
			runs, err := filepath.Glob(filepath.Join(dir, "*"))
			for _, run := range runs {
				if !strings.HasPrefix(filepath.Base(run), "content-") {
					t.Errorf("left over: %s", run)
				}
			}
			if err != nil {
				t.Error(err)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// program builds spate once for a test.
func program(t *testing.T) string {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds and runs spate, and needs /proc")
	}
	name := filepath.Join(t.TempDir(), "spate")
	if out, err := exec.Command("go", "build", "-o", name, "spate/cmd/spate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}

// measure runs one round of a scenario.
func measure(t *testing.T, e *Env, s Scenario, c clients.Client) []result.Result {
	t.Helper()
	if err := s.Prepare(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	var all []result.Result
	s.Measure(t.Context(), e, c, 7, func(r result.Result) { all = append(all, r) })
	for _, r := range all {
		if r.Scenario != s.Name() || r.Client != c.Name() || r.Round != 7 || r.Time.IsZero() {
			t.Errorf("%+v", r)
		}
		for name := range r.Figures {
			if _, ok := result.MetricByName(name); !ok {
				t.Errorf("%s: no metric %q", s.Name(), name)
			}
		}
	}
	return all
}

// positive demands that figures are there.
func positive(t *testing.T, r result.Result, names ...string) {
	t.Helper()
	if r.Error != "" {
		t.Fatalf("%v: %s", r.Setting, r.Error)
	}
	for _, name := range names {
		if r.Figures[name] <= 0 {
			t.Errorf("%v: %s is %v", r.Setting, name, r.Figures[name])
		}
	}
}

func TestSeed(t *testing.T) {
	e := newEnv(t, Options{Outstanding: 50, Warmup: 10 * time.Millisecond, Duration: 300 * time.Millisecond})
	all := measure(t, e, &Seed{Conns: []int{1, 9}, Bytes: testBytes}, clients.Spate(program(t)))
	if len(all) != 2 || all[0].Setting.Conns != 1 || all[1].Setting.Conns != 9 {
		t.Fatalf("%+v", all)
	}
	for _, r := range all {
		positive(t, r, "mb_per_s", "seconds", "rss_anon", "threads", "settle_s", "generator_loops")
		if r.Figures["unchoked"] != float64(r.Setting.Conns) {
			t.Errorf("%+v", r)
		}
	}
}

// A web server is asked for the same blocks, and measured by the same figures.
func TestSeedWeb(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("runs processes, and needs /proc")
	}
	chosen, err := clients.Choose(clients.All("spate"), []string{"nginx"})
	if err != nil {
		t.Fatal(err)
	}
	if err := chosen[0].Available(); err != nil {
		t.Skip(err)
	}
	e := newEnv(t, Options{Outstanding: 50, Warmup: 10 * time.Millisecond, Duration: 300 * time.Millisecond})
	for _, r := range measure(t, e, &Seed{Conns: []int{1, 9}, Bytes: testBytes}, chosen[0]) {
		positive(t, r, "mb_per_s", "rss_anon", "first_byte_ms_p50")
		if r.Figures["unchoked"] != float64(r.Setting.Conns) || r.Figures["disconnects"] != 0 {
			t.Errorf("%+v", r)
		}
	}
}

// A client that too many connections are too much for says so, and is measured
// with fewer.
func TestSeedIsNotTried(t *testing.T) {
	e := newEnv(t, Options{})
	all := measure(t, e, &Seed{Conns: []int{2, 3}, Bytes: testBytes}, limited{clients.Spate("false")})
	if len(all) != 2 || strings.Contains(all[0].Error, "not tried") || !strings.Contains(all[1].Error, "not tried: it bears 2 conn") {
		t.Errorf("%+v", all)
	}
}

// limited bears two connections.
type limited struct{ clients.Client }

func (limited) Traits() clients.Traits { return clients.Traits{MaxConns: 2} }

func TestGet(t *testing.T) {
	e := newEnv(t, Options{})
	all := measure(t, e, &Get{Conns: []int{1, 3}, Places: []string{Tmpfs, Disk}, Bytes: testBytes}, clients.Spate(program(t)))
	if len(all) != 4 {
		t.Fatalf("%+v", all)
	}
	for _, r := range all {
		positive(t, r, "took_s", "mb_per_s", "rss_anon")
		if r.Figures["bytes"] != testBytes {
			t.Errorf("%+v", r)
		}
	}
}

// A client that hangs up on all of many seeders when it is complete is not
// complete only when one of them has dialed again.
func TestGetEndsWithTheDownload(t *testing.T) {
	client := clients.Spate(program(t))
	const tries = 5 // for a machine that does other things as well
	for range tries {
		all := measure(t, newEnv(t, Options{}), &Get{Conns: []int{3}, Places: []string{Tmpfs}, Bytes: 1 << 20}, client)
		positive(t, all[0], "took_s")
		if all[0].Figures["took_s"] < load.RedialAfter.Seconds() {
			return
		}
	}
	t.Errorf("none of %d downloads took less than %v", tries, load.RedialAfter)
}

// Clients that cannot be started, or end, give results that say so.
func TestFailures(t *testing.T) {
	e := newEnv(t, Options{})
	check := func(s Scenario, c clients.Client, want string, n int) {
		t.Helper()
		all := measure(t, e, s, c)
		if len(all) != n {
			t.Errorf("%s: %d results, want %d", s.Name(), len(all), n)
		}
		for _, r := range all {
			if !strings.Contains(r.Error, want) || strings.Contains(r.Error, "\n") {
				t.Errorf("%s: got %q, want %q", s.Name(), r.Error, want)
			}
		}
	}
	absent, failing := clients.Spate("/nonexistent/spate"), clients.Spate("false")
	seed := &Seed{Conns: []int{1, 50}, Bytes: testBytes}
	get := &Get{Conns: []int{1}, Places: []string{Tmpfs}, Bytes: testBytes}
	check(seed, absent, "no such file", 2)
	check(seed, failing, "it ended: false: exit status 1", 2)
	check(get, absent, "no such file", 1)
	check(get, failing, "it ended: false: exit status 1", 1)
	for _, crowd := range []Scenario{&Peers{Conns: []int{1, 2}}, &Stalled{Conns: []int{1, 2}}} {
		check(crowd, absent, "no such file", 2)
		check(crowd, failing, "it ended: false: exit status 1", 2)
	}
}

func TestInterruptedMeasurementsAreNoResults(t *testing.T) {
	e := newEnv(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, s := range []Scenario{
		&Seed{Conns: []int{1}, Bytes: testBytes},
		&Get{Conns: []int{1}, Places: []string{Tmpfs}, Bytes: testBytes},
		&Peers{Conns: []int{1}},
		&Stalled{Conns: []int{1}},
	} {
		if err := s.Prepare(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		s.Measure(ctx, e, clients.Spate("false"), 1, func(r result.Result) { t.Errorf("got %+v", r) })
	}
}
