package sim_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/sim"
)

// badSeed is a seed by hand at an address of its own: it lets everybody ask, and
// answers each request in its manner.
type badSeed struct {
	s       *swarm
	host    *sim.Host
	loop    loop.Loop
	manners manners
	asked   int // requests
	given   int // blocks
	lied    int // of them, wrong ones
}

// badLine is one connection of a bad seed.
type badLine struct {
	inbox
	conn loop.Conn
	out  []byte
}

// misbehave adds a bad seed with these manners on a line.
func (s *swarm) misbehave(host sim.HostConfig, manners manners) *badSeed {
	s.t.Helper()
	a := &badSeed{s: s, host: s.w.Host(host), manners: manners}
	if err := a.host.Start(1, func(l loop.Loop) loop.Handler { a.loop = l; return a }); err != nil {
		s.t.Fatal(err)
	}
	if _, err := a.host.Listen(":6881"); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// meets tells a client of bad seeds.
func (c *client) meets(all ...*badSeed) {
	for _, a := range all {
		c.engine.AddPeers(c.torrent, netip.AddrPortFrom(a.host.Addr(), 6881))
	}
}

func (a *badSeed) Opened(c loop.Conn) {
	l := &badLine{conn: c}
	c.SetContext(l)
	hs := wire.Handshake{InfoHash: a.s.content.Meta().InfoHash, PeerID: [20]byte(append(a.host.Addr().AsSlice(), make([]byte, 16)...))}
	hs.SetFast()
	a.say(l, wire.AppendUnchoke(wire.AppendHaveAll(wire.AppendHandshake(nil, hs))))
}

func (a *badSeed) say(l *badLine, b []byte) {
	l.out = append(l.out, b...)
	a.Writable(l.conn)
}

func (a *badSeed) Writable(c loop.Conn) {
	l := c.Context().(*badLine)
	for l.conn != nil && len(l.out) > 0 {
		n, err := c.Writev([][]byte{l.out}, false)
		if err != nil {
			return
		}
		l.out = l.out[n:]
	}
}

func (a *badSeed) Readable(c loop.Conn, data []byte) {
	l := c.Context().(*badLine)
	l.take(c, data, func(id wire.ID, payload []byte) {
		if id == wire.MsgRequest && len(payload) == 12 {
			a.asked++
			a.manners(a, l, wire.Request{
				Index:  binary.BigEndian.Uint32(payload),
				Begin:  binary.BigEndian.Uint32(payload[4:]),
				Length: binary.BigEndian.Uint32(payload[8:]),
			})
		}
	})
}

func (a *badSeed) DialFailed(any, error)       {}
func (a *badSeed) Closed(c loop.Conn, _ error) { c.Context().(*badLine).conn = nil }
func (a *badSeed) Tick()                       {}
func (a *badSeed) block(q wire.Request) []byte {
	b := wire.AppendPieceHeader(nil, q.Index, q.Begin, q.Length)
	at := len(b)
	b = append(b, make([]byte, q.Length)...)
	_, _ = a.s.content.ReadAt(b[at:], int64(q.Index)*a.s.content.Meta().Info.PieceLength+int64(q.Begin))
	return b
}

// give answers with the right block.
func (a *badSeed) give(l *badLine, q wire.Request) {
	a.given++
	a.say(l, a.block(q))
}

// lie answers with a wrong one.
func (a *badSeed) lie(l *badLine, q wire.Request) {
	a.given++
	a.lied++
	b := a.block(q)
	b[len(b)-1] ^= 1
	a.say(l, b)
}

// liesOnceIn lies once in n blocks, from the first on.
func liesOnceIn(n int) manners {
	return func(a *badSeed, l *badLine, q wire.Request) {
		if a.given%n == 0 {
			a.lie(l, q)
		} else {
			a.give(l, q)
		}
	}
}

// rated is a line of so many bytes a second.
func rated(rate int64) sim.HostConfig {
	return sim.HostConfig{Up: rate, Down: rate, Latency: 10 * time.Millisecond}
}

// manners is what a bad seed does with a request.
type manners = func(*badSeed, *badLine, wire.Request)

// beside is a swarm of one honest seed at 1 MiB/s, one leecher, and a bad seed as
// fast for each of the manners. It runs until the leecher is complete, and returns
// when that was.
func beside(t *testing.T, seed uint64, content *sim.Content, leecher role, parts ...manners) (*swarm, []*badSeed, time.Duration) {
	t.Helper()
	s := gather(t, sim.Config{Seed: seed}, content, crowd(1, role{host: rated(1 << 20), store: disk}, leecher)...)
	var all []*badSeed
	for _, p := range parts {
		all = append(all, s.misbehave(rated(1<<20), p))
	}
	s.w.RunFor(time.Millisecond)
	s.clients[1].meets(all...)
	s.finish(time.Hour, s.clients...)
	return s, all, s.w.Now()
}
