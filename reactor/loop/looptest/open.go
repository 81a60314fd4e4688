package looptest

import "spate/reactor/loop"

// dialTimeout is more than a dial to a listener of the same harness takes.
const dialTimeout = patience / 2

// testOpen: a dial opens one connection at each end, each knows the other's
// address and which side dialed, and the context arrives where it should.
func testOpen(r *rig) {
	type label struct{ name string }
	ctx := &label{"dialed"}
	servers := r.start(r.Server, 1, hooks{opened: func(nd *node, c loop.Conn) {
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
	}})
	clients := r.start(r.Client, 1, hooks{opened: func(nd *node, c loop.Conn) {
		if c.Context() != ctx {
			nd.Errorf("a dialed connection has the context %v", c.Context())
		}
		if c.Inbound() {
			nd.Error("a dialed connection is inbound")
		}
	}})
	addr := r.listen()
	server, client := servers[0], clients[0]
	r.do(client, func() { client.loop.Dial(addr, dialTimeout, ctx) })
	r.until("both ends open", func() bool { return server.opens == 1 && client.opens == 1 })

	r.mu.Lock()
	s, c := server.conns[0], client.conns[0]
	r.mu.Unlock()
	r.do(client, func() {
		if c.Remote() != addr {
			r.Errorf("Remote %v, want %v", c.Remote(), addr)
		}
	})
	var near = c.Local()
	r.do(server, func() {
		if s.Remote() != near || s.Local() != addr {
			r.Errorf("accepted %v to %v, dialed %v to %v", s.Remote(), s.Local(), near, addr)
		}
	})
}
