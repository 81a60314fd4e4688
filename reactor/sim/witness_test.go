package sim_test

import (
	"encoding/binary"
	"time"

	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/sim"
)

// witness is a peer of every client of a swarm that only listens: what a client
// says that it has must be on its disk at that moment. It is next door to all of
// them, so that it hears a word in the instant in which it is said, and comes
// back when it loses them.
type witness struct {
	s     *swarm
	loop  loop.Loop
	heard []*hearing // by client, nil while there is no connection
	said  int        // pieces that were said to be there
}

// hearing is what a witness hears of one client.
type hearing struct {
	inbox
	client *client
}

// watch adds a witness to a swarm.
func (s *swarm) watch() *witness {
	s.t.Helper()
	w := &witness{s: s}
	host := s.w.Host(sim.HostConfig{})
	for _, c := range s.clients {
		s.w.SetLatency(host, c.machine, 0)
	}
	w.heard = make([]*hearing, len(s.clients))
	if err := host.Start(1, func(l loop.Loop) loop.Handler { w.loop = l; return w }); err != nil {
		s.t.Fatal(err)
	}
	return w
}

// Tick dials those that it does not hear.
func (w *witness) Tick() {
	for i, c := range w.s.clients {
		if w.heard[i] == nil && !c.stopped && c.engine != nil {
			w.heard[i] = &hearing{client: c}
			w.loop.Dial(addr(c), time.Second, w.heard[i])
		}
	}
}

func (w *witness) Opened(c loop.Conn) {
	hs := wire.Handshake{InfoHash: w.s.content.Meta().InfoHash, PeerID: [20]byte{'w'}}
	hs.SetFast()
	_, _ = c.Writev([][]byte{wire.AppendHandshake(nil, hs)}, false)
}

func (w *witness) Readable(c loop.Conn, data []byte) {
	h := c.Context().(*hearing)
	h.take(c, data, func(id wire.ID, payload []byte) { w.hears(h.client, id, payload) })
}

// hears checks a word of a client.
func (w *witness) hears(c *client, id wire.ID, payload []byte) {
	has := func(piece int) {
		w.said++
		if !c.stopped && !c.disk.Have().Has(piece) {
			w.s.t.Errorf("%v says that it has piece %d, which is not on its disk", c.machine.Addr(), piece)
		}
	}
	switch id {
	case wire.MsgHave:
		has(int(binary.BigEndian.Uint32(payload)))
	case wire.MsgHaveAll:
		for i := range c.disk.Have().Len() {
			has(i)
		}
	case wire.MsgBitfield:
		for i := range c.disk.Have().Len() {
			if payload[i/8]&(0x80>>(i%8)) != 0 {
				has(i)
			}
		}
	}
}

func (w *witness) DialFailed(ctx any, _ error) { w.forget(ctx) }
func (w *witness) Closed(c loop.Conn, _ error) { w.forget(c.Context()) }
func (w *witness) Writable(loop.Conn)          {}

// forget makes room for another try.
func (w *witness) forget(ctx any) {
	for i, h := range w.heard {
		if h == ctx.(*hearing) {
			w.heard[i] = nil
		}
	}
}
