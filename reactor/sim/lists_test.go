package sim_test

import (
	"bufio"
	"bytes"
	"context"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"spate/proto/tracker"
	"spate/reactor/announce"
	"spate/reactor/sim"
)

// lister is a tracker that answers each announce with a list of its own.
type lister struct {
	c    *client
	list func() tracker.Response
}

func (l *lister) Announce(_ context.Context, _ string, _ tracker.Request, done func(tracker.Response, error)) {
	l.c.s.w.After(time.Millisecond, func() { done(l.list(), nil) })
}

// dialed is a dial in a world's log.
type dialed struct {
	at time.Duration
	to netip.AddrPort
}

// dials reads those of one host, which is counted from 1.
func dials(t *testing.T, trace *bytes.Buffer, host string) (all []dialed) {
	t.Helper()
	for lines := bufio.NewScanner(trace); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 6 || words[1] != host || words[2] != "dial" {
			continue
		}
		seconds, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, dialed{time.Duration(seconds * 1e9), netip.MustParseAddrPort(words[5])})
	}
	return all
}

// TestHostilePeerLists: trackers list thousands of addresses that refuse, a
// victim's ports, ourselves and what is no address. We dial at a steady rate,
// few ports of an address, nothing that cannot be a peer, and find the seed.
func TestHostilePeerLists(t *testing.T) {
	const (
		perSecond = 30
		crowd     = 1500
		ports     = 8
	)
	var trace bytes.Buffer
	content := sim.NewContent(3, 64<<10, 20*64<<10)
	victim := netip.MustParseAddr("20.0.0.1")
	external := netip.MustParseAddr("30.0.0.1")
	announces := 0
	trackers := func(c *client) announce.Transport {
		return &lister{c, func() tracker.Response {
			announces++
			r := tracker.Response{Interval: time.Nanosecond, ExternalIP: external}
			for _, never := range []string{
				c.machine.Addr().String() + ":6881", external.String() + ":6881", "10.0.0.2:0", "0.0.0.0:1", "0.0.0.7:1",
				"224.0.0.1:1", "255.255.255.255:1", "240.0.0.1:1", "[::]:1", "[ff02::1]:1", "[::ffff:0.0.0.0]:1", "[::ffff:224.0.0.1]:1",
			} {
				r.Peers = append(r.Peers, netip.MustParseAddrPort(never))
			}
			for i := range uint16(500) {
				r.Peers = append(r.Peers, netip.AddrPortFrom(victim, uint16(announces)*1000+i))
			}
			if announces == 1 {
				for _, s := range c.s.clients {
					if s.machine != c.machine {
						r.Peers = append(r.Peers, addr(s))
					}
				}
			}
			for i := range crowd {
				r.Peers = append(r.Peers, netip.AddrPortFrom(netip.AddrFrom4([4]byte{20, 1, byte(i >> 8), byte(i)}), 1))
			}
			return r
		}}
	}
	s := gather(t, sim.Config{Seed: 5, Trace: &trace}, content, role{host: fast, trackers: trackers, late: time.Second}, role{host: fast, store: full(disk)})
	s.w.Host(sim.HostConfig{Addr: victim})
	for i := range crowd {
		s.w.Host(sim.HostConfig{Addr: netip.AddrFrom4([4]byte{20, 1, byte(i >> 8), byte(i)})})
	}
	s.finish(5*time.Minute, s.clients[0])
	s.w.RunFor(5 * time.Minute)

	all := dials(t, &trace, "h1")
	knocked := map[netip.AddrPort]bool{}
	first := 0
	for i, d := range all {
		for all[first].at <= d.at-time.Second {
			first++
		}
		if n := i - first + 1; n > 2*perSecond {
			t.Fatalf("%d dials in the second before %v", n, d.at)
		}
		switch ip := d.to.Addr(); {
		case ip == victim:
			knocked[d.to] = true
		case ip == s.clients[0].machine.Addr() || ip == external, d.to.Port() == 0,
			ip.IsMulticast(), ip.IsUnspecified(), ip.Is4() && (ip.As4()[0] == 0 || ip.As4()[0] >= 240):
			t.Errorf("dialed %v", d.to)
		}
	}
	last := all[len(all)-1].at - all[0].at
	if most := int(last.Seconds()*perSecond) + 2*perSecond; len(all) > most {
		t.Errorf("%d dials in %v, want %d at most", len(all), last, most)
	}
	if most := ports * announces; len(knocked) > most {
		t.Errorf("dialed %d ports of one address in %d announces", len(knocked), announces)
	}
	if len(all) < 10*perSecond {
		t.Errorf("only %d dials: the lists were not tried", len(all))
	}
	t.Logf("%d dials in %v, %d ports of the victim, %d announces", len(all), last, len(knocked), announces)
	s.end()
}
