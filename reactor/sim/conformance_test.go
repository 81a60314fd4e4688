package sim

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"testing"
	"time"

	"spate/reactor/loop"
	"spate/reactor/loop/looptest"
)

// memFile is a loop.File over memory.
type memFile struct{ *bytes.Reader }

func (memFile) FD() int { return -1 }

// TestConformance runs the suite of package loop on links of many kinds.
func TestConformance(t *testing.T) {
	line := HostConfig{}
	slow := HostConfig{Up: 4 << 20, Down: 6 << 20, Latency: 3 * time.Millisecond}
	for _, c := range []struct {
		name string
		cfg  Config
		host HostConfig
	}{
		{"ideal", Config{Segment: Span{64 << 10, 64 << 10}, FirstRead: Span{4 << 10, 4 << 10}}, line},
		{"cut", Config{}, line},
		{"slow", Config{Jitter: 2 * time.Millisecond}, slow},
		{"crumbs", Config{Segment: Span{1, 256}, FirstRead: Span{1, 61}}, line},
		{"express", Config{Sparse: true, Express: 512}, slow},
		{"whims", Config{Faults: Faults{EmptyRead: 3}}, slow},
	} {
		for seed := range uint64(4) {
			c.cfg.Seed = seed
			c.cfg.RecoverPanics = true
			t.Run(fmt.Sprint(c.name, seed), func(t *testing.T) {
				t.Parallel()
				looptest.Run(t, func(*testing.T) looptest.Harness { return harness(c.cfg, c.host) })
			})
		}
	}
}

func harness(cfg Config, host HostConfig) looptest.Harness {
	w := New(cfg)
	server, client := w.Host(host), w.Host(host)
	return looptest.Harness{
		Server:     server,
		Client:     client,
		ListenAddr: ":0",
		Refused:    netip.AddrPortFrom(server.Addr(), 9),
		Silent:     netip.MustParseAddrPort("192.0.2.1:9"),
		File: func(_ *testing.T, content []byte) loop.File {
			return memFile{bytes.NewReader(content)}
		},
		RunUntil: w.RunUntil,
	}
}

var _ io.ReaderAt = memFile{}
