package looptest

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"spate/reactor/loop"
)

// patience is how long, on the network's clock, the suite waits for what must
// happen: far beyond what a loaded machine needs.
const patience = 20 * time.Second

// rig is one test's pair of networks with the lock that all handlers share.
type rig struct {
	*testing.T
	Harness
	mu sync.Mutex
}

func newRig(t *testing.T, h Harness) *rig {
	return &rig{T: t, Harness: h}
}

// until runs the networks until cond holds, or fails the test.
func (r *rig) until(what string, cond func() bool) {
	r.Helper()
	if !r.RunUntil(func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return cond()
	}, patience) {
		r.Fatalf("never happened: %s", what)
	}
}

// start starts n loops of net, each with its own node, and stops the network
// at the end of the test.
func (r *rig) start(net loop.Network, n int, script hooks) []*node {
	r.Helper()
	var nodes []*node
	if err := net.Start(n, func(l loop.Loop) loop.Handler {
		nd := &node{rig: r, loop: l, hooks: script}
		nodes = append(nodes, nd)
		return nd
	}); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := net.Stop(); err != nil {
			r.Errorf("Stop: %v", err)
		}
	})
	if len(nodes) != n || len(net.Loops()) != n {
		r.Fatalf("%d handlers and %d loops, want %d", len(nodes), len(net.Loops()), n)
	}
	return nodes
}

// listen lets the server listen and returns the address to dial.
func (r *rig) listen() netip.AddrPort {
	r.Helper()
	addr, err := r.Server.Listen(r.ListenAddr)
	if err != nil {
		r.Fatal(err)
	}
	return addr
}

// do runs fn on the node's loop, under the lock, and waits for it.
func (r *rig) do(nd *node, fn func()) {
	r.Helper()
	done := false
	if !nd.loop.Post(func() {
		nd.enter(func() { fn(); done = true })
	}) {
		r.Fatal("Post on a running loop returned false")
	}
	r.until("a posted function", func() bool { return done })
}

// hooks is what a test wants to happen in a handler's methods; nil ones do
// nothing beyond the bookkeeping.
type hooks struct {
	opened     func(nd *node, c loop.Conn)
	dialFailed func(nd *node, ctx any, err error)
	readable   func(nd *node, c loop.Conn, data []byte)
	writable   func(nd *node, c loop.Conn)
	closed     func(nd *node, c loop.Conn, reason error)
	tick       func(nd *node)
}

// node is the handler of one loop. It keeps the order of events that every
// test relies on: nothing before Opened, nothing after Closed, each once.
type node struct {
	*rig
	loop   loop.Loop
	hooks  hooks
	inside bool

	conns  []loop.Conn // open, in the order of opening
	opens  int
	closes int
	moves  int
	failed []error // of dials
	ticks  int
}

// enter runs fn under the rig's lock; a handler called from inside another
// call into the same loop is an error.
func (nd *node) enter(fn func()) {
	if nd.inside {
		nd.Error("the loop called its handler from inside another call")
		fn()
		return
	}
	nd.mu.Lock()
	defer nd.mu.Unlock()
	nd.inside = true
	defer func() { nd.inside = false }()
	fn()
}

func (nd *node) find(c loop.Conn) int {
	for i, o := range nd.conns {
		if o == c {
			return i
		}
	}
	return -1
}

func (nd *node) forget(c loop.Conn) {
	if i := nd.find(c); i >= 0 {
		nd.conns = append(nd.conns[:i:i], nd.conns[i+1:]...)
	}
}

// move hands c to another node and does the bookkeeping.
func (nd *node) move(c loop.Conn, to *node, ctx any) {
	if err := c.Move(to.loop, ctx); err != nil {
		nd.Errorf("Move: %v", err)
		return
	}
	nd.moves++
	nd.forget(c)
}

func (nd *node) Opened(c loop.Conn) {
	nd.enter(func() {
		if nd.find(c) >= 0 {
			nd.Error("Opened twice")
		}
		nd.opens++
		nd.conns = append(nd.conns, c)
		if nd.hooks.opened != nil {
			nd.hooks.opened(nd, c)
		}
	})
}

func (nd *node) DialFailed(ctx any, err error) {
	nd.enter(func() {
		if err == nil {
			nd.Error("DialFailed without an error")
		}
		nd.failed = append(nd.failed, err)
		if nd.hooks.dialFailed != nil {
			nd.hooks.dialFailed(nd, ctx, err)
		}
	})
}

func (nd *node) Readable(c loop.Conn, data []byte) {
	nd.enter(func() {
		if nd.find(c) < 0 {
			nd.Error("Readable outside of Opened and Closed")
		}
		if nd.hooks.readable != nil {
			nd.hooks.readable(nd, c, data)
		}
	})
}

func (nd *node) Writable(c loop.Conn) {
	nd.enter(func() {
		if nd.find(c) < 0 {
			nd.Error("Writable outside of Opened and Closed")
		}
		if nd.hooks.writable != nil {
			nd.hooks.writable(nd, c)
		}
	})
}

func (nd *node) Closed(c loop.Conn, reason error) {
	nd.enter(func() {
		if nd.find(c) < 0 {
			nd.Error("Closed without Opened, or twice")
		}
		nd.closes++
		nd.forget(c)
		if nd.hooks.closed != nil {
			nd.hooks.closed(nd, c, reason)
		}
	})
}

func (nd *node) Tick() {
	nd.enter(func() {
		nd.ticks++
		if nd.hooks.tick != nil {
			nd.hooks.tick(nd)
		}
	})
}
