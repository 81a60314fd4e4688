package sim

import (
	"net/netip"
	"testing"
	"time"

	"spate/reactor/loop"
)

// at is an address of a host.
func at(h *Host, port uint16) netip.AddrPort { return netip.AddrPortFrom(h.Addr(), port) }

// probe is a handler that keeps what happens and does what a test wants. By
// default it reads everything.
type probe struct {
	loop     loop.Loop
	conns    []loop.Conn
	reasons  []error
	failed   []error
	got      []byte
	at       []time.Duration // of each Readable
	writable int
	ticks    []time.Duration

	onClosed           func()
	onOpen, onWritable func(c loop.Conn)
	onRead             func(c loop.Conn, data []byte)
}

func (p *probe) Opened(c loop.Conn) {
	p.conns = append(p.conns, c)
	if p.onOpen != nil {
		p.onOpen(c)
	}
}

func (p *probe) Readable(c loop.Conn, data []byte) {
	p.at = append(p.at, p.loop.Now())
	if p.onRead != nil {
		p.onRead(c, data)
		return
	}
	p.got = append(p.got, data...)
	var rest [64 << 10]byte
	n, _ := c.Readv([][]byte{rest[:]})
	p.got = append(p.got, rest[:n]...)
}

func (p *probe) Writable(c loop.Conn) {
	p.writable++
	if p.onWritable != nil {
		p.onWritable(c)
	}
}

func (p *probe) DialFailed(_ any, err error) { p.failed = append(p.failed, err) }

func (p *probe) Closed(_ loop.Conn, reason error) {
	p.reasons = append(p.reasons, reason)
	if p.onClosed != nil {
		p.onClosed()
	}
}

func (p *probe) Tick() { p.ticks = append(p.ticks, p.loop.Now()) }

// start starts a host with n loops, all of which listen on one port.
func start(t *testing.T, h *Host, n int) []*probe {
	t.Helper()
	var all []*probe
	if err := h.Start(n, func(l loop.Loop) loop.Handler {
		p := &probe{loop: l}
		all = append(all, p)
		return p
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Listen(":1"); err != nil {
		t.Fatal(err)
	}
	return all
}

// pair is a world of two hosts with a connection between them.
type pair struct {
	w    *World
	a, b *Host
	near *probe // dialed
	far  *probe // accepted
}

func newPair(t *testing.T, cfg Config, a, b HostConfig) *pair {
	t.Helper()
	w := New(cfg)
	p := &pair{w: w, a: w.Host(a), b: w.Host(b)}
	p.near, p.far = start(t, p.a, 1)[0], start(t, p.b, 1)[0]
	p.do(func() { p.near.loop.Dial(at(p.b, 1), time.Minute, nil) })
	p.until(t, func() bool { return len(p.near.conns) == 1 && len(p.far.conns) == 1 })
	return p
}

// do runs f on the dialing loop, now.
func (p *pair) do(f func()) { on(p.w, p.near, f) }

// on runs f on a probe's loop.
func on(w *World, p *probe, f func()) {
	done := false
	p.loop.Post(func() { f(); done = true })
	w.RunUntil(func() bool { return done }, time.Second)
}

// until runs the world until cond.
func (p *pair) until(t *testing.T, cond func() bool) {
	t.Helper()
	if !p.w.RunUntil(cond, time.Hour) {
		t.Fatal("it never happened")
	}
}
