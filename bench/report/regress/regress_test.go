package regress

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"spate/bench/report/raw"
	"spate/bench/report/sample"
	"spate/bench/result"
)

// pair is two runs that differ in their noise, and in what the second one lost.
func pair(seed uint64, clients int, noise, loss float64) (old, now *raw.Run) {
	o := sample.Options{Seed: 2 * seed, Rounds: 5, Clients: clients, Noise: noise, Drift: 0.03, Wander: 0.015}
	old = sample.Run(o)
	o.Seed, o.Loss = 2*seed+1, loss
	return old, sample.Run(o)
}

// TestPower holds the comparison to what the package says of it: the same
// program twice is no regression nearly always, and a fifth lost is found.
func TestPower(t *testing.T) {
	const trials = 100
	check := func(clients int, noise, loss float64, atLeast, atMost int) {
		t.Helper()
		found, judged := 0, 0
		for seed := range uint64(trials) {
			old, now := pair(seed, clients, noise, loss)
			c := Compare(old, now, Options{})
			judged = c.Judged()
			if c.Regressions() > 0 {
				found++
			}
		}
		if found < atLeast || found > atMost || judged < 35 {
			t.Errorf("%d clients, noise %v, loss %v: %d of %d are regressions (%d metrics), want %d to %d",
				clients, noise, loss, found, trials, judged, atLeast, atMost)
		}
	}
	for _, noise := range []float64{0.03, 0.05, 0.08} {
		check(5, noise, 0, 0, 2)
		check(1, noise, 0, 0, 4)
	}
	check(5, 0.03, 0.2, 99, trials)
	check(5, 0.05, 0.2, 98, trials)
	check(5, 0.08, 0.2, 88, trials)
	check(1, 0.03, 0.2, 90, trials)
	check(1, 0.05, 0.2, 88, trials)
}

// run has one metric of one client or more, in five rounds.
func run(metric string, figures map[string][]float64) *raw.Run {
	r := &raw.Run{Header: raw.Header{CPU: "c", Clients: []raw.Client{{Name: "spate"}}}}
	for _, name := range []string{"spate", "other", "third", "fourth"} {
		if figures[name] != nil && name != "spate" {
			r.Header.Clients = append(r.Header.Clients, raw.Client{Name: name, Version: "1"})
		}
		for i, v := range figures[name] {
			one := result.Result{Scenario: result.Get, Client: name, Round: i + 1}
			one.Set(metric, v)
			r.Results = append(r.Results, one)
		}
	}
	return r
}

func TestVerdict(t *testing.T) {
	same := []float64{100, 101, 99, 100, 100}
	times := func(f float64) []float64 {
		var list []float64
		for _, v := range same {
			list = append(list, v*f)
		}
		return list
	}
	check := func(metric string, factor float64, o Options, want Verdict) {
		t.Helper()
		c := Compare(run(metric, map[string][]float64{"spate": same}), run(metric, map[string][]float64{"spate": times(factor)}), o)
		if len(c.Rows) != 1 || c.Rows[0].Verdict != want || math.Abs(c.Rows[0].Ratio-factor) > 0.02 {
			t.Errorf("%s times %v: got %+v, want %s", metric, factor, c.Rows, want)
		}
	}
	check("mb_per_s", 1, Options{}, Same)
	check("mb_per_s", 0.87, Options{}, Same) // what a machine may do by itself
	check("mb_per_s", 0.8, Options{}, Regression)
	check("mb_per_s", 1.25, Options{}, Improved)
	check("took_s", 1.25, Options{}, Regression)
	check("took_s", 0.8, Options{}, Improved)
	check("took_s", 1.25, Options{MinEffect: 0.3}, Same)
	check("mb_per_s", 0.87, Options{MinEffect: 0.001}, Regression)
	// A metric without a better way has no row.
	if c := Compare(run("bytes", map[string][]float64{"spate": same}), run("bytes", map[string][]float64{"spate": same}), Options{}); len(c.Rows) != 0 {
		t.Errorf("got %+v", c.Rows)
	}
}

func TestSlack(t *testing.T) {
	check := func(metric string, old, now float64, want Verdict) {
		t.Helper()
		five := func(v float64) map[string][]float64 { return map[string][]float64{"spate": {v, v, v, v, v}} }
		c := Compare(run(metric, five(old)), run(metric, five(now)), Options{})
		if len(c.Rows) != 1 || c.Rows[0].Verdict != want {
			t.Errorf("%s from %v to %v: got %+v, want %s", metric, old, now, c.Rows, want)
		}
	}
	check("surplus", 0, 0, Same)
	check("surplus", 0, 0.5, Same)
	check("surplus", 0, 12, Regression)
	check("cpu_s", 0.01, 0.02, Same) // one tick of the clock
	check("cpu_s", 1, 1.5, Regression)
	check("rss_anon", 1000, 2000, Same)
	check("mb_per_s", 0, 0, Same)
}

func TestControls(t *testing.T) {
	flat := func(v float64) []float64 { return []float64{v, v, v, v, v} }
	old := run("mb_per_s", map[string][]float64{"spate": flat(100), "other": flat(50), "third": flat(10), "fourth": flat(10)})
	check := func(spate, other, third float64, want Verdict, controls int) {
		t.Helper()
		now := run("mb_per_s", map[string][]float64{"spate": flat(spate), "other": flat(other), "third": flat(third), "fourth": flat(third)})
		c := Compare(old, now, Options{})
		if len(c.Rows) != 4 || !c.Rows[0].Judged || c.Rows[0].Verdict != want || c.Rows[1].Judged || len(c.Controls) != controls {
			t.Errorf("%v, %v, %v: got %+v, controls %+v; want %s", spate, other, third, c.Rows, c.Controls, want)
		}
	}
	check(75, 50, 10, Regression, 1)
	check(75, 37.5, 7.5, Same, 1) // a slower machine
	check(100, 62.5, 12.5, Regression, 1)
	// A client of another version is no control, and two are too few.
	old.Header.Clients[1].Version = "0"
	check(75, 37.5, 7.5, Regression, 0)
}

func TestNotJudged(t *testing.T) {
	two := func(v float64) map[string][]float64 { return map[string][]float64{"spate": {v, v}} }
	c := Compare(run("mb_per_s", two(100)), run("mb_per_s", two(10)), Options{})
	if len(c.Rows) != 1 || c.Rows[0].Verdict != Unjudged || c.Regressions() != 0 || c.Judged() != 0 {
		t.Errorf("two rounds: %+v", c.Rows)
	}
	old, now := pair(1, 2, 0.03, 0.5)
	if c := Compare(old, now, Options{Client: "rtorrent"}); c.Regressions() != 0 || c.Judged() == 0 {
		t.Errorf("another client: %d regressions of %d", c.Regressions(), c.Judged())
	}
	if c := Compare(old, now, Options{Client: "nobody"}); c.Judged() != 0 {
		t.Errorf("nobody: %d judged", c.Judged())
	}
	if c := Compare(&raw.Run{}, &raw.Run{}, Options{}); len(c.Rows) != 0 || c.Regressions() != 0 {
		t.Errorf("nothing: %+v", c)
	}
}

func TestGone(t *testing.T) {
	old, now := pair(1, 2, 0.03, 0)
	for i := range now.Results {
		if r := &now.Results[i]; r.Scenario == result.Peers && r.Client == "spate" {
			r.Figures, r.Error = nil, "it ended"
		}
	}
	c := Compare(old, now, Options{})
	if !slices.Equal(c.Gone, []string{"Idle peers, conns=1000"}) || c.Regressions() != 1 {
		t.Errorf("gone: %q, %d regressions", c.Gone, c.Regressions())
	}
}

func TestWarnings(t *testing.T) {
	old, now := pair(1, 1, 0.03, 0)
	if c := Compare(old, now, Options{}); len(c.Warnings) != 0 {
		t.Errorf("alike: %q", c.Warnings)
	}
	now.Header.CPU, now.Header.Cores, now.Header.MemoryGiB, now.Header.Kernel, now.Header.Pinned, now.Header.Congestion = "x", 1, 2, "3", false, "bbr"
	now.Header.Options = map[string]string{"rounds": "5", "duration": "6s", "warmup": "1s", "new": "1"}
	c := Compare(old, now, Options{})
	want := []string{
		`CPU: "Some CPU" in the old run, "x" in the new one`, `cores: "4" in the old run, "1" in the new one`,
		`memory (GiB): "24" in the old run, "2" in the new one`, `kernel: "6.1.0" in the old run, "3" in the new one`,
		`congestion control: "cubic" in the old run, "bbr" in the new one`, `congestion control pinned: "true" in the old run, "false" in the new one`,
		`duration: "5s" in the old run, "6s" in the new one`, `new: "" in the old run, "1" in the new one`,
		`outstanding: "250" in the old run, "" in the new one`,
	}
	if !slices.Equal(c.Warnings, want) {
		t.Errorf("got %s", strings.Join(c.Warnings, "\n"))
	}
}

func TestPrint(t *testing.T) {
	old, now := pair(3, 3, 0.03, 0.3)
	now.Header.Kernel = "7"
	c := Compare(old, now, Options{})
	var text, object bytes.Buffer
	if err := c.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`warning: kernel: "6.1.0" in the old run, "7" in the new one`, "REGRESSION", "conns=50 warm reno", "MB per CPU-s",
		"Other clients, not judged", "rtorrent", "Taken out, since unchanged clients moved by it: seed mb_per_cpu_s", "KiB",
		"metrics judged, 9 regressions, 0 improvements of more than 5 %.",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, text.String())
		}
	}
	if err := c.JSON(&object); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Client      string
		Regressions int
		Rows        []Row
	}
	if err := json.Unmarshal(object.Bytes(), &back); err != nil || back.Regressions != 9 || len(back.Rows) != len(c.Rows) || back.Client != "spate" {
		t.Errorf("came back with %d regressions, %d rows, %v", back.Regressions, len(back.Rows), err)
	}
	if got := percent(50); got != "50-fold" {
		t.Errorf("got %q", got)
	}
}
