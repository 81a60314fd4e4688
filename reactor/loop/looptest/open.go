package looptest

import (
	"net/netip"
	"time"

	"spate/reactor/loop"
)

// dialTimeout is more than a dial to a listener of the same harness takes.
const dialTimeout = patience / 2

// pair starts one loop on each side and connects them, and returns both nodes
// and both ends. The hooks may be empty.
func (r *rig) pair(server, client hooks) (s, c *node, sc, cc loop.Conn) {
	r.Helper()
	s = r.start(r.Server, 1, server)[0]
	c = r.start(r.Client, 1, client)[0]
	addr := r.listen()
	r.do(c, func() { c.loop.Dial(addr, dialTimeout, nil) })
	r.until("both ends open", func() bool { return s.opens == 1 && c.opens == 1 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(s.conns) == 1 {
		sc = s.conns[0]
	}
	if len(c.conns) == 1 {
		cc = c.conns[0]
	}
	return s, c, sc, cc
}

// testOpen: a dial opens one connection at each end, each knows the other's
// address and which side dialed, and the context arrives where it should.
func testOpen(r *rig) {
	type label struct{ name string }
	ctx := &label{"dialed"}
	var ends [2]struct{ remote, local netip.AddrPort } // server's, client's
	server := r.start(r.Server, 1, hooks{opened: func(nd *node, c loop.Conn) {
		if c.Context() != nil {
			nd.Errorf("an accepted connection has the context %v", c.Context())
		}
		c.SetContext("set")
		if c.Context() != "set" {
			nd.Errorf("Context is %v after SetContext", c.Context())
		}
		if !c.Inbound() {
			nd.Error("an accepted connection is not inbound")
		}
		ends[0].remote, ends[0].local = c.Remote(), c.Local()
	}})[0]
	client := r.start(r.Client, 1, hooks{opened: func(nd *node, c loop.Conn) {
		if c.Context() != ctx {
			nd.Errorf("a dialed connection has the context %v", c.Context())
		}
		if c.Inbound() {
			nd.Error("a dialed connection is inbound")
		}
		ends[1].remote, ends[1].local = c.Remote(), c.Local()
	}})[0]
	addr := r.listen()
	r.do(client, func() { client.loop.Dial(addr, dialTimeout, ctx) })
	r.until("both ends open", func() bool { return server.opens == 1 && client.opens == 1 })

	r.mu.Lock()
	defer r.mu.Unlock()
	if ends[1].remote != addr || ends[0].local != addr {
		r.Errorf("dialed %v: the client sees %v, the server %v", addr, ends[1].remote, ends[0].local)
	}
	if ends[0].remote != ends[1].local || !ends[1].local.IsValid() {
		r.Errorf("the client is at %v, the server sees %v", ends[1].local, ends[0].remote)
	}
}

// testSpread: no loop is left without a share.
func testSpread(r *rig) {
	const dials = 16
	servers := r.start(r.Server, 2, hooks{})
	client := r.start(r.Client, 1, hooks{})[0]
	addr := r.listen()
	r.do(client, func() {
		for range dials {
			client.loop.Dial(addr, dialTimeout, nil)
		}
	})
	r.until("all are open", func() bool {
		return client.opens == dials && servers[0].opens+servers[1].opens == dials
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range servers {
		if s.loop.Index() != i {
			r.Errorf("loop %d has the index %d", i, s.loop.Index())
		}
		if s.opens == 0 {
			r.Errorf("loop %d got none of %d connections", i, dials)
		}
	}
}

// testRefused: the answer to a dial that is refused is DialFailed, after Dial
// has returned, on the loop that dialed.
func testRefused(r *rig) {
	if !r.Refused.IsValid() {
		r.Skip("the harness has no address that refuses")
	}
	client := r.start(r.Client, 2, hooks{dialFailed: func(nd *node, ctx any, _ error) {
		if ctx != "refused" {
			nd.Errorf("DialFailed got the context %v", ctx)
		}
	}})[1]
	r.do(client, func() { client.loop.Dial(r.Refused, dialTimeout, "refused") })
	r.until("the dial failed", func() bool { return len(client.failed) == 1 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if client.opens != 0 {
		r.Error("a refused dial opened a connection")
	}
}

// testSilent: a dial without an answer ends at its time-out.
func testSilent(r *rig) {
	if !r.Silent.IsValid() {
		r.Skip("the harness has no address that is silent")
	}
	const timeout = 300 * time.Millisecond
	var began, ended time.Duration
	client := r.start(r.Client, 1, hooks{dialFailed: func(nd *node, _ any, _ error) {
		ended = nd.loop.Now()
	}})[0]
	r.do(client, func() {
		began = client.loop.Now()
		client.loop.Dial(r.Silent, timeout, nil)
	})
	r.until("the dial failed", func() bool { return len(client.failed) == 1 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if took := ended - began; took < timeout*9/10 || took > timeout+patience/2 {
		r.Errorf("a time-out of %v took %v", timeout, took)
	}
}
