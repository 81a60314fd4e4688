package gnetio

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"spate/reactor/loop"
)

func TestPanicCostsOneConnection(t *testing.T) {
	boom := func() { panic("boom") }
	check := func(where string, s script, provoke func(c *conn, peer net.Conn)) {
		t.Helper()
		core, logs := observer.New(zap.DebugLevel)
		reason := make(chan error, 1)
		s.closed = func(_ loop.Conn, err error) { reason <- err }
		n, c, peer := open(t, Config{Logger: zap.New(core)}, s)
		provoke(c, peer)
		if err := get(t, "the close after a panic in "+where, reason); err != loop.ErrPanic {
			t.Errorf("%s: closed with %v", where, err)
		}
		if got := n.Stats().Panics; got != 1 {
			t.Errorf("%s: %d panics counted", where, got)
		}
		lines := logs.FilterMessage("stack of the internal error").AllUntimed()
		if len(lines) != 1 || lines[0].Level != zapcore.DebugLevel ||
			!strings.Contains(fmt.Sprint(lines[0].ContextMap()["stack"]), "panic_test.go") {
			t.Errorf("%s: the stack was not logged: %v", where, lines)
		}
		on(t, n.Loops()[0], func() {}) // the loop lives on
	}
	check("Readable", script{readable: func(loop.Conn, []byte) { boom() }}, func(_ *conn, peer net.Conn) {
		peer.Write([]byte("x"))
	})
	check("Writable", script{writable: func(loop.Conn) { boom() }}, func(c *conn, peer net.Conn) {
		c.l.Post(func() {
			for err := error(nil); err == nil; {
				_, err = c.Writev([][]byte{make([]byte, 1<<20)}, false)
			}
		})
		go io.Copy(io.Discard, peer)
	})
}

func TestPanicsWithoutAConnection(t *testing.T) {
	n := newTestNetwork(t, Config{Logger: zap.NewNop()})
	var ticks atomic.Int64
	s := start(t, n, 1, script{
		opened: func(loop.Conn) { panic("opened") },
		closed: func(loop.Conn, error) { panic("closed") },
		tick: func() {
			if ticks.Add(1) == 1 {
				panic("tick")
			}
		},
	})[0]
	connect(t, listen(t, n, "127.0.0.1:0"))
	s.loop.Post(func() { panic("posted") })
	eventually(t, "four panics", func() bool { return n.Stats().Panics == 4 })
	eventually(t, "the loop ticks on", func() bool { return ticks.Load() > 2 })
	if open := n.Stats().Open; open != 0 {
		t.Errorf("%d connections open after a panic in Opened", open)
	}
}
