package looptest

import (
	"spate/reactor/loop"
)

// testStop: every connection of a network that stops gets its Closed, of both
// directions and on all loops, before Stop returns; then nothing runs.
func testStop(r *rig) {
	const dials = 10
	var reasons []error
	accepted, ran := 0, 0 // posts
	post := func(nd *node) {
		if nd.loop.Post(func() { nd.enter(func() { ran++ }) }) {
			accepted++
		}
	}
	servers := r.start(r.Server, 2, hooks{closed: func(nd *node, _ loop.Conn, err error) {
		reasons = append(reasons, err)
		post(nd)
	}})
	client := r.start(r.Client, 1, hooks{})[0]
	addr := r.listen()
	r.do(client, func() {
		for range dials {
			client.loop.Dial(addr, dialTimeout, nil)
		}
	})
	r.until("all are open", func() bool { return client.opens == dials && servers[0].opens+servers[1].opens == dials })
	r.mu.Lock()
	post(servers[0])
	r.mu.Unlock()
	if err := r.Server.Stop(); err != nil {
		r.Errorf("Stop: %v", err)
	}
	r.mu.Lock()
	if len(reasons) != dials {
		r.Errorf("%d of %d connections got their Closed", len(reasons), dials)
	}
	for _, err := range reasons {
		if err != loop.ErrClosed {
			r.Errorf("closed with %v", err)
		}
	}
	if ran != accepted {
		r.Errorf("%d of %d posts that were accepted have run", ran, accepted)
	}
	r.mu.Unlock()
	if servers[0].loop.Post(func() { r.Error("a post ran after Stop") }) {
		r.Error("Post on a stopped loop returned true")
	}
	if err := r.Server.Stop(); err != nil {
		r.Errorf("Stop again: %v", err)
	}
	if err := r.Server.Err(); err != nil {
		r.Errorf("Stop is told as a failure: %v", err)
	}
	select {
	case <-r.Server.Failed():
		r.Error("Stop is told as a failure")
	default:
	}
	r.until("the other ends are closed", func() bool { return client.closes == dials })
}

// testStopDials: a dial that has no answer yet gets one.
func testStopDials(r *rig) {
	if !r.Silent.IsValid() {
		r.Skip("the harness has no address that is silent")
	}
	client := r.start(r.Client, 1, hooks{})[0]
	r.do(client, func() { client.loop.Dial(r.Silent, patience, nil) })
	if err := r.Client.Stop(); err != nil {
		r.Errorf("Stop: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(client.failed) != 1 || client.failed[0] != loop.ErrClosed {
		r.Errorf("the dial's answers: %v", client.failed)
	}
}

// testStopListening: nobody new comes in, and those inside stay.
func testStopListening(r *rig) {
	sent := content(1000)
	in := inbox{want: sent}
	server := r.start(r.Server, 1, hooks{
		readable: func(nd *node, _ loop.Conn, data []byte) { in.take(nd, data) },
	})[0]
	client := r.start(r.Client, 1, hooks{})[0]
	addr := r.listen()
	r.do(client, func() { client.loop.Dial(addr, dialTimeout, nil) })
	r.until("both ends are open", func() bool { return server.opens == 1 && client.opens == 1 })
	r.Server.StopListening()
	r.do(client, func() { client.loop.Dial(addr, dialTimeout, nil) })
	r.until("the second dial failed", func() bool { return len(client.failed) == 1 })
	r.do(client, func() { (&outbox{left: sent}).pump(client, client.conns[0]) })
	r.until("the first goes on", in.full)
}
