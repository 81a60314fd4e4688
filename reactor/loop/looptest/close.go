package looptest

import (
	"errors"
	"io"

	"spate/reactor/loop"
)

var (
	errAsked = errors.New("closed by the test")
	errLater = errors.New("closed by the test again")
)

// expectClosed waits for the client's end to be closed with reason, once, and
// for the server's to see the peer go.
func (r *rig) expectClosed(s, c *node, reason *error) {
	r.Helper()
	r.until("both ends are closed", func() bool { return c.closes == 1 && s.closes == 1 })
	r.do(c, func() {}) // anything that was to come has come
	r.mu.Lock()
	defer r.mu.Unlock()
	if *reason != errAsked {
		r.Errorf("Closed with %v, want %v", *reason, errAsked)
	}
	if len(c.conns) != 0 || c.closes != 1 {
		r.Errorf("%d open and %d closed after the close of one", len(c.conns), c.closes)
	}
}

// keepReason is a closed hook that keeps the reason.
func keepReason(reason *error) func(*node, loop.Conn, error) {
	return func(_ *node, _ loop.Conn, err error) { *reason = err }
}

func testCloseInOpened(r *rig) {
	var reason error
	s, c, _, _ := r.pair(hooks{}, hooks{
		opened: func(_ *node, c loop.Conn) { c.Close(errAsked) },
		closed: keepReason(&reason),
	})
	r.expectClosed(s, c, &reason)
}

func testCloseInReadable(r *rig) {
	var reason error
	s, c, sc, _ := r.pair(hooks{}, hooks{
		readable: func(nd *node, c loop.Conn, _ []byte) {
			if reason != nil {
				nd.Error("Readable after Closed")
			}
			c.Close(errAsked)
		},
		closed: keepReason(&reason),
	})
	r.do(s, func() { (&outbox{left: content(100)}).pump(s, sc) })
	r.expectClosed(s, c, &reason)
}

func testCloseInWritable(r *rig) {
	var reason error
	chunk := content(1 << 20)
	fill := func(c loop.Conn) {
		for range 1024 {
			if n, err := c.Writev([][]byte{chunk}, false); n < len(chunk) || err != nil {
				return
			}
		}
	}
	s, c, _, cc := r.pair(hooks{}, hooks{
		writable: func(_ *node, c loop.Conn) { c.Close(errAsked) },
		closed:   keepReason(&reason),
	})
	r.do(c, func() { fill(cc) })
	r.expectClosed(s, c, &reason)
}

func testCloseInTick(r *rig) {
	var reason error
	s, c, _, _ := r.pair(hooks{}, hooks{
		tick: func(nd *node) {
			for _, c := range nd.conns {
				c.Close(errAsked)
			}
		},
		closed: keepReason(&reason),
	})
	r.expectClosed(s, c, &reason)
}

// testCloseInPost also holds the rule that Closed follows Close, and does not
// come from inside it.
func testCloseInPost(r *rig) {
	var reason error
	s, c, _, cc := r.pair(hooks{}, hooks{closed: keepReason(&reason)})
	r.do(c, func() {
		cc.Close(errAsked)
		if c.closes != 0 {
			r.Error("Closed came from inside Close")
		}
	})
	r.expectClosed(s, c, &reason)
}

// testCloseOther: a handler at work for one connection closes another of the
// same loop.
func testCloseOther(r *rig) {
	var reasons []error
	s := r.start(r.Server, 1, hooks{})[0]
	c := r.start(r.Client, 1, hooks{
		readable: func(nd *node, from loop.Conn, _ []byte) {
			for _, c := range nd.conns {
				if c != from {
					c.Close(errAsked)
				}
			}
		},
		closed: func(_ *node, _ loop.Conn, err error) { reasons = append(reasons, err) },
	})[0]
	addr := r.listen()
	r.do(c, func() {
		for range 3 {
			c.loop.Dial(addr, dialTimeout, nil)
		}
	})
	r.until("all are open", func() bool { return s.opens == 3 && c.opens == 3 })
	r.do(s, func() { (&outbox{left: content(10)}).pump(s, s.conns[1]) })
	r.until("two are closed", func() bool { return c.closes == 2 && s.closes == 2 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(c.conns) != 1 || reasons[0] != errAsked || reasons[1] != errAsked {
		r.Errorf("%d left open, closed with %v", len(c.conns), reasons)
	}
}

// testCloseInClosed: the end of one connection ends the next.
func testCloseInClosed(r *rig) {
	const conns = 5
	s := r.start(r.Server, 1, hooks{})[0]
	c := r.start(r.Client, 1, hooks{
		closed: func(nd *node, _ loop.Conn, _ error) {
			if len(nd.conns) > 0 {
				nd.conns[0].Close(errAsked)
			}
		},
	})[0]
	addr := r.listen()
	r.do(c, func() {
		for range conns {
			c.loop.Dial(addr, dialTimeout, nil)
		}
	})
	r.until("all are open", func() bool { return s.opens == conns && c.opens == conns })
	r.do(c, func() { c.conns[0].Close(errAsked) })
	r.until("all are closed", func() bool { return c.closes == conns && s.closes == conns })
}

func testCloseTwice(r *rig) {
	var reason error
	s, c, _, cc := r.pair(hooks{}, hooks{closed: func(_ *node, c loop.Conn, err error) {
		reason = err
		c.Close(errLater)
	}})
	r.do(c, func() {
		cc.Close(errAsked)
		cc.Close(errLater)
	})
	r.expectClosed(s, c, &reason)
}

// testPeerClose: the end of the peer's stream is io.EOF, and comes after every
// byte before it.
func testPeerClose(r *rig) {
	sent := content(100_000)
	in := inbox{want: sent}
	var reason error
	s, c, _, cc := r.pair(hooks{
		readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) },
		closed: func(nd *node, _ loop.Conn, err error) {
			reason = err
			if !in.full() {
				nd.Errorf("closed after %d of %d bytes", in.got, len(in.want))
			}
		},
	}, hooks{})
	r.do(c, func() {
		out := outbox{left: sent}
		out.pump(c, cc)
		in.want = sent[:len(sent)-len(out.left)]
		cc.Close(errAsked)
	})
	r.until("both ends are closed", func() bool { return s.closes == 1 && c.closes == 1 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if reason != io.EOF {
		r.Errorf("the peer's end is %v, want io.EOF", reason)
	}
}
