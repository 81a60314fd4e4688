package scenario

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/proto/metainfo"
)

func TestWhole(t *testing.T) {
	e := newEnv(t, Options{})
	name := program(t)
	c, err := content.NewCollection(t.Context(), t.TempDir(), 30)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.start(clients.Spate(name), order{role: clients.Seed, torrents: c.Torrents[:20], data: c.Data, place: Tmpfs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.end() }()
	if err := r.whole(t.Context(), c.Metas[:20], time.Minute); err != nil {
		t.Fatal(err)
	}
	// A slow machine looks at few torrents in a short time, so the time grows.
	check := func(ctx context.Context, metas []*metainfo.Torrent, want string) {
		t.Helper()
		var err error
		for limit := 300 * time.Millisecond; limit < time.Minute; limit *= 3 {
			err = r.whole(ctx, metas, limit)
			if err != nil && strings.HasPrefix(err.Error(), strings.ReplaceAll(want, "LIMIT", limit.String())) {
				return
			}
		}
		t.Errorf("got %v, want %s", err, want)
	}
	check(t.Context(), c.Metas[:21], "20 of 21 torrents looked at are ready after LIMIT: ")
	check(t.Context(), c.Metas[29:], "not ready after LIMIT: ")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	check(ended, c.Metas[:20], "enough")
	if err := r.process.Stop(); err != nil {
		t.Fatal(err)
	}
	check(t.Context(), c.Metas[:1], "it ended")
}

// A client that answers but lacks pieces is not ready.
func TestWholeOfADownload(t *testing.T) {
	e := newEnv(t, Options{})
	c, err := content.NewCollection(t.Context(), t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.start(clients.Spate(program(t)), order{role: clients.Get, torrents: c.Torrents, place: Tmpfs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.end() }()
	want := "not ready after 500ms: it has 0 of 1 pieces"
	for range 120 { // until it has started, on a machine however slow
		if err = r.whole(t.Context(), c.Metas, 500*time.Millisecond); err == nil || err.Error() == want {
			break
		}
	}
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// elsewhere is a client that does not say where it listens.
type elsewhere struct{ nowhere }

func TestLocator(t *testing.T) {
	c, err := content.NewCollection(t.Context(), t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{client: elsewhere{}}
	if err := r.has(t.Context(), netip.Addr{}, c.Metas[0]); !errors.Is(err, errNowhere) {
		t.Errorf("got %v", err)
	}
}
