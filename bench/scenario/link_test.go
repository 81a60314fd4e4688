package scenario

import (
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/netlab"
)

func TestLink(t *testing.T) {
	slow := netlab.Line{Up: 80e6, Down: 80e6}
	far := netlab.Line{Up: 80e6, Down: 80e6, Delay: 10 * time.Millisecond, Loss: 0.0001}
	needsLab(t, slow, far)
	e := newEnv(t, Options{Outstanding: 50, Warmup: 100 * time.Millisecond, Duration: time.Second})
	s := &Link{Conns: []int{1, 3}, Links: []netlab.Line{slow, far}, Bytes: testBytes}
	if why := s.Skip(clients.Spate("spate")); why != "" {
		t.Errorf("skipped: %s", why)
	}
	all := measure(t, e, s, clients.Spate(program(t)))
	if len(all) != 4 {
		t.Fatalf("%+v", all)
	}
	for i, r := range all {
		positive(t, r, "mb_per_s", "of_link", "fairness")
		if want := s.Links[i/2].String(); r.Setting.Link != want || r.Setting.Conns != s.Conns[i%2] {
			t.Errorf("setting is %+v", r.Setting)
		}
		// A queue's content may come on top.
		if r.Figures["of_link"] < 10 || r.Figures["of_link"] > 125 || r.Figures["mb_per_s"] > 12.5 || r.Limit != "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestLinkFailures(t *testing.T) {
	needsLab(t)
	e := newEnv(t, Options{})
	check := func(line netlab.Line, program, want string) {
		t.Helper()
		all := measure(t, e, &Link{Conns: []int{1, 50}, Links: []netlab.Line{line}, Bytes: testBytes}, clients.Spate(program))
		if len(all) != 2 {
			t.Errorf("%d results", len(all))
		}
		for _, r := range all {
			if !strings.Contains(r.Error, want) || strings.Contains(r.Error, "\n") {
				t.Errorf("got %q, want %q", r.Error, want)
			}
		}
	}
	check(netlab.Line{}, "false", "it ended: false: exit status 1")
	check(netlab.Line{}, "/nonexistent/spate", "no such file")
	check(netlab.Line{Loss: 1}, "false", "not a line")
}

// What keeps a lab from being made is why a client is skipped.
func TestNoLab(t *testing.T) {
	s := &Link{Links: []netlab.Line{{Loss: 1}}}
	for range 2 {
		if why := s.Skip(clients.Spate("spate")); why == "" || strings.Contains(why, "\n") {
			t.Errorf("skipped for %q", why)
		}
	}
}
