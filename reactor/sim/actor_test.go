package sim_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"time"

	"spate/proto/peer"
	"spate/proto/tracker"
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/sim"
)

// actorPort is where an actor listens.
const actorPort = 6881

// errEnough is what an actor hangs up with.
var errEnough = errors.New("actor has had enough")

// manner is how an actor behaves. The zero value has everything, says so, and
// then keeps silent.
type manner struct {
	name  string
	plain bool // without the fast extension
	reqq  int  // what it advertises, 0 for nothing
	empty bool // it has nothing
	deaf  bool // it reads nothing behind the handshake
	lies  bool // some of what it sends is not the content
	shy   bool // it sends no handshake of its own accord
	lines int  // how many connections it opens at a time, 0 for none

	greeted func(l *line)                 // both handshakes are through
	asked   func(l *line, r wire.Request) // the engine asks for a block
	tick    func(l *line)                 // time passes on a connection
}

// actor is a peer that is no engine, on a host of its own: what it says is
// written out by hand, and what it hears is held against the rules.
type actor struct {
	manner
	s       *swarm
	machine *sim.Host
	loop    loop.Loop
	r       *rand.Rand
	id      [20]byte
	open    []*line // in the order they came
	dialing int
	over    bool
}

// line is one connection of an actor.
type line struct {
	a     *actor
	c     loop.Conn
	to    *client // the engine at the other end, nil when it is not known
	m     peer.Machine
	out   []byte // what the socket did not take yet
	since time.Duration
	met   bool // the engine's handshake has come
	fast  bool // both sides have the fast extension
	gone  bool

	choked  bool                  // ever choked: the engine may not know it in time
	asked   map[wire.Request]bool // of the engine, without answer; looked up only
	wanted  map[wire.Request]bool // of us; looked up only
	block   []byte                // where the engine's payload goes
	free    bool                  // we may ask
	ticks   int
	pending int // answers on their way
}

// act puts an actor on stage: it listens, and the tracker knows it.
func (s *swarm) act(r *rand.Rand, m manner) *actor {
	a := &actor{manner: m, s: s, r: r, machine: s.w.Host(sim.HostConfig{Latency: time.Duration(r.IntN(50)) * time.Millisecond})}
	for i := range a.id {
		a.id[i] = byte(r.Uint32())
	}
	err := a.machine.Start(1, func(l loop.Loop) loop.Handler { a.loop = l; return a })
	if err == nil {
		_, err = a.machine.Listen(":6881")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.actors = append(s.actors, a)
	a.announce()
	return a
}

// announce tells the tracker that the actor is there, time and again.
func (a *actor) announce() {
	if a.over {
		return
	}
	req := tracker.Request{InfoHash: a.s.content.Meta().InfoHash, PeerID: a.id, Port: actorPort, Left: 1}
	a.machine.Announcer().Announce(context.Background(), trackerURL, req, func(tracker.Response, error) {})
	a.s.w.After(time.Minute, a.announce)
}

// leave takes the actor off.
func (a *actor) leave() {
	a.over = true
	if err := a.machine.Stop(); err != nil {
		a.s.t.Error(err)
	}
}

// Opened implements loop.Handler.
func (a *actor) Opened(c loop.Conn) {
	if _, ours := c.Context().(*actor); ours {
		a.dialing--
	}
	l := &line{a: a, c: c, since: a.loop.Now(), asked: map[wire.Request]bool{}, wanted: map[wire.Request]bool{}}
	l.m.Init(peer.Config{})
	l.to = a.s.at(c.Remote().Addr())
	c.SetContext(l)
	a.open = append(a.open, l)
	if !a.shy {
		l.say(l.handshake(nil))
	}
}

// handshake appends the actor's handshake.
func (l *line) handshake(b []byte) []byte {
	hs := wire.Handshake{InfoHash: l.a.s.content.Meta().InfoHash, PeerID: l.a.id}
	hs.SetExtensions()
	if !l.a.plain {
		hs.SetFast()
	}
	return wire.AppendHandshake(b, hs)
}

// DialFailed implements loop.Handler.
func (a *actor) DialFailed(any, error) { a.dialing-- }

// Readable implements loop.Handler.
func (a *actor) Readable(c loop.Conn, data []byte) {
	l := c.Context().(*line)
	if l.gone || l.met && a.deaf {
		return
	}
	if !l.hear(data) {
		return
	}
	var buf [4 << 10]byte
	for !l.gone && !(l.met && a.deaf) {
		n, err := c.Readv([][]byte{buf[:]})
		if err == loop.ErrAgain || err == io.EOF {
			return
		}
		if err != nil || !l.hear(buf[:n]) {
			return
		}
	}
}

// hear takes what the engine says.
func (l *line) hear(data []byte) bool {
	if _, err := l.m.Input(data, l); err != nil {
		if !errors.Is(err, errEnough) {
			l.a.s.t.Errorf("%s hears of %v: %v", l.a.name, l.c.Remote(), err)
		}
		l.end()
		return false
	}
	return true
}

// Writable implements loop.Handler.
func (a *actor) Writable(c loop.Conn) { c.Context().(*line).say(nil) }

// Closed implements loop.Handler.
func (a *actor) Closed(c loop.Conn, _ error) {
	l := c.Context().(*line)
	l.gone = true
	for i, o := range a.open {
		if o == l {
			a.open = append(a.open[:i], a.open[i+1:]...)
			return
		}
	}
}

// Tick implements loop.Handler: it dials whom it is not connected to.
func (a *actor) Tick() {
	if len(a.open)+a.dialing < a.lines && a.r.IntN(10) == 0 {
		if to := a.s.clients[a.r.IntN(len(a.s.clients))]; to.engine != nil && !to.stopped {
			a.dialing++
			a.loop.Dial(netip.AddrPortFrom(to.machine.Addr(), to.engine.Port()), 5*time.Second, a)
		}
	}
	for i := 0; i < len(a.open); i++ {
		if l := a.open[i]; a.tick != nil && !l.gone {
			l.ticks++
			a.tick(l)
		}
	}
}

// say sends b behind what waits already. What an actor wants to say is not
// bounded by the engine; it is here, so that the world does not fill up.
func (l *line) say(b []byte) {
	if l.gone {
		return
	}
	l.out = append(l.out, b...)
	n, err := l.c.Writev([][]byte{l.out}, false)
	l.out = l.out[:copy(l.out, l.out[n:])]
	if err != nil && err != loop.ErrAgain {
		l.end()
	}
}

// busy tells whether the actor waits for the engine to read.
func (l *line) busy() bool { return len(l.out) > 256<<10 }

// end hangs up.
func (l *line) end() {
	if !l.gone {
		l.gone = true
		l.c.Close(errEnough)
	}
}

// later does something on the connection after a while, if it is still there.
func (l *line) later(d time.Duration, f func()) {
	l.pending++
	l.a.s.w.After(d, func() {
		l.a.loop.Post(func() {
			l.pending--
			if !l.gone {
				f()
			}
		})
	})
}

// answer sends a block that was asked for; spoil changes a byte of it.
func (l *line) answer(r wire.Request, spoil bool) {
	if !l.asked[r] {
		return // it was cancelled
	}
	delete(l.asked, r)
	l.say(l.piece(r, spoil))
}

// piece is the message that carries a block.
func (l *line) piece(r wire.Request, spoil bool) []byte {
	b := wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length)
	head := len(b)
	b = append(b, make([]byte, r.Length)...)
	l.a.s.read(r, b[head:])
	if spoil {
		b[head+l.a.r.IntN(int(r.Length))] ^= 1 + byte(l.a.r.IntN(255))
	}
	return b
}

// read reads the true content of a block.
func (s *swarm) read(r wire.Request, dst []byte) {
	_, _ = s.content.ReadAt(dst, int64(r.Index)*s.content.Meta().Info.PieceLength+int64(r.Begin))
}

// at finds the client with an address.
func (s *swarm) at(addr netip.Addr) *client {
	for _, c := range s.clients {
		if c.machine.Addr() == addr {
			return c
		}
	}
	return nil
}

// matches tells whether data is the content of a block.
func (s *swarm) matches(r wire.Request, data []byte) bool {
	want := make([]byte, len(data))
	s.read(r, want)
	return bytes.Equal(data, want)
}
