package table

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spate/bench/report/raw"
	"spate/bench/report/sample"
	"spate/bench/result"
	"spate/bench/stats"
)

func TestSections(t *testing.T) {
	run := sample.Run(sample.Options{Seed: 1, Rounds: 3, Clients: 7, Noise: 0.02})
	unknown := result.Result{Scenario: "juggling", Client: "stranger", Round: 1}
	unknown.Set("mb_per_s", 5)
	run.Results = slices.Insert(run.Results, 0, unknown) // first measured, last shown
	sections := Sections(run)
	var names []string
	for _, s := range sections {
		names = append(names, s.Scenario.Name)
	}
	if want := []string{"seed", "get", "peers", "torrents", "check", "juggling"}; !slices.Equal(names, want) {
		t.Fatalf("sections are %v, want %v", names, want)
	}
	seed := sections[0]
	if seed.Common != "warm content, reno" || len(seed.Works) != 3 || seed.Works[1].Label != "50 connections" {
		t.Errorf("seeding has %d works, common %q, the second %q", len(seed.Works), seed.Common, seed.Works[1].Label)
	}
	if got := seed.Clients(); !slices.Equal(got, sample.Names()) {
		t.Errorf("clients are %v", got)
	}
	if s := seed.Works[1].Of("spate"); s.Rounds != 3 || !s.Limited || len(s.Values("mb_per_s")) != 3 {
		t.Errorf("spate at 50 connections: %+v", s)
	}
	if seed.Works[1].Of("nobody") != nil {
		t.Error("nobody is there")
	}
	if check := sections[4]; len(check.Failures) != 1 || check.Works[0].Of("anacrolix").Rounds != 2 {
		t.Errorf("checking has failures %v", check.Failures)
	}
	if last := sections[5]; !slices.Equal(last.Scenario.Headline, []string{"mb_per_s"}) || last.Works[0].Label != "" {
		t.Errorf("an unknown scenario: %+v", last.Scenario)
	}
}

func TestCell(t *testing.T) {
	run := sample.Run(sample.Options{Seed: 1, Rounds: 5, Clients: 2, Noise: 0.02})
	work := Sections(run)[0].Works[1]
	perCPU, _ := result.MetricByName("mb_per_cpu_s")
	rss, _ := result.MetricByName("rss_anon")
	created, _ := result.MetricByName("copies")
	one, two := work.Of("spate").Cell(perCPU), work.Of("rtorrent").Cell(perCPU)
	if !one.Base || one.Ratio.N != 0 || one.Times() != "1" || !one.AtLeast {
		t.Errorf("the first client: %+v", one)
	}
	if two.Base || two.Ratio.N != 5 || two.Ratio.Mid > 0.8 || !two.Ratio.Differs() || two.AtLeast {
		t.Errorf("the second client: %+v", two)
	}
	if again := work.Of("rtorrent").Cell(perCPU); again != two {
		t.Errorf("asked again: %+v", again)
	}
	if c := work.Of("spate").Cell(rss); c.AtLeast {
		t.Error("memory is at least")
	}
	if c := work.Of("spate").Cell(created); c.Value.N != 0 || c.Median(Scale{"", 1}) != None || c.Times() != None {
		t.Errorf("a figure that is not there: %+v", c)
	}
	if c := work.Of("nobody").Cell(rss); c.Value.N != 0 {
		t.Errorf("a client that is not there: %+v", c)
	}
}

func TestBest(t *testing.T) {
	run := &raw.Run{Header: raw.Header{Clients: []raw.Client{{Name: "a"}, {Name: "b"}, {Name: "c"}}}}
	for round := 1; round <= 5; round++ {
		for i, name := range []string{"a", "b", "c"} {
			r := result.Result{Scenario: result.Get, Client: name, Round: round}
			r.Set("took_s", []float64{10, 10.1, 20}[i]+0.2*float64(round))
			r.Set("mb_per_s", float64(100*(i+1)+round))
			if name == "c" {
				r.Set("cpu_s", 1)
			}
			run.Results = append(run.Results, r)
		}
	}
	work := Sections(run)[0].Works[0]
	check := func(metric, want string) {
		t.Helper()
		m, _ := result.MetricByName(metric)
		if got := strings.Join(work.Best(m), " "); got != want {
			t.Errorf("best in %s: got %q, want %q", metric, got, want)
		}
	}
	check("took_s", "a b")
	check("mb_per_s", "c")
	check("cpu_s", "") // alone
	check("bytes", "")
}

func TestNumber(t *testing.T) {
	check := func(v float64, want string) {
		t.Helper()
		if got := Number(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
	check(0, "0")
	check(0.0043, "0.0043")
	check(0.5, "0.50")
	check(9.996, "10.0")
	check(12.34, "12.3")
	check(99.96, "100")
	check(999.4, "999")
	check(999.6, "1,000")
	check(1234567, "1,234,567")
	check(-1234, "-1,234")
	check(-0.5, "-0.50")
}

func TestTexts(t *testing.T) {
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	mib := Scale{"MiB", 1 << 20}
	some := stats.Estimate{Mid: 3 << 20, Low: 2 << 20, High: 4 << 20, N: 5}
	check("median", Cell{Value: some}.Median(mib), "3.00")
	check("at least", Cell{Value: some, AtLeast: true}.Median(mib), "≥ 3.00")
	check("interval", Cell{Value: some}.Interval(mib), "2.00–4.00")
	check("no interval", Cell{Value: stats.Of([]float64{3})}.Interval(mib), "")
	check("a point", Cell{Value: stats.Estimate{Mid: 1 << 20, Low: 1 << 20, High: 1 << 20, N: 3}}.Interval(mib), "1.00")
	check("no difference", Cell{Ratio: stats.Estimate{Mid: 1.1, Low: 0.9, High: 1.2, N: 5}}.Times(), "≈ 1")
	check("difference", Cell{Ratio: stats.Estimate{Mid: 1.1, Low: 1.01, High: 1.2, N: 5}}.Times(), "1.10")
	check("one round", Cell{Ratio: stats.Estimate{Mid: 1.1, Low: 0, High: math.Inf(1), N: 1}}.Times(), "1.10")

	m := func(name string) result.Metric { m, _ := result.MetricByName(name); return m }
	check("heading", Heading(m("rss_anon"), mib), "RssAnon, MiB")
	check("heading", Heading(m("mb_per_cpu_s"), Scale{"MB/s", 1}), "MB per CPU-s")
	check("heading", Heading(m("took_s"), Scale{"s", 1}), "time, s")
	check("heading", Heading(m("accept_per_s"), Scale{"1/s", 1}), "accepts/s")
	check("heading", Heading(m("fairness"), Scale{"", 1}), "fairness (Jain)")

	words := func(s result.Setting) string { return strings.Join(settingWords(s), ", ") }
	check("setting", words(result.Setting{Conns: 1, Content: "cold", Congestion: "bbr"}), "1 connection, cold content, bbr")
	check("setting", words(result.Setting{Torrents: 10000, Peers: 2, Bytes: 3 << 20, Place: "disk", Link: "20ms"}),
		"10,000 torrents, 2 peers, 3 MiB, on disk, link 20ms")
	check("setting", words(result.Setting{Bytes: 1 << 30}), "1 GiB")
	check("setting", words(result.Setting{Bytes: 1000}), "1,000 bytes")
}

func TestScale(t *testing.T) {
	check := func(want string, values ...float64) {
		t.Helper()
		run := &raw.Run{}
		for i, v := range values {
			r := result.Result{Scenario: result.Seed, Client: string(rune('a' + i)), Round: 1}
			r.Set("rss_anon", v)
			run.Results = append(run.Results, r)
		}
		m, _ := result.MetricByName("rss_anon")
		if got := Sections(run)[0].ScaleOf(m); got.Unit != want {
			t.Errorf("%v: got %+v, want %s", values, got, want)
		}
	}
	check("KiB", 0)
	check("KiB", 900, 500_000)
	check("MiB", 3<<20, 300<<20)
	check("GiB", 5<<30, 20<<30)
}
