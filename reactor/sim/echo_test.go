package sim

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"spate/reactor/loop"
)

// echo is a handler that sends back what it gets, holding at most one read's
// worth; a dialer of it sends a number of bytes drawn from its seed and checks
// what returns.
type echo struct {
	loop    loop.Loop
	peers   map[loop.Conn]*echoPeer // looked up only
	ticks   int
	failed  []error
	reasons []error
	total   int64 // bytes that came back right
	wrong   bool
}

type echoPeer struct {
	sendRand, checkRand *rand.Rand // dialer: what is still to be sent, and to be checked
	left                int        // dialer: bytes to send
	pending             []byte     // acceptor: to be sent back
	await               int
}

func (e *echo) Opened(c loop.Conn) {
	p := &echoPeer{}
	if n, ok := c.Context().(int); ok {
		p.left, p.await = n, n
		p.sendRand = rand.New(rand.NewPCG(uint64(n), 1))
		p.checkRand = rand.New(rand.NewPCG(uint64(n), 1))
	}
	e.peers[c] = p
	e.push(c, p)
}

// push writes what there is to write.
func (e *echo) push(c loop.Conn, p *echoPeer) {
	for p.left > 0 || len(p.pending) > 0 {
		if len(p.pending) == 0 {
			n := min(p.left, 10000)
			p.left -= n
			for range n {
				p.pending = append(p.pending, byte(p.sendRand.Uint32()))
			}
		}
		half := len(p.pending) / 2
		n, err := c.Writev([][]byte{p.pending[:half], p.pending[half:]}, false)
		p.pending = p.pending[n:]
		if err != nil && !errors.Is(err, loop.ErrAgain) {
			c.Close(err)
			return
		}
		if n == 0 || err != nil {
			return
		}
	}
}

func (e *echo) Readable(c loop.Conn, data []byte) {
	p := e.peers[c]
	e.take(c, p, data)
	var a, b [700]byte
	n, err := c.Readv([][]byte{a[:], b[:]})
	e.take(c, p, append(append([]byte(nil), a[:min(n, 700)]...), b[:max(0, n-700)]...))
	if err != nil && err != loop.ErrAgain {
		c.Close(err)
		return
	}
	if p.checkRand == nil {
		e.push(c, p)
		return
	}
	if p.await == 0 {
		c.Close(io.EOF)
	}
}

func (e *echo) take(_ loop.Conn, p *echoPeer, data []byte) {
	if p.checkRand == nil {
		p.pending = append(p.pending, data...)
		return
	}
	for _, b := range data {
		if b != byte(p.checkRand.Uint32()) {
			e.wrong = true
		}
	}
	p.await -= len(data)
	e.total += int64(len(data))
}

func (e *echo) Writable(c loop.Conn) { e.push(c, e.peers[c]) }
func (e *echo) Tick()                { e.ticks++ }
func (e *echo) DialFailed(_ any, err error) {
	e.failed = append(e.failed, err)
}
func (e *echo) Closed(c loop.Conn, reason error) {
	e.reasons = append(e.reasons, reason)
	delete(e.peers, c)
}

// echoWorld makes n hosts of which each dials each, and sends size bytes there
// and back. It returns the handlers.
func echoWorld(tb testing.TB, cfg Config, host HostConfig, n, size int) (*World, []*echo) {
	tb.Helper()
	w := New(cfg)
	var all []*echo
	var hosts []*Host
	for range n {
		h := w.Host(host)
		e := &echo{peers: map[loop.Conn]*echoPeer{}}
		if err := h.Start(1, func(l loop.Loop) loop.Handler { e.loop = l; return e }); err != nil {
			tb.Fatal(err)
		}
		if _, err := h.Listen(":6881"); err != nil {
			tb.Fatal(err)
		}
		all, hosts = append(all, e), append(hosts, h)
	}
	for i, e := range all {
		e.loop.Post(func() {
			for j, h := range hosts {
				if i != j {
					e.loop.Dial(at(h, 6881), time.Minute, size+i+j)
				}
			}
		})
	}
	return w, all
}

// runEcho runs an echo world to its end.
func runEcho(tb testing.TB, cfg Config, host HostConfig, n, size int) *World {
	tb.Helper()
	w, all := echoWorld(tb, cfg, host, n, size)
	closed := func() bool {
		for _, e := range all {
			if len(e.reasons) < 2*(n-1) {
				return false
			}
		}
		return true
	}
	if !w.RunUntil(closed, time.Hour) {
		tb.Fatal("not all connections have come to their end")
	}
	for i, e := range all {
		want := int64(0)
		for j := range n {
			if i != j {
				want += int64(size + i + j)
			}
		}
		if e.wrong || e.total != want || len(e.failed) > 0 {
			tb.Fatalf("host %d: %d bytes came back, want %d; wrong: %v; failed dials: %v", i, e.total, want, e.wrong, e.failed)
		}
		for _, r := range e.reasons {
			if r != io.EOF {
				tb.Fatalf("a connection of host %d closed with %v", i, r)
			}
		}
	}
	return w
}

func TestEcho(t *testing.T) {
	check := func(cfg Config, host HostConfig) {
		t.Helper()
		for seed := range uint64(10) {
			cfg.Seed = seed
			a := runEcho(t, cfg, host, 4, 60_000)
			b := runEcho(t, cfg, host, 4, 60_000)
			if a.Log().Sum() != b.Log().Sum() || a.Log().Lines() != b.Log().Lines() {
				t.Fatalf("two runs of seed %d differ", seed)
			}
			cfg.Seed += 1000
			if c := runEcho(t, cfg, host, 4, 60_000); c.Log().Sum() == a.Log().Sum() {
				t.Fatalf("seed %d does not matter", seed)
			}
		}
	}
	line := HostConfig{Up: 1 << 20, Down: 2 << 20, Latency: 20 * time.Millisecond}
	check(Config{}, HostConfig{})
	check(Config{Jitter: 5 * time.Millisecond}, line)
	check(Config{Faults: Faults{ShortWrite: 2, EmptyRead: 2}}, line)
	check(Config{SendBuffer: 3000, Window: 2000}, line)
}

func BenchmarkEcho10(b *testing.B) {
	line := HostConfig{Up: 10 << 20, Down: 10 << 20, Latency: 20 * time.Millisecond}
	b.ReportAllocs()
	events, bytes := uint64(0), uint64(0)
	for i := range b.N {
		w := runEcho(b, Config{Seed: uint64(i)}, line, 10, 200_000)
		events += w.Events()
		bytes += w.Bytes()
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/b.Elapsed().Seconds()/1e6, "MB/s")
}
