package gnetio

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

// shedding is a script that counts what it is to give up.
type shedding struct {
	*script
	total *locked[int]
}

func (s shedding) Shed(n int) { s.total.update(func(t *int) { *t += n }) }

// startShedding is start with handlers that are loop.Shedders.
func startShedding(t *testing.T, n *Network, loops int, s script) (first *script, total *locked[int]) {
	t.Helper()
	total = &locked[int]{}
	if err := n.Start(loops, func(l loop.Loop) loop.Handler {
		own := s
		own.loop = l
		if first == nil {
			first = &own
		}
		return shedding{&own, total}
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Stop() })
	return first, total
}

// TestScarceAccept: whatever accept fails with, the listener goes on, and has
// idle peers give way when the kernel has nothing left.
func TestScarceAccept(t *testing.T) {
	check := func(why syscall.Errno, sheds bool) {
		t.Helper()
		const fails = 4
		n := newTestNetwork(t, Config{})
		_, total := startShedding(t, n, 2, script{readable: echo})
		a, err := n.listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		failed := make(chan struct{})
		left := fails
		a.accept = func() (*net.TCPConn, error) {
			if left > 0 {
				if left--; left == 0 {
					close(failed)
				}
				return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", why)}
			}
			return a.ln.AcceptTCP()
		}
		n.mu.Lock()
		n.acceptors = append(n.acceptors, a)
		n.mu.Unlock()
		go a.run()
		get(t, "accept has failed", failed)
		// The last failure may still turn one away.
		eventually(t, why.Error()+": it serves", func() bool { return echoes(connect(t, a.addr())) })
		if sheds {
			eventually(t, why.Error()+": peers give way", func() bool { return total.get() >= fails })
		} else if got := total.get(); got != 0 {
			t.Errorf("%v: %d peers give way", why, got)
		}
	}
	check(unix.EMFILE, true)
	check(unix.ENFILE, true)
	check(unix.ENOBUFS, true)
	check(unix.ENOMEM, true)
	check(unix.ECONNABORTED, false)
	check(unix.EPERM, false)
}

// TestScarceDial: a dial for which there is no descriptor says nothing of the
// address, and has idle peers give way.
func TestScarceDial(t *testing.T) {
	check := func(why syscall.Errno, want error, sheds int) {
		t.Helper()
		n := newTestNetwork(t, Config{})
		n.dials.control = func(string, string, syscall.RawConn) error { return why }
		failed := make(chan error, 1)
		s, total := startShedding(t, n, 1, script{dialFailed: func(_ any, err error) { failed <- err }})
		on(t, s.loop, func() { s.loop.Dial(netip.MustParseAddrPort("127.0.0.1:1"), patience, nil) })
		if err := get(t, "the dial's answer", failed); (err == loop.ErrLimit) != (want == loop.ErrLimit) {
			t.Errorf("%v: the handler is told %v", why, err)
		}
		on(t, s.loop, func() {})
		if got := total.get(); got != sheds {
			t.Errorf("%v: %d peers give way, want %d", why, got, sheds)
		}
		if used := n.budget.used.Load(); used != 0 {
			t.Errorf("%v: %d of the budget stay taken", why, used)
		}
	}
	check(unix.EMFILE, loop.ErrLimit, 1)
	check(unix.ENFILE, loop.ErrLimit, 1)
	check(unix.ENOBUFS, loop.ErrLimit, 1)
	check(unix.ENOMEM, loop.ErrLimit, 1)
	check(unix.EACCES, nil, 0)
}

// TestFullSheds: who is turned away at the limit of connections has others give
// way.
func TestFullSheds(t *testing.T) {
	n := newTestNetwork(t, Config{MaxConns: 1})
	_, total := startShedding(t, n, 1, script{readable: echo})
	addr := listen(t, n, "127.0.0.1:0")
	connect(t, addr)
	eventually(t, "the limit is reached", func() bool { return n.Stats().Open == 1 })
	for range 3 {
		_, _ = connect(t, addr).Read(make([]byte, 1))
	}
	eventually(t, "three are to give way", func() bool { return total.get() == 3 })
}

// TestHalfOpen: no more dials are under way than the limit, each with its
// socket, however many were asked for.
func TestHalfOpen(t *testing.T) {
	const dials = 3 * MaxParallelDials
	n := newTestNetwork(t, Config{})
	if n.MaxConns() < 2*dials {
		t.Skipf("the limit of open files leaves %d connections", n.MaxConns())
	}
	var under, most locked[int]
	options := n.dials.control
	n.dials.control = func(network, address string, rc syscall.RawConn) error {
		under.update(func(n *int) { *n++ })
		if now := under.get(); now > most.get() {
			most.update(func(n *int) { *n = max(*n, now) })
		}
		return options(network, address, rc)
	}
	s := start(t, n, 1, script{})[0]
	silent := silentAddr(t)
	on(t, s.loop, func() {
		for range dials {
			s.loop.Dial(silent, patience, nil)
		}
	})
	eventually(t, "all places are taken", func() bool { return under.get() == MaxParallelDials })
	n.dials.mu.Lock()
	running, queued := n.dials.running, len(n.dials.queue)-n.dials.head
	n.dials.mu.Unlock()
	if running != MaxParallelDials || queued != dials-MaxParallelDials || most.get() != MaxParallelDials {
		t.Errorf("%d dials under way, %d at the most, %d wait", running, most.get(), queued)
	}
}
