package netlab

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bridges counts those of this process.
func bridges(t *testing.T) (n int) {
	t.Helper()
	all, err := devices("type", "bridge")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		if b.Alias == strconv.Itoa(os.Getpid()) {
			n++
		}
	}
	return n
}

// lab makes a lab with a host for each line.
func lab(t *testing.T, congestion string, lines ...Line) (*Lab, []*Host) {
	t.Helper()
	if err := Available(); err != nil {
		t.Skip(err)
	}
	before := bridges(t)
	l, err := New(congestion)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		text, err := command("ip", "netns", "list")
		if err != nil || strings.Contains(text, l.namespace(0)) {
			t.Errorf("left over: %v, %s", err, text)
		}
		if now := bridges(t); now != before {
			t.Errorf("%d bridges, and %d before", now, before)
		}
	})
	var hosts []*Host
	for _, line := range lines {
		h, err := l.Host(line)
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, h)
	}
	return l, hosts
}

// TestMain serves in place of testing when it runs within a host: it sends
// zeros to whoever connects.
func TestMain(m *testing.M) {
	addr := os.Getenv("NETLAB_TEST_SERVE")
	if addr == "" {
		os.Exit(m.Run())
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		panic(err)
	}
	for {
		c, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() { _, _ = io.Copy(c, zeros{}) }()
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// serve runs a sender of zeros within a host, and returns its address.
func serve(t *testing.T, h *Host) string {
	t.Helper()
	addr := netip.AddrPortFrom(h.Addr(), 5000).String()
	cmd := exec.Command(h.Within()[0], append(h.Within()[1:], os.Args[0])...)
	cmd.Env = append(os.Environ(), "NETLAB_TEST_SERVE="+addr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return addr
}

// fetch takes bytes from a server, and returns the time that connecting and
// the rest took.
func fetch(t *testing.T, from netip.Addr, addr string, bytes int64) (connect, transfer time.Duration) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))}
	for {
		begin := time.Now()
		c, err := dialer.DialContext(t.Context(), "tcp", addr)
		if errors.Is(err, syscall.ECONNREFUSED) { // it does not listen yet
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		connect = time.Since(begin)
		if got := c.LocalAddr().(*net.TCPAddr).AddrPort().Addr(); got != from {
			t.Errorf("it comes from %v, want %v", got, from)
		}
		if _, err := io.CopyN(io.Discard, c, bytes); err != nil {
			t.Fatal(err)
		}
		return connect, time.Since(begin) - connect
	}
}

func TestLines(t *testing.T) {
	l, hosts := lab(t, "", Line{}, Line{Up: 40e6, Down: 80e6}, Line{Up: 40e6, Down: 80e6, Delay: 40 * time.Millisecond})
	sources := l.Sources()
	const bytes = 2 << 20
	const least = bytes * 8 * time.Second / 40e6 // 420 ms
	for i, h := range hosts {
		addr := serve(t, h)
		connect, _ := fetch(t, sources(), addr, 1)
		before, _, err := h.Traffic()
		if err != nil {
			t.Fatal(err)
		}
		_, transfer := fetch(t, sources(), addr, bytes)
		t.Logf("%d: %v to connect, %v to fetch", i, connect, transfer)
		if i == 2 && connect < 40*time.Millisecond {
			t.Errorf("it connects in %v over a line of 40 ms", connect)
		}
		if i > 0 && transfer < least || transfer > time.Minute {
			t.Errorf("%d: %v for %d bytes, want %v at the least", i, transfer, bytes, least)
		}
		sent, received, err := h.Traffic()
		payload := sent.Sub(before).Payload()
		if err != nil || payload < bytes || payload > 3*bytes || received.Bytes == 0 {
			t.Errorf("%d: sent %+v and %+v, received %+v, %v", i, before, sent, received, err)
		}
	}
}

func TestLimits(t *testing.T) {
	l, _ := lab(t, "")
	if _, err := l.Host(Line{Loss: 1}); !errors.Is(err, ErrLine) {
		t.Error(err)
	}
	l.hosts = make([]*Host, MaxHosts)
	if _, err := l.Host(Line{}); !errors.Is(err, ErrHosts) {
		t.Error(err)
	}
	l.hosts = nil
	sources, seen := l.Sources(), map[netip.Addr]bool{}
	for range numSources {
		a := sources()
		if seen[a] || !l.sources().Contains(a) {
			t.Fatalf("%v, which is number %d", a, len(seen))
		}
		seen[a] = true
	}
	if !seen[sources()] {
		t.Error("sources do not begin again")
	}
}

// A congestion control that is not there leaves nothing behind.
func TestFailingHost(t *testing.T) {
	l, _ := lab(t, "nonesuch")
	if _, err := l.Host(Line{}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	text, err := command("ip", "netns", "list")
	if err != nil || strings.Contains(text, l.namespace(0)) {
		t.Errorf("left over: %v, %s", err, text)
	}
}

// It takes every slot, so it has a network namespace of its own: other tests
// may want one.
func TestLabsSideBySide(t *testing.T) {
	if err := Available(); err != nil {
		t.Skip(err)
	}
	if os.Getenv("NETLAB_TEST_ALONE") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLabsSideBySide$")
		cmd.Env = append(os.Environ(), "NETLAB_TEST_ALONE=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	a, _ := lab(t, "")
	b, _ := lab(t, "")
	if a.Addr() == b.Addr() || a.sources() == b.sources() {
		t.Errorf("both have %v and %v", a.Addr(), a.sources())
	}
	var more []*Lab
	var err error
	for range MaxLabs {
		var l *Lab
		if l, err = New(""); err != nil {
			break
		}
		more = append(more, l)
	}
	if !errors.Is(err, ErrLabs) {
		t.Error(err)
	}
	for _, l := range more {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestHost(t *testing.T) {
	_, hosts := lab(t, "reno", Line{})
	within := hosts[0].Within()
	out, err := exec.Command(within[0], append(within[1:], "cat", "/proc/sys/net/ipv4/tcp_congestion_control")...).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "reno" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestLeftovers(t *testing.T) {
	lab(t, "")
	// A process that has ended, and whose number is not given anew so soon.
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	name := namespacePrefix + strconv.Itoa(dead.Process.Pid) + "-0-0"
	living := namespacePrefix + strconv.Itoa(os.Getpid()) + "-99-0"
	left, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	err = commands("ip netns add "+name, "ip netns add "+living,
		"ip link set "+left.bridge()+" alias "+strconv.Itoa(dead.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	sleeper := exec.Command("ip", "netns", "exec", name, "sleep", "100")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	for { // until it is in there
		if pids, err := command("ip", "netns", "pids", name); err != nil || pids != "" {
			break // an error is that another process's lab has just removed it
		}
	}
	if err := removeLeftovers(); err != nil {
		t.Error(err)
	}
	if err := sleeper.Wait(); err == nil {
		t.Error("what ran in a namespace that nobody has was not killed")
	}
	text, err := command("ip", "netns", "list")
	if err != nil || strings.Contains(text, name) || !strings.Contains(text, living) {
		t.Errorf("%v: %s", err, text)
	}
	all, err := devices("type", "bridge")
	for _, b := range all {
		if b.Alias == strconv.Itoa(dead.Process.Pid) {
			t.Errorf("%s is left", b.Name)
		}
	}
	if err != nil {
		t.Error(err)
	}
	if err := commands("ip netns del " + living); err != nil {
		t.Error(err)
	}
}
