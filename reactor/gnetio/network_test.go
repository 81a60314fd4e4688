package gnetio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"
	gneterrors "github.com/panjf2000/gnet/v2/pkg/errors"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"spate/reactor/loop"
)

func TestNewChecksConfig(t *testing.T) {
	check := func(in Config, want error) {
		t.Helper()
		if _, err := New(in); !errors.Is(err, want) {
			t.Errorf("New(%+v): %v, want %v", in, err, want)
		}
	}
	check(Config{}, nil)
	check(Config{ReadBuffer: MaxReadBuffer, MaxConns: 1}, nil)
	check(Config{ReadBuffer: MaxReadBuffer + 1}, ErrReadBuffer)
	check(Config{ReadBuffer: -1}, ErrReadBuffer)
	check(Config{MaxConns: -1}, ErrMaxConns)
}

func TestStartChecksLoops(t *testing.T) {
	none := func(loop.Loop) loop.Handler { return &script{} }
	n := newTestNetwork(t, Config{})
	for _, loops := range []int{-1, 0, MaxLoops + 1} {
		if err := n.Start(loops, none); err != ErrLoops {
			t.Errorf("Start(%d): %v", loops, err)
		}
	}
	if _, err := n.Listen("127.0.0.1:0"); err != loop.ErrClosed {
		t.Errorf("Listen before Start: %v", err)
	}
	if err := n.Stop(); err != nil {
		t.Errorf("Stop before Start: %v", err)
	}
	start(t, n, 1, script{})
	if err := n.Start(1, none); err != ErrStarted {
		t.Errorf("Start again: %v", err)
	}
	if err := n.Stop(); err != nil {
		t.Errorf("Stop: %v", err)
	}
	if _, err := n.Listen("127.0.0.1:0"); err != loop.ErrClosed {
		t.Errorf("Listen after Stop: %v", err)
	}
}

// What is posted before the loops run is kept for them.
func TestPostFromTheMaker(t *testing.T) {
	n := newTestNetwork(t, Config{})
	ran := make(chan int, 2)
	if err := n.Start(2, func(l loop.Loop) loop.Handler {
		l.Post(func() { ran <- l.Index() })
		return &script{}
	}); err != nil {
		t.Fatal(err)
	}
	defer n.Stop()
	if a, b := get(t, "one", ran), get(t, "the other", ran); a+b != 1 {
		t.Errorf("ran on loops %d and %d", a, b)
	}
}

// A loop that ends by itself is a failure that is told, its connections get
// their Closed, and Stop still ends the others.
func TestUnaskedEndIsAFailure(t *testing.T) {
	quiet := zap.NewNop()
	closed := make(chan error, 2)
	n := newTestNetwork(t, Config{Logger: quiet})
	start(t, n, 2, script{closed: func(_ loop.Conn, err error) { closed <- err }})
	addr := listen(t, n, "127.0.0.1:0")
	connect(t, addr)
	connect(t, addr)
	eventually(t, "both are open", func() bool { return n.Stats().Open == 2 })
	n.loops[0].awake.Add(1) // gnet is told of something
	if err := n.loops[0].el.Execute(t.Context(), gnet.RunnableFunc(func(context.Context) error {
		return gneterrors.ErrEngineShutdown
	})); err != nil {
		t.Fatal(err)
	}
	get(t, "the failure", n.Failed())
	if err := n.Err(); err == nil || !strings.Contains(err.Error(), "ended unasked") {
		t.Errorf("Err: %v", err)
	}
	if err := get(t, "the end of the loop's connection", closed); err != loop.ErrClosed {
		t.Errorf("closed with %v", err)
	}
	if n.Loops()[0].Post(func() {}) {
		t.Error("Post on the failed loop returned true")
	}
	connect(t, addr) // may go to the failed loop
	n.Stop()
	get(t, "the end of the other's", closed)
}

// A loop that is held up does not get a heap of ticks when it goes on.
func TestTicksDoNotPileUp(t *testing.T) {
	n := newTestNetwork(t, Config{})
	var ticks atomic.Int64
	s := start(t, n, 1, script{tick: func() { ticks.Add(1) }})[0]
	l := s.loop.(*eventLoop)
	held := make(chan struct{})
	s.loop.Post(func() { <-held })
	eventually(t, "a tick is posted", l.ticking.Load)
	for range 100 {
		l.postTick()
	}
	before := ticks.Load()
	on2 := make(chan int64, 1)
	s.loop.Post(func() { on2 <- ticks.Load() })
	close(held)
	if after := get(t, "the loop goes on", on2); after > before+1 {
		t.Errorf("%d ticks at once", after-before)
	}
}

// gnet's lines go to the logger, under its name, and nothing to stdout.
func TestGnetLogsThroughTheLogger(t *testing.T) {
	stdout := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	core, logs := observer.New(zap.DebugLevel)
	n := newTestNetwork(t, Config{Logger: zap.New(core)})
	start(t, n, 1, script{})
	n.Stop()
	w.Close()
	if said, _ := io.ReadAll(r); len(said) > 0 {
		t.Errorf("stdout got %q", said)
	}
	if logs.FilterLoggerName("gnet").Len() == 0 {
		t.Error("gnet logged nothing")
	}
	for _, level := range []zapcore.Level{zap.InfoLevel, zap.ErrorLevel, zap.FatalLevel} {
		core, logs := observer.New(level)
		n := newTestNetwork(t, Config{Logger: zap.New(core)})
		start(t, n, 1, script{})
		n.Stop()
		if logs.Len() > 0 {
			t.Errorf("at level %v gnet told operators %v", level, logs.All())
		}
	}
}

// An empty host takes both families, and an IPv4 peer has an IPv4 address.
func TestDualStackUnmapped(t *testing.T) {
	n := newTestNetwork(t, Config{})
	remotes := make(chan netip.AddrPort, 2)
	start(t, n, 1, script{opened: func(c loop.Conn) { remotes <- c.Remote() }})
	addr := listen(t, n, ":0")
	check := func(ip string) {
		t.Helper()
		peer := connect(t, netip.AddrPortFrom(netip.MustParseAddr(ip), addr.Port()))
		if got := get(t, "open", remotes); got.String() != peer.LocalAddr().String() {
			t.Errorf("Remote %v, want %v", got, peer.LocalAddr())
		}
	}
	check("127.0.0.1")
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil {
		l.Close()
		check("::1")
	}
}

// After Closed the addresses stay, and nothing else touches the descriptor,
// whose number may be another's.
func TestClosedConnIsInert(t *testing.T) {
	closed := make(chan struct{})
	n, c, peer := open(t, Config{}, script{closed: func(loop.Conn, error) { close(closed) }})
	peer.Close()
	get(t, "the end", closed)
	f := newTempFile(t, []byte("content"))
	on(t, n.Loops()[0], func() {
		if !c.Remote().IsValid() || !c.Local().IsValid() {
			t.Error("the addresses are gone")
		}
		bufs := [][]byte{make([]byte, 8)}
		if _, err := c.Readv(bufs); err != loop.ErrClosed {
			t.Errorf("Readv: %v", err)
		}
		if _, err := c.Writev(bufs, false); err != loop.ErrClosed {
			t.Errorf("Writev: %v", err)
		}
		if _, err := c.SendFile(f, 0, 1, true); err != loop.ErrClosed {
			t.Errorf("SendFile: %v", err)
		}
		if err := c.Move(n.Loops()[0], nil); err != loop.ErrClosed {
			t.Errorf("Move: %v", err)
		}
		c.Cork(true)
		c.SetReadLowWater(100)
		c.Close(io.EOF)
		if c.corked || c.lowWater != 1 {
			t.Error("options were set on a closed connection")
		}
	})
}

// gnet's own buffers stay empty, whatever is left unread or unwritten.
func TestGnetBuffersNothing(t *testing.T) {
	checked := make(chan string, 1)
	_, _, peer := open(t, Config{}, script{readable: func(c loop.Conn, _ []byte) {
		g := c.(*conn).g
		sent, err := 0, error(nil)
		for err == nil {
			var k int
			k, err = c.Writev([][]byte{make([]byte, 1<<20)}, false)
			sent += k
		}
		if c.Context() == nil {
			c.SetContext("checked")
			checked <- fmt.Sprint(err, g.InboundBuffered(), g.OutboundBuffered(), sent < 64<<20)
		}
	}})
	peer.Write(bytes.Repeat([]byte("request"), 10_000))
	if got := get(t, "the answer", checked); got != "would block 0 0 true" {
		t.Errorf("%s", got)
	}
}

// The number of goroutines does not depend on the number of connections.
func TestGoroutines(t *testing.T) {
	const few, many, slack = 2, 2000, 3
	n := newTestNetwork(t, Config{})
	if n.MaxConns() < many {
		t.Skipf("the limit of open files leaves %d connections", n.MaxConns())
	}
	start(t, n, 2, script{readable: echo})
	addr := listen(t, n, "127.0.0.1:0")
	// The peers are bare sockets in this process, which need no goroutine.
	connect := func(conns int64) {
		for open := n.Stats().Open; open < conns; {
			next := min(open+100, conns)
			for ; open < next; open++ {
				bareConn(t, addr)
			}
			eventually(t, "they are open", func() bool { return n.Stats().Open == open })
		}
	}
	connect(few)
	before := runtime.NumGoroutine()
	connect(many)
	// Those that enroll connections stay in a pool of gnet's for a few seconds.
	var after int
	eventually(t, "no more goroutines than before", func() bool {
		after = runtime.NumGoroutine()
		return after <= before+slack
	})
	t.Logf("%d goroutines with %d connections, %d with %d", before, few, after, many)
}

// Stop under fire: nothing hangs, and all that was opened is closed.
func TestStopUnderLoad(t *testing.T) {
	n := newTestNetwork(t, Config{})
	var opened, closed atomic.Int64
	s := start(t, n, 2, script{
		opened:   func(loop.Conn) { opened.Add(1) },
		closed:   func(loop.Conn, error) { closed.Add(1) },
		readable: echo,
	})
	addr := listen(t, n, "127.0.0.1:0")
	for _, own := range s {
		own.loop.Post(func() {
			own.tick = nil
			for range 200 {
				own.loop.Dial(addr, patience, nil)
			}
		})
	}
	eventually(t, "some are open", func() bool { return opened.Load() > 50 })
	began := time.Now()
	if err := n.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("Stop took %v", took)
	}
	if opened.Load() != closed.Load() || n.Stats().Open != 0 || n.budget.used.Load() != 0 {
		t.Errorf("%d opened, %d closed, %d open, budget %d",
			opened.Load(), closed.Load(), n.Stats().Open, n.budget.used.Load())
	}
}
