package netlab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"sync"
)

// Host is a network namespace with one line.
type Host struct {
	lab       *Lab
	number    int
	namespace string
	outside   string // the line's end at the bridge
	closed    bool
	// Of a line that is held in this process.
	ends     []*os.File
	carriers sync.WaitGroup
}

// Host makes a host on a line. It lives until it is closed, or the lab is.
func (l *Lab) Host(line Line) (*Host, error) {
	if err := line.check(); err != nil {
		return nil, err
	}
	n := len(l.hosts)
	if n == MaxHosts {
		return nil, ErrHosts
	}
	h := &Host{lab: l, number: n, namespace: l.namespace(n), outside: l.outside(n)}
	if err := commands("ip netns add " + h.namespace); err != nil {
		return nil, err
	}
	l.hosts = append(l.hosts, h)
	join := h.joinByVeth
	if line.impaired() && l.Userspace() {
		join = h.joinByTap
	}
	err := join(line)
	if err == nil {
		err = h.setUp()
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// joinByVeth makes a line that the kernel holds: each end shapes what leaves
// by it.
func (h *Host) joinByVeth(line Line) error {
	limit := ""
	if line.impaired() {
		limit = "gso_max_segs 1"
	}
	err := commands(fmt.Sprintf("ip link add %s mtu %d %s type veth peer name %s mtu %d %s netns %s",
		h.outside, mtu, limit, inside, mtu, limit, h.namespace))
	if err != nil {
		return err
	}
	if words := line.down().qdisc(); words != nil {
		err = commands(fmt.Sprintf("tc qdisc add dev %s root %s", h.outside, strings.Join(words, " ")))
	}
	if words := line.up().qdisc(); words != nil && err == nil {
		err = commands(fmt.Sprintf("tc -n %s qdisc add dev %s root %s", h.namespace, inside, strings.Join(words, " ")))
	}
	return err
}

// tapQueue is the length in packets of what a tap device keeps until it is
// read: a whole window of the longest fast line arrives at once.
const tapQueue = 10_000

// joinByTap makes a line that this process holds.
func (h *Host) joinByTap(line Line) error {
	moved := h.outside + "i" // until it is moved into the namespace
	for _, name := range []string{h.outside, moved} {
		end, err := openTap(name)
		if err != nil {
			return err
		}
		h.ends = append(h.ends, end)
		err = commands(fmt.Sprintf("ip link set %s mtu %d txqueuelen %d", name, mtu, tapQueue))
		if err != nil {
			return err
		}
	}
	err := commands(fmt.Sprintf("ip link set %s netns %s name %s", moved, h.namespace, inside))
	if err != nil {
		return err
	}
	carry := func(from, to *os.File, d direction, seed uint64) {
		c := newCarrier(from, to, wire{direction: d, chance: rand.New(rand.NewPCG(uint64(h.number), seed))})
		h.carriers.Go(c.run)
	}
	carry(h.ends[1], h.ends[0], line.up(), 0)
	carry(h.ends[0], h.ends[1], line.down(), 1)
	return nil
}

// setUp brings up both ends, and all that a namespace needs to be a host.
func (h *Host) setUp() error {
	in := "ip -n " + h.namespace + " "
	err := commands(
		fmt.Sprintf("ip link set %s master %s up", h.outside, h.lab.bridge()),
		fmt.Sprintf("%s addr add %s dev %s", in, netip.PrefixFrom(h.Addr(), slotBits), inside),
		in+"link set lo up",
		in+"link set "+inside+" up",
		in+"route add default via "+h.lab.Addr().String(),
	)
	if err != nil || h.lab.congestion == "" {
		return err
	}
	// The files below /proc/sys/net are those of whoever opens them.
	_, err = command("ip", "netns", "exec", h.namespace, "sh", "-c",
		`echo "$1" >/proc/sys/net/ipv4/tcp_congestion_control`, "sh", h.lab.congestion)
	return err
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.lab.address(18, h.number+2) }

// Within is the beginning of a command line that runs in the host.
func (h *Host) Within() []string { return []string{"ip", "netns", "exec", h.namespace} }

// Traffic is what has gone over a line: bytes of Ethernet frames, and the
// number of these. Segments of one TCP connection that the kernel moves as one
// frame of up to 64 KiB are one here.
type Traffic struct{ Bytes, Packets int64 }

// headers is what a TCP frame with time stamps has before its data, in bytes
// (Ethernet, IPv4, TCP).
const headers = 14 + 20 + 32

// Payload estimates the bytes of TCP payload in it: what is left without the
// frames' headers.
func (t Traffic) Payload() int64 { return max(t.Bytes-headers*t.Packets, 0) }

// Sub is the traffic since an earlier look.
func (t Traffic) Sub(earlier Traffic) Traffic {
	return Traffic{t.Bytes - earlier.Bytes, t.Packets - earlier.Packets}
}

// Traffic returns what the host has sent and received since it was made,
// counted where its line meets the bridge.
func (h *Host) Traffic() (sent, received Traffic, err error) {
	found, err := devices("dev", h.outside)
	if err != nil {
		return sent, received, err
	}
	stats := found[0].Stats // ip fails where there is none
	return Traffic(stats.Received), Traffic(stats.Sent), nil
}

// Close removes the host.
func (h *Host) Close() error {
	if h.closed {
		return nil
	}
	h.closed = true
	var errs []error
	for _, end := range h.ends {
		errs = append(errs, end.Close())
	}
	h.carriers.Wait()
	if exists(h.outside) { // the kernel removes what is in a namespace later
		errs = append(errs, commands("ip link del "+h.outside))
	}
	return errors.Join(append(errs, commands("ip netns del "+h.namespace))...)
}
