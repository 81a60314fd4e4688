package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"spate/bench/scenario"
)

func TestSplice(t *testing.T) {
	check := func(document, want string, fails error) {
		t.Helper()
		got, err := Splice(document, "\nnew\n\n")
		if got != want || !errors.Is(err, fails) {
			t.Errorf("%q: got %q, %v; want %q, %v", document, got, err, want, fails)
		}
	}
	check("a\n"+BeginMark+"\nold\n"+EndMark+"\nb", "a\n"+BeginMark+"\nnew\n"+EndMark+"\nb", nil)
	check(BeginMark+EndMark, BeginMark+"\nnew\n"+EndMark, nil)
	check("", "", ErrMarks)
	check(BeginMark, "", ErrMarks)
	check(EndMark+BeginMark, "", ErrMarks)
	check(EndMark+BeginMark+EndMark, "", ErrMarks)
	check(BeginMark+EndMark+BeginMark+EndMark, "", ErrMarks)
}

func TestDescribe(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	var m Machine
	m.Describe(fstest.MapFS{
		"cpuinfo":                             file("processor\t: 0\nmodel name\t: Some CPU: fast\nmodel name\t: other\n"),
		"meminfo":                             file("MemTotal:       24571988 kB\nMemFree: 1 kB\n"),
		"loadavg":                             file("1.25 1.00 0.50 1/200 777\n"),
		"sys/kernel/osrelease":                file("6.1.0-44-amd64\n"),
		"sys/net/ipv4/tcp_congestion_control": file("reno\n"),
	})
	if m.CPU != "Some CPU: fast" || m.MemoryGiB != 23 || m.Load != 1.25 || m.Kernel != "6.1.0-44-amd64" || m.Congestion != "reno" || m.Cores < 1 {
		t.Errorf("got %+v", m)
	}
	m = Machine{}
	m.Describe(fstest.MapFS{})
	if m.CPU != unknown || m.Kernel != unknown || m.Congestion != unknown || m.MemoryGiB != 0 || m.Load != 0 {
		t.Errorf("a system that tells nothing: %+v", m)
	}
}

// sample is two rounds of two clients, one absent, and a failure.
func sample() *Report {
	seed := func(client string, round, conns int, rate, perCPU, generator float64) scenario.Result {
		return scenario.Result{
			Scenario: scenario.NameSeed, Client: client, Round: round, Conns: conns, Unchoked: conns,
			Bytes: int64(rate * 1e6), Seconds: 1, MBPerS: rate, MBPerCPUS: perCPU, RSSAnon: 3 << 20,
			GeneratorCPUS: generator, GeneratorLoops: 1,
		}
	}
	r := &Report{
		Machine: Machine{
			Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), CPU: "Some CPU", Cores: 4, MemoryGiB: 23, Kernel: "6.1",
			Load: 0.25, Commit: "abc1234", Congestion: "reno", Pinned: true, Tmpfs: true, Command: "make it",
			Clients: []Client{{Name: "one", Version: "1.0"}, {Name: "two", Version: "2.0"}, {Name: "three", Missing: "three is not installed"}},
		},
		Config: Config{ContentBytes: 1 << 30, Rounds: 2, Outstanding: 250, WarmupS: 1, DurationS: 3},
		Results: []scenario.Result{
			seed("one", 1, 50, 1000, 500, 0.5), seed("one", 1, 1, 4000, 2000, 0.95),
			seed("two", 1, 50, 100, 50, 0.5), seed("two", 1, 1, 1000, 1000, 0.5),
			seed("one", 2, 50, 3000, 1500, 0.5), seed("two", 2, 50, 330, 150, 0.5),
			{Scenario: scenario.NameGet, Client: "two", Round: 1, Conns: 1, Seconds: 2, UserS: 1, SystemS: 0.5, MBPerS: 512, MBPerCPUS: 700},
			{Scenario: scenario.NameGet, Client: "one", Round: 1, Conns: 1, Error: "it ended"},
		},
	}
	r.Results[5].Unchoked = 4
	return r
}

func TestMarkdown(t *testing.T) {
	got := sample().Markdown()
	for _, want := range []string{
		"`make it` at abc1234, 2026-01-02: Some CPU, 4 cores, 23 GiB, Linux 6.1 (load 0.2 before); loopback, TCP congestion control reno (pinned for all sides in a network namespace). 1024 MiB of content on tmpfs; 2 rounds",
		"Clients: one 1.0, two 2.0.\n",
		"(250 requests outstanding on each, 3.00 s after 1.00 s of warm-up)",
		"| 1 | one | ≥ 4000 | 1.00 | 2000 | 1.00 | 3.00 |\n" +
			"| 1 | two | 1000 | 0.25 | 1000 | 0.50 | 3.00 |\n" +
			"| 50 | one | 2000 (1000–3000) | 1.00 | 1000 (500–1500) | 1.00 | 3.00 |\n" +
			"| 50 | two | 215 (100–330) | 0.11 | 100 (50.0–150) | 0.10 | 3.00 |\n",
		"| 1 | two | 2.00 | 1.50 | 512 | - | 700 | - | 0.00 |\n",
		"- ≥: the generator was as busy as it can be",
		"- two served 4 of 50 connections (round 2).\n",
		"- Absent: three (three is not installed).\n",
		"- Failed: one, get, N = 1, round 1: it ended.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	r := sample()
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 1+len(r.Results) {
		t.Fatalf("%d lines", len(lines))
	}
	var head struct {
		Machine Machine
		Config  Config
	}
	if err := json.Unmarshal([]byte(lines[0]), &head); err != nil || head.Machine.Commit != "abc1234" || head.Config != r.Config {
		t.Errorf("first line %s (%v)", lines[0], err)
	}
	for i, line := range lines[1:] {
		var got scenario.Result
		if err := json.Unmarshal([]byte(line), &got); err != nil || got != r.Results[i] {
			t.Errorf("line %d: %s (%v)", i+2, line, err)
		}
	}
}

func TestNumber(t *testing.T) {
	check := func(v float64, want string) {
		t.Helper()
		if got := number(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
	check(0, "0.00")
	check(0.0043, "0.0043")
	check(0.5, "0.50")
	check(12.34, "12.3")
	check(1234.5, "1234")
}
