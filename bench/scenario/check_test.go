package scenario

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"spate/bench/clients"
	"spate/bench/result"
)

func TestCheck(t *testing.T) {
	e := newEnv(t, Options{})
	spate := clients.Spate(program(t))
	for _, place := range []string{Tmpfs, Disk} {
		s := &Check{Bytes: testBytes, Place: place}
		all := measure(t, e, s, spate)
		if len(all) != 1 || all[0].Setting.Place != place || all[0].Setting.Bytes != testBytes || all[0].Setting.Content != "warm" {
			t.Fatalf("%+v", all)
		}
		positive(t, all[0], "took_s", "mb_per_s", "rss_anon", "threads")
	}
}

// A client that never has all is one that failed.
func TestCheckOfDamagedContent(t *testing.T) {
	e := newEnv(t, Options{})
	s := &Check{Bytes: testBytes, Place: Tmpfs}
	if err := s.Prepare(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.content.File, make([]byte, testBytes), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Measure(t.Context(), e, clients.Spate(program(t)), 1, func(r result.Result) {
		if r.Error == "" || strings.Contains(r.Error, "\n") || len(r.Figures) != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestCheckThatFails(t *testing.T) {
	e := newEnv(t, Options{})
	check := func(program, want string) {
		t.Helper()
		for _, r := range measure(t, e, &Check{Bytes: testBytes, Place: Tmpfs}, clients.Spate(program)) {
			if !strings.Contains(r.Error, want) {
				t.Errorf("got %q, want %q", r.Error, want)
			}
		}
	}
	check("/nonexistent/spate", "no such file")
	check("false", "it ended: false: exit status 1")
}

func TestReference(t *testing.T) {
	openssl := maker{name: clients.OpenSSL}
	s := &Check{Bytes: testBytes, Place: Tmpfs, Creators: []clients.Creator{maker{name: "other"}, openssl}}
	asked := nowhere{}
	cast := s.Clients([]clients.Client{asked})
	if len(cast) != 2 || cast[0] != clients.Client(asked) || cast[1].Name() != clients.OpenSSL {
		t.Fatalf("%v", cast)
	}
	all := measure(t, newEnv(t, Options{}), s, cast[1])
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	positive(t, all[0], "took_s", "mb_per_s", "cpu_s", "mb_per_cpu_s")
	absent := s.Clients(nil)[0].(tool)
	absent.Creator = maker{absent: errors.New("nothing there")}
	if got := s.Skip(absent); !strings.Contains(got, "nothing there") || s.Skip(asked) != "" || s.Skip(cast[1]) != "" {
		t.Errorf("got %q", got)
	}
	if slices.ContainsFunc((&Check{}).Clients(nil), func(clients.Client) bool { return true }) {
		t.Error("a reference out of nothing")
	}
}
