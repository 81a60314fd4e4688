package scenario

import (
	"errors"
	"slices"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
)

func TestColdMix(t *testing.T) {
	e := newEnv(t, Options{Outstanding: 50, Duration: 100 * time.Millisecond})
	s := &ColdMix{HotConns: 4, ColdConns: 2, HotBytes: 4 << 20, ColdBytes: 64 << 20, Span: 500 * time.Millisecond}
	if err := s.Prepare(t.Context(), e); errors.Is(err, content.ErrWarm) {
		t.Skipf("the folder for temporary files is no disk: %v", err)
	}
	all := measure(t, e, s, clients.Spate(program(t)))
	if len(all) != 1 || all[0].Setting.Content != Aside {
		t.Fatalf("%+v", all)
	}
	positive(t, all[0], "slowdown", "alone_ms_p99", "first_byte_ms_p99", "cold_mb_per_s")
	if err := e.Drop(); err != nil {
		t.Error(err)
	}
}

// Of the clients asked for two take part, and spate twice.
func TestColdMixClients(t *testing.T) {
	var names []string
	for _, c := range (&ColdMix{}).Clients(clients.All("spate")) {
		names = append(names, c.Name())
	}
	want := []string{"spate", "spate-uncached", "libtorrent-posix", "rtorrent"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
