package gnetio

import (
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

// checkOptions compares what every connection has, however it came.
func checkOptions(t *testing.T, c *conn) {
	t.Helper()
	on(t, c.l, func() {
		for _, o := range []struct {
			name             string
			level, opt, want int
		}{
			{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
			{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentLowWater},
			{"TCP_CORK", unix.IPPROTO_TCP, unix.TCP_CORK, 0},
			{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0},
		} {
			if v, err := unix.GetsockoptInt(c.fd, o.level, o.opt); v != o.want || err != nil {
				t.Errorf("%s: %d, %v; want %d", o.name, v, err, o.want)
			}
		}
		if l, err := unix.GetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER); err != nil || l.Onoff != 0 {
			t.Errorf("SO_LINGER: %v, %v", l, err)
		}
	})
}

func TestOptions(t *testing.T) {
	const congestion = "reno" // every kernel has it
	n := newTestNetwork(t, Config{Congestion: congestion})
	opened := make(chan *conn, 2)
	start(t, n, 1, script{opened: func(c loop.Conn) { opened <- c.(*conn) }})
	addr := listen(t, n, "127.0.0.1:0")
	on(t, n.Loops()[0], func() { n.Loops()[0].Dial(addr, patience, nil) })
	for range 2 {
		c := get(t, "open", opened)
		checkOptions(t, c)
		on(t, c.l, func() {
			if v, err := unix.GetsockoptString(c.fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION); v != congestion || err != nil {
				t.Errorf("inbound %v: TCP_CONGESTION %q, %v", c.inbound, v, err)
			}
		})
	}
}

// What a loop had set on the socket is gone on the next, and what a moved
// socket must not have got on the way (keep-alive, linger) it has not.
func TestMoveResetsOptions(t *testing.T) {
	n := newTestNetwork(t, Config{})
	opened := make(chan *conn, 2)
	start(t, n, 2, script{opened: func(c loop.Conn) { opened <- c.(*conn) }})
	peer := connect(t, listen(t, n, "127.0.0.1:0"))
	c := get(t, "open", opened)
	on(t, c.l, func() {
		c.Cork(true)
		c.SetReadLowWater(4096)
		if err := c.Move(n.loops[1-c.l.index], nil); err != nil {
			t.Error(err)
		}
	})
	c = get(t, "moved", opened)
	peer.Write([]byte("x"))
	checkOptions(t, c)
	on(t, c.l, func() {
		if v, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT); v != 1 || err != nil {
			t.Errorf("SO_RCVLOWAT %d, %v", v, err)
		}
	})
}

func TestUnknownCongestion(t *testing.T) {
	_, err := New(Config{Congestion: "no-such-one"})
	if err == nil || !strings.Contains(err.Error(), `congestion control "no-such-one"`) {
		t.Errorf("New: %v", err)
	}
}

// A corked connection, and one that is told of more, sends no partial segment.
func TestHeldBack(t *testing.T) {
	n, c, peer := open(t, Config{}, script{})
	check := func(step string, want int, do func()) {
		t.Helper()
		on(t, n.Loops()[0], func() {
			do()
			info, err := unix.GetsockoptTCPInfo(c.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
			if err != nil || int(info.Notsent_bytes) != want {
				t.Errorf("%s: %d bytes held back, %v; want %d", step, info.Notsent_bytes, err, want)
			}
		})
	}
	write := func(text string, more bool) func() {
		return func() { c.Writev([][]byte{[]byte(text)}, more) }
	}
	check("plain", 0, write("a", false))
	check("more", 1, write("b", true))
	check("no more", 0, write("c", false))
	check("corked", 1, func() { c.Cork(true); write("d", false)() })
	check("uncorked", 0, func() { c.Cork(false) })
	buf := make([]byte, 4)
	if _, err := io.ReadFull(peer, buf); err != nil || string(buf) != "abcd" {
		t.Errorf("got %q, %v", buf, err)
	}
}

// gnet puts the name of an IPv6 zone into a pool of buffers when a connection
// closes; the name must stay the net package's.
func TestLinkLocal(t *testing.T) {
	addr, ok := linkLocal(t)
	if !ok {
		t.Skip("no interface has a link-local address")
	}
	n := newTestNetwork(t, Config{})
	remote := make(chan netip.AddrPort, 1)
	start(t, n, 1, script{opened: func(c loop.Conn) {
		remote <- c.Remote()
		if z := c.(*conn).g.RemoteAddr().String(); strings.Contains(z, "%") {
			t.Errorf("gnet is shown the zone in %s", z)
		}
	}})
	bound := listen(t, n, "[::]:0")
	c, err := net.DialTimeout("tcp", netip.AddrPortFrom(addr, bound.Port()).String(), patience)
	if err != nil && !usable(addr) {
		t.Skipf("the interface of %s has gone", addr)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := get(t, "open", remote); got.Addr().Zone() != addr.Zone() {
		t.Errorf("Remote %v has lost the zone %q", got, addr.Zone())
	}
}

func linkLocal(t *testing.T) (addr netip.Addr, ok bool) {
	t.Helper()
	lines, err := os.ReadFile("/proc/net/if_inet6")
	if err != nil {
		return addr, false
	}
	for line := range strings.Lines(string(lines)) {
		f := strings.Fields(line)
		if len(f) == 6 && strings.HasPrefix(f[0], "fe80") {
			var text strings.Builder
			for i := 0; i < len(f[0]); i += 4 {
				text.WriteString(f[0][i:i+4] + ":")
			}
			addr, err = netip.ParseAddr(strings.TrimSuffix(text.String(), ":") + "%" + f[5])
			if err == nil && usable(addr) {
				return addr, true
			}
		}
	}
	return addr, false
}

// usable tells whether the address can be bound: not while its interface is
// down or the kernel still looks whether another host has it, which is so with
// interfaces that other tests make and remove meanwhile.
func usable(addr netip.Addr) bool {
	l, err := net.Listen("tcp", netip.AddrPortFrom(addr, 0).String())
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
