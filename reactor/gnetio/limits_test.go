package gnetio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

func TestConnsWithin(t *testing.T) {
	check := func(in uint64, want int) {
		t.Helper()
		if got := connsWithin(in); got != want {
			t.Errorf("connsWithin(%d) = %d, want %d", in, got, want)
		}
	}
	check(0, 0)
	check(42, 0)
	check(44, 1)
	check(64, 16)
	check(1024, 736)
	check(1<<20, 786400)
	check(unix.RLIM_INFINITY, 786400)
}

// One connection beyond the limit is turned away when it was accepted, and
// fails with ErrLimit when it was dialed; one that ends makes room.
func TestBudget(t *testing.T) {
	const limit = 3
	n := newTestNetwork(t, Config{MaxConns: limit})
	failed := make(chan error, 1)
	s := start(t, n, 1, script{
		readable:   echo,
		dialFailed: func(_ any, err error) { failed <- err },
	})[0]
	addr := listen(t, n, "127.0.0.1:0")
	var peers []*net.TCPConn
	for range limit {
		peers = append(peers, connect(t, addr))
	}
	eventually(t, "the limit is reached", func() bool { return n.Stats().Open == limit })
	if _, err := connect(t, addr).Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one beyond the limit: %v", err)
	}
	on(t, s.loop, func() { s.loop.Dial(addr, patience, nil) })
	if err := get(t, "the dial's answer", failed); err != loop.ErrLimit {
		t.Errorf("a dial beyond the limit: %v", err)
	}
	if got := n.Stats(); got.Accepted != limit || got.Shed != 1 || got.Dialed != 0 {
		t.Errorf("%+v", got)
	}
	peers[0].Close()
	eventually(t, "there is room again", func() bool { return n.budget.used.Load() < limit })
	if !echoes(connect(t, addr)) {
		t.Error("no answer after there was room again")
	}
}

// The queue of dials has a limit, and Stop answers every dial.
func TestDialQueue(t *testing.T) {
	const most = MaxParallelDials + MaxQueuedDials
	n := newTestNetwork(t, Config{})
	if n.MaxConns() <= most {
		t.Skipf("the limit of open files leaves %d connections", n.MaxConns())
	}
	var limit, closed locked[int]
	s := start(t, n, 1, script{dialFailed: func(_ any, err error) {
		switch err {
		case loop.ErrLimit:
			limit.update(func(n *int) { *n++ })
		case loop.ErrClosed:
			closed.update(func(n *int) { *n++ })
		default:
			t.Errorf("DialFailed: %v", err)
		}
	}})[0]
	silent := silentAddr(t)
	on(t, s.loop, func() {
		for range most + 1 {
			s.loop.Dial(silent, patience, nil)
		}
	})
	on(t, s.loop, func() {})
	if got := limit.get(); got != 1 {
		t.Errorf("%d dials refused, want 1", got)
	}
	n.Stop()
	if got := closed.get(); got != most {
		t.Errorf("Stop answered %d of %d dials", got, most)
	}
	if used := n.budget.used.Load(); used != 0 {
		t.Errorf("budget %d after Stop", used)
	}
}

// Dials that wait for a place get it.
func TestDialsBeyondTheParallelOnes(t *testing.T) {
	const dials = 3 * MaxParallelDials
	n := newTestNetwork(t, Config{})
	if n.MaxConns() < 2*dials {
		t.Skipf("the limit of open files leaves %d connections", n.MaxConns())
	}
	s := start(t, n, 2, script{})[0]
	addr := listen(t, n, "127.0.0.1:0")
	on(t, s.loop, func() {
		for range dials {
			s.loop.Dial(addr, patience, nil)
		}
	})
	eventually(t, "all are open", func() bool { return n.Stats().Open == 2*dials })
}

// Few files are the child's life: this test runs itself in a process that may
// open 64.
const (
	fewFiles    = 64
	fewFilesEnv = "GNETIO_TEST_FEW_FILES"
)

// TestFewFilesChild serves echo until its input ends. At "take" it opens files
// until there are no descriptors left, at "free" it closes them.
func TestFewFilesChild(t *testing.T) {
	if os.Getenv(fewFilesEnv) == "" {
		t.Skip("runs in a process of its own, for TestFewFiles")
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: fewFiles, Max: fewFiles}); err != nil {
		t.Fatal(err)
	}
	n := newTestNetwork(t, Config{})
	start(t, n, 2, script{readable: echo})
	fmt.Println("addr", listen(t, n, "127.0.0.1:0"), n.MaxConns())
	var taken []*os.File
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if in.Text() == "free" {
			for _, f := range taken {
				f.Close()
			}
			taken = nil
			fmt.Println("freed")
			continue
		}
		for {
			f, err := os.Open(os.DevNull)
			if err != nil {
				break
			}
			taken = append(taken, f)
		}
		fmt.Println("taken", len(taken))
	}
	fmt.Println("shed", n.Stats().Shed)
}

// child is the process of TestFewFilesChild.
type child struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startChild(t *testing.T) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0], "-test.run=^TestFewFilesChild$")}
	c.cmd.Env = append(os.Environ(), fewFilesEnv+"=1")
	c.cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.cmd.Process.Kill() })
	return c
}

// expect scans the child's next line that begins with word.
func (c *child) expect(word string, into ...any) {
	c.t.Helper()
	for c.out.Scan() {
		if rest, ok := strings.CutPrefix(c.out.Text(), word); ok {
			if _, err := fmt.Sscan(rest, into...); err != nil && len(into) > 0 {
				c.t.Fatalf("the child said %q: %v", c.out.Text(), err)
			}
			return
		}
	}
	c.t.Fatalf("the child ended before it said %q", word)
}

func (c *child) end() {
	c.t.Helper()
	c.in.Close()
	for c.out.Scan() {
		c.t.Log(c.out.Text())
	}
	if err := c.cmd.Wait(); err != nil {
		c.t.Errorf("the child's end: %v", err)
	}
}

// echoes tells whether the peer at the other end answers.
func echoes(c *net.TCPConn) bool {
	if _, err := c.Write([]byte("x")); err != nil {
		return false
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err == nil
}

// 200 connections to a process that may open 64 files: some are served, the
// others are turned away, and the process goes on.
func TestFewFiles(t *testing.T) {
	const conns = 200
	c := startChild(t)
	var text string
	var most int
	c.expect("addr", &text, &most)
	addr := netip.MustParseAddrPort(text)
	if most < 8 || most > fewFiles/2 {
		t.Errorf("a limit of %d files leaves %d connections", fewFiles, most)
	}
	var peers []*net.TCPConn
	served := 0
	for range conns {
		peer := connect(t, addr)
		peers = append(peers, peer)
		if echoes(peer) {
			served++
		}
	}
	if served != most {
		t.Errorf("%d of %d connections served, want %d", served, conns, most)
	}
	for _, p := range peers {
		p.Close()
	}
	eventually(t, "it serves again", func() bool { return echoes(connect(t, addr)) })
	c.end()
}

// A process whose files are all open elsewhere turns peers away, and serves
// them when there are files again.
func TestNoFilesLeft(t *testing.T) {
	const wantShed = 5
	c := startChild(t)
	var text string
	var most, taken int
	c.expect("addr", &text, &most)
	addr := netip.MustParseAddrPort(text)
	fmt.Fprintln(c.in, "take") // nobody has connected, so no descriptor is on its way
	if c.expect("taken", &taken); taken == 0 {
		t.Error("the child took no files")
	}
	for range wantShed {
		began := time.Now()
		if echoes(connect(t, addr)) {
			t.Error("served without a descriptor")
		}
		if took := time.Since(began); took > patience/2 {
			t.Errorf("turned away after %v", took)
		}
	}
	fmt.Fprintln(c.in, "free")
	c.expect("freed")
	eventually(t, "it serves again", func() bool { return echoes(connect(t, addr)) })
	c.in.Close()
	var shed int
	c.expect("shed", &shed)
	if shed < wantShed {
		t.Errorf("%d turned away, want %d", shed, wantShed)
	}
	c.end()
}
