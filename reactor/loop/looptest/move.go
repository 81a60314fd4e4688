package looptest

import (
	"math/rand/v2"

	"spate/reactor/loop"
)

// handOver is the context of a connection on its way: the bytes that were read
// before it went.
type handOver struct{ read []byte }

// testMove: bytes read before the move travel in the context, the others stay
// in the socket, and the connection goes on in both directions.
func testMove(r *rig) {
	up, down := content(1<<20), content(300_000)
	out := outbox{left: up, sizes: rand.New(rand.NewPCG(3, 4))}
	var in []byte
	reply := outbox{left: down}
	back := inbox{want: down}
	var servers []*node
	servers = r.start(r.Server, 2, hooks{
		opened: func(nd *node, c loop.Conn) {
			if h, ok := c.Context().(*handOver); ok {
				if !c.Inbound() {
					nd.Error("a moved connection forgot that it was accepted")
				}
				in = append(in, h.read...)
				reply.pump(nd, c)
			}
		},
		readable: func(nd *node, c loop.Conn, data []byte) {
			if _, ok := c.Context().(*handOver); ok {
				in = append(in, data...)
				return
			}
			nd.move(c, servers[1-nd.loop.Index()], &handOver{append([]byte(nil), data...)})
		},
		writable: func(nd *node, c loop.Conn) { reply.pump(nd, c) },
	})
	client := r.start(r.Client, 1, hooks{
		opened:   func(nd *node, c loop.Conn) { out.pump(nd, c) },
		readable: func(nd *node, _ loop.Conn, data []byte) { back.take(nd, data) },
		writable: func(nd *node, c loop.Conn) { out.pump(nd, c) },
	})[0]
	addr := r.listen()
	r.do(client, func() { client.loop.Dial(addr, dialTimeout, nil) })
	r.until("all has arrived in both directions", func() bool { return len(in) >= len(up) && back.full() })
	r.mu.Lock()
	(&inbox{want: up}).take(client, in)
	if servers[0].opens+servers[1].opens != 2 || servers[0].moves+servers[1].moves != 1 {
		r.Errorf("opened %d and %d, moved %d and %d",
			servers[0].opens, servers[1].opens, servers[0].moves, servers[1].moves)
	}
	r.mu.Unlock()
	r.do(client, func() { client.conns[0].Close(errAsked) })
	r.until("the moved end is closed", func() bool { return servers[0].closes+servers[1].closes == 1 })
}

// testMoveInOpened: a connection that goes before its first byte is read.
func testMoveInOpened(r *rig) {
	sent := content(50_000)
	in := inbox{want: sent}
	out := outbox{left: sent}
	var servers []*node
	servers = r.start(r.Server, 2, hooks{
		opened: func(nd *node, c loop.Conn) {
			if c.Context() == nil {
				nd.move(c, servers[1-nd.loop.Index()], "moved")
			}
		},
		readable: func(nd *node, c loop.Conn, data []byte) {
			if c.Context() != "moved" {
				nd.Errorf("Readable with the context %v", c.Context())
			}
			in.take(nd, data)
		},
	})
	client := r.start(r.Client, 1, hooks{
		opened:   func(nd *node, c loop.Conn) { out.pump(nd, c) },
		writable: func(nd *node, c loop.Conn) { out.pump(nd, c) },
	})[0]
	addr := r.listen()
	r.do(client, func() { client.loop.Dial(addr, dialTimeout, nil) })
	r.until("all is read", in.full)
}

// testMoveMany: a dialed connection that changes loops at every Readable loses
// nothing.
func testMoveMany(r *rig) {
	const least = 20 // moves
	sent := content(2 << 20)
	in := inbox{want: sent}
	out := outbox{left: sent, sizes: rand.New(rand.NewPCG(5, 6))}
	var clients []*node
	server := r.start(r.Server, 1, hooks{
		opened:   func(nd *node, c loop.Conn) { out.pump(nd, c) },
		writable: func(nd *node, c loop.Conn) { out.pump(nd, c) },
	})[0]
	clients = r.start(r.Client, 3, hooks{readable: func(nd *node, c loop.Conn, data []byte) {
		in.take(nd, data)
		drain(nd, c, func(b []byte) { in.take(nd, b) })
		nd.move(c, clients[(nd.loop.Index()+1)%len(clients)], "moved")
	}})
	addr := r.listen()
	r.do(clients[0], func() { clients[0].loop.Dial(addr, dialTimeout, nil) })
	r.until("all is read", in.full)

	// Byte by byte, so that there is a move for each.
	for range least {
		r.do(server, func() {
			in = inbox{want: content(1)}
			if n, err := server.conns[0].Writev([][]byte{content(1)}, false); n != 1 || err != nil {
				r.Errorf("Writev: %d, %v", n, err)
			}
		})
		r.until("a byte is read", in.full)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	moves, closes := 0, 0
	for _, c := range clients {
		moves, closes = moves+c.moves, closes+c.closes
	}
	if moves < least || closes != 0 {
		r.Errorf("%d moves and %d closes", moves, closes)
	}
}
