package scenario

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/netlab"
	"spate/bench/result"
)

func TestMixedBound(t *testing.T) {
	check := func(m Mixed, leechers int, want time.Duration) {
		t.Helper()
		if got := m.Bound(leechers); got.Round(time.Millisecond) != want {
			t.Errorf("%+v with %d: %v, want %v", m, leechers, got, want)
		}
	}
	const mb = 1_000_000 // bytes
	// The seed must send all once.
	check(Mixed{Bytes: 10 * mb, SeedUp: 8e6, Up: 80e6, Down: 800e6}, 3, 10*time.Second)
	// A leecher must receive all.
	check(Mixed{Bytes: 10 * mb, SeedUp: 800e6, Up: 800e6, Down: 8e6}, 3, 10*time.Second)
	// Three copies by 8 + 3 x 8 Mbit/s.
	check(Mixed{Bytes: 10 * mb, SeedUp: 8e6, Up: 8e6, Down: 80e6}, 3, 10*time.Second)
	check(Mixed{Bytes: 10 * mb, SeedUp: 80e6, Up: 8e6, Down: 800e6}, 10, 5*time.Second)
	check(*DefaultMixed(), 6, 5033*time.Millisecond)
}

// needsLab skips a test where there can be no lab.
func needsLab(t *testing.T, lines ...netlab.Line) {
	t.Helper()
	if err := netlab.Available(lines...); err != nil {
		t.Skip(err)
	}
}

// quickMixed has a bound of 0.4 s with two leechers, which is less than a busy
// machine may take to start them.
func quickMixed() *Mixed {
	return &Mixed{Peers: 2, Bytes: testBytes, SeedUp: 160e6, Up: 80e6, Down: 320e6, Patience: time.Minute}
}

func TestMixed(t *testing.T) {
	needsLab(t)
	e := newEnv(t, Options{})
	e.Program, e.Congestion = program(t), "reno"
	m := quickMixed()
	if why := m.Skip(clients.Spate("spate")); why != "" {
		t.Errorf("skipped: %s", why)
	}
	all := measure(t, e, m, clients.Spate(e.Program))
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	r := all[0]
	positive(t, r, "took_s", "cpu_s", "mb_per_s", "of_bound", "copies")
	want := result.Setting{Peers: 3, Bytes: testBytes, Place: Tmpfs, Link: "seed 160Mbit/320Mbit, others 80Mbit/320Mbit", Congestion: "reno"}
	if r.Setting != want {
		t.Errorf("setting is %+v", r.Setting)
	}
	// More than two copies are those lost to overflowing queues.
	if r.Figures["of_bound"] < 1 || r.Figures["copies"] < 0.99 || r.Figures["copies"] > 2.5 || r.Figures["surplus"] > 50 {
		t.Errorf("%+v", r)
	}
	if len(r.Notes) != 1 || strings.Count(r.Notes[0], " s") != 2 {
		t.Errorf("notes are %q", r.Notes)
	}
}

// deaf is a client that does nothing.
type deaf struct{ clients.Client }

func (deaf) Start(t clients.Task) (*clients.Process, error) { return clients.Launch(t, "sleep", "100") }

func TestMixedFailures(t *testing.T) {
	needsLab(t)
	e := newEnv(t, Options{})
	e.Program = program(t)
	good, failing := clients.Spate(e.Program), clients.Spate("false")
	check := func(c clients.Client, want string) {
		t.Helper()
		m := quickMixed()
		m.Bytes = 1 << 20
		all := measure(t, e, m, c)
		if len(all) != 1 || !strings.Contains(all[0].Error, want) || strings.Contains(all[0].Error, "\n") || all[0].Figures != nil {
			t.Errorf("%+v, want %q", all, want)
		}
	}
	check(clients.Spate("/nonexistent/spate"), "no such file")
	check(failing, "the seed is not ready: it ended: false: exit status 1")
	check(NewMedley(good, failing), "leecher 2 ended: false: exit status 1")
	e.Program = "false"
	check(good, "the tracker ended: false: exit status 1")
}

// A swarm that does not complete has its time, which follows from its bound.
func TestMixedGivesUp(t *testing.T) {
	needsLab(t)
	e := newEnv(t, Options{})
	e.Program = program(t)
	good := clients.Spate(e.Program)
	m := quickMixed()
	m.Patience = 0
	all := measure(t, e, m, NewMedley(good, deaf{good}))
	if want := " of 2 complete after 2.1s"; len(all) != 1 || !strings.Contains(all[0].Error, want) || all[0].Figures != nil {
		t.Errorf("%+v, want %q", all, want)
	}
}

func TestInterruptedSwarmsAreNoResults(t *testing.T) {
	e := newEnv(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, s := range []Scenario{quickMixed(), &Link{Conns: []int{1}, Links: DefaultLinks(), Bytes: testBytes}} {
		if err := s.Prepare(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		s.Measure(ctx, e, clients.Spate("false"), 1, func(r result.Result) { t.Errorf("got %+v", r) })
	}
}

func TestProgress(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789abcdef"), 3*comparedAtOnce/16)
	want = append(want, "end"...)
	p := progress{file: filepath.Join(t.TempDir(), "content.bin")}
	check := func(got []byte, same int64, done bool) {
		t.Helper()
		if got != nil {
			if err := os.WriteFile(p.file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if d := p.advance(bytes.NewReader(want), int64(len(want))); d != done || p.same != same {
			t.Errorf("done %v with %d bytes, want %v with %d", d, p.same, done, same)
		}
	}
	check(nil, 0, false) // no file
	check([]byte{}, 0, false)
	hole := bytes.Clone(want)
	hole[comparedAtOnce+1] = 0
	check(hole, comparedAtOnce, false)
	check(want[:len(want)-1], 3*comparedAtOnce, false)
	check(want, int64(len(want)), true)
}

// part is a client that notes its starts.
type part struct {
	clients.Client
	name    string
	only    string
	absent  error
	started *[]string
}

func (p part) Name() string             { return p.name }
func (p part) Available() error         { return p.absent }
func (p part) Version() (string, error) { return "1", p.absent }
func (p part) Traits() clients.Traits   { return clients.Traits{Only: p.only} }

func (p part) Start(clients.Task) (*clients.Process, error) {
	*p.started = append(*p.started, p.name)
	return nil, p.absent
}

func TestMedley(t *testing.T) {
	var started []string
	a, b := part{name: "a", started: &started}, part{name: "b", started: &started}
	m := NewMedley(a, b)
	if err := m.Available(); err != nil {
		t.Error(err)
	}
	if v, err := m.Version(); v != "a 1, b 1" || err != nil {
		t.Errorf("version is %q, %v", v, err)
	}
	for range 2 {
		for _, role := range []clients.Role{clients.Seed, clients.Get, clients.Get, clients.Get} {
			if _, err := m.Start(clients.Task{Role: role}); err != nil {
				t.Error(err)
			}
		}
	}
	if got := strings.Join(started, ""); got != "aabaaaba" {
		t.Errorf("started %s", got)
	}
	if n := quickMixed().leechers(m); n != 2 {
		t.Errorf("%d leechers", n)
	}
	if err := NewMedley(a).Available(); !errors.Is(err, errFew) {
		t.Error(err)
	}
	b.absent = errors.New("not here")
	m = NewMedley(b, a)
	_, version := m.Version()
	_, start := m.Start(clients.Task{Role: clients.Get})
	for _, err := range []error{m.Available(), version, start} {
		if !errors.Is(err, b.absent) {
			t.Error(err)
		}
	}
}

// Who takes no part in swarms, as a web server, is no member of the medley either.
func TestMembers(t *testing.T) {
	var started []string
	a, b := part{name: "a", started: &started}, part{name: "b", started: &started}
	web := part{name: "web", only: result.Seed, started: &started}
	check := func(want string, asked ...clients.Client) {
		t.Helper()
		var got []string
		for _, c := range quickMixed().Clients(asked) {
			got = append(got, c.Name())
			if m, ok := c.(*Medley); ok {
				for _, c := range m.members {
					got = append(got, "+"+c.Name())
				}
			}
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s, want %s", text, want)
		}
	}
	check("a web b mixed +a +b", a, web, b)
	check("a web", a, web)
	check("a", a)
}
