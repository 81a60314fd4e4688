package sim

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/reactor/loop"
)

func TestDial(t *testing.T) {
	check := func(what string, cfg Config, host HostConfig, timeout, after time.Duration, want error, prepare func(a, b *Host)) {
		t.Helper()
		w := New(cfg)
		a, b := w.Host(host), w.Host(HostConfig{Latency: 30 * time.Millisecond})
		p := start(t, a, 1)[0]
		start(t, b, 1)
		if prepare != nil {
			prepare(a, b)
		}
		on(w, p, func() { p.loop.Dial(at(b, 1), timeout, nil) })
		began := w.Now()
		w.RunUntil(func() bool { return len(p.failed)+len(p.conns) > 0 }, time.Hour)
		if want == nil && len(p.conns) != 1 || want != nil && (len(p.failed) != 1 || !errors.Is(p.failed[0], want)) {
			t.Errorf("%s: %d connections, failures %v", what, len(p.conns), p.failed)
		}
		if took := w.Now() - began; took != after {
			t.Errorf("%s: took %v, want %v", what, took, after)
		}
	}
	near := HostConfig{Latency: 20 * time.Millisecond}
	const trip = 100 * time.Millisecond
	check("open", Config{}, near, time.Second, trip, nil, nil)
	check("slow", Config{}, near, trip/2, trip/2, os.ErrDeadlineExceeded, nil)
	check("no listener", Config{}, near, time.Second, trip, errRefused, func(_, b *Host) { b.StopListening() })
	check("late refusal", Config{}, near, trip*3/4, trip*3/4, os.ErrDeadlineExceeded, func(_, b *Host) { b.StopListening() })
	check("stopped", Config{}, near, time.Second, trip, errRefused, func(_, b *Host) { _ = b.Stop() })
	check("not running", Config{}, near, time.Second, trip, errRefused, func(_, b *Host) {
		_ = b.Stop()
		_, _ = b.Listen(":1")
	})
	check("cut off", Config{}, near, time.Second, time.Second, os.ErrDeadlineExceeded, func(_, b *Host) { b.Cut(true) })
	check("offline", Config{}, near, time.Second, time.Second, os.ErrDeadlineExceeded, func(a, _ *Host) { a.Cut(true) })
	check("no time-out", Config{}, near, 0, systemDialTimeout, os.ErrDeadlineExceeded, func(a, _ *Host) { a.Cut(true) })
	check("refused", Config{Faults: Faults{Refuse: 1}}, near, time.Second, trip, errRefused, nil)
	check("lost", Config{Faults: Faults{Lose: 1}}, near, time.Second, time.Second, os.ErrDeadlineExceeded, nil)
	check("apart", Config{}, near, time.Second, trip/2, nil, func(a, b *Host) { a.w.SetLatency(b, a, trip/4) })
}

// TestMaxConns: one connection past the limit is refused at either side.
func TestMaxConns(t *testing.T) {
	w := New(Config{})
	a, b := w.Host(HostConfig{MaxConns: 3}), w.Host(HostConfig{MaxConns: 3})
	c := w.Host(HostConfig{})
	pa, pc := start(t, a, 1)[0], start(t, c, 1)[0]
	start(t, b, 1)
	on(w, pa, func() {
		for range 4 {
			pa.loop.Dial(at(b, 1), time.Second, nil)
		}
	})
	w.RunFor(time.Second)
	if len(pa.conns) != 3 || len(pa.failed) != 1 || pa.failed[0] != loop.ErrLimit {
		t.Errorf("%d connections, failures %v", len(pa.conns), pa.failed)
	}
	on(w, pc, func() { pc.loop.Dial(at(b, 1), time.Second, nil) })
	w.RunFor(time.Second)
	if len(pc.failed) != 1 || b.Conns() != 3 {
		t.Errorf("accepted %d connections, failures %v", b.Conns(), pc.failed)
	}
}

// TestDelay: a byte takes the latency and its time on both lines.
func TestDelay(t *testing.T) {
	check := func(a, b HostConfig, n int, want time.Duration) {
		t.Helper()
		p := newPair(t, Config{Segment: Span{1000, 1000}}, a, b)
		began := p.w.Now()
		p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, n)}, false) })
		p.until(t, func() bool { return len(p.far.got) == n })
		if took := p.w.Now() - began; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
	}
	far := HostConfig{Latency: 50 * time.Millisecond}
	check(HostConfig{}, HostConfig{}, 1000, 0)
	check(far, far, 1000, 100*time.Millisecond)
	slow := HostConfig{Up: 1000, Down: 500}
	check(slow, far, 1000, time.Second+50*time.Millisecond)
	check(far, slow, 1000, 2*time.Second+50*time.Millisecond)
	check(far, slow, 5000, 10*time.Second+50*time.Millisecond)
	check(slow, slow, 5000, 11*time.Second)
	check(HostConfig{Up: 3e9}, HostConfig{}, 9000, 3*time.Microsecond) // thirds of nanoseconds add up
}

// TestFairShare: connections share a line evenly, whichever end it is at, and
// use what others leave.
func TestFairShare(t *testing.T) {
	check := func(center, others HostConfig, up bool, want int) {
		t.Helper()
		w := New(Config{Seed: 4})
		c := w.Host(center)
		pc := start(t, c, 1)[0]
		got := map[loop.Conn]*int{}
		fill := func(conn loop.Conn) { _, _ = conn.Writev([][]byte{make([]byte, 1<<20)}, false) }
		reader := func(p *probe) {
			p.onOpen = func(conn loop.Conn) { got[conn] = new(int) }
			p.onRead = func(conn loop.Conn, data []byte) {
				n, _ := conn.Readv([][]byte{make([]byte, 64<<10)})
				*got[conn] += len(data) + n
			}
		}
		writer := func(p *probe) { p.onOpen, p.onWritable = fill, fill }
		if up {
			writer(pc)
		} else {
			reader(pc)
		}
		for range 4 {
			p := start(t, w.Host(others), 1)[0]
			if up {
				reader(p)
			} else {
				writer(p)
			}
			on(w, p, func() { p.loop.Dial(at(c, 1), time.Second, nil) })
		}
		w.RunFor(20 * time.Second)
		if len(got) != 4 {
			t.Fatalf("%d connections", len(got))
		}
		for _, n := range got {
			if *n < want*19/20 || *n > want*21/20 {
				t.Errorf("a connection got %d bytes, want about %d", *n, want)
			}
		}
	}
	line := HostConfig{Up: 1_000_000, Down: 1_000_000}
	check(line, HostConfig{}, true, 20*250_000)
	check(line, HostConfig{}, false, 20*250_000)
	check(line, HostConfig{Up: 100_000, Down: 100_000}, true, 20*100_000)
	check(line, HostConfig{Up: 100_000, Down: 100_000}, false, 20*100_000)
}

// TestBounds: without a reader a writer gets rid of the send buffer's and the
// window's size, and Writable comes once there is room.
func TestBounds(t *testing.T) {
	p := newPair(t, Config{SendBuffer: 10_000, Window: 7_000}, HostConfig{}, HostConfig{})
	sent, most := 0, 50_000
	write := func(loop.Conn) {
		for sent < most {
			n, err := p.near.conns[0].Writev([][]byte{make([]byte, 100), make([]byte, 900)}, false)
			sent += n
			if err == loop.ErrAgain && n > 0 || err == nil && n == 0 || err != nil && err != loop.ErrAgain {
				t.Errorf("Writev gave %d, %v", n, err)
			}
			if n < 1000 {
				return
			}
		}
	}
	p.near.onWritable = write
	p.b.Deafen(true)
	p.do(func() { write(nil) })
	p.w.RunFor(time.Minute)
	if sent != 17_000 || len(p.far.got) != 0 {
		t.Errorf("%d bytes were taken while nobody read, want 17000", sent)
	}
	p.b.Deafen(false)
	p.w.RunFor(time.Minute)
	if sent != most || len(p.far.got) != most {
		t.Errorf("%d bytes were taken, %d arrived", sent, len(p.far.got))
	}
}

// TestLowWater: fewer bytes than asked for are not announced, the end is.
func TestLowWater(t *testing.T) {
	p := newPair(t, Config{Segment: Span{10, 10}}, HostConfig{}, HostConfig{})
	on(p.w, p.far, func() { p.far.conns[0].SetReadLowWater(100) })
	write := func(n int) {
		p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, n)}, false) })
		p.w.RunFor(time.Second)
	}
	check := func(want int) {
		t.Helper()
		if len(p.far.got) != want {
			t.Errorf("%d bytes were read, want %d", len(p.far.got), want)
		}
	}
	write(99)
	check(0)
	write(1)
	check(100)
	write(60)
	check(100)
	on(p.w, p.far, func() { p.far.conns[0].SetReadLowWater(50) })
	p.w.RunFor(time.Second)
	check(160)
	write(49)
	p.do(func() { p.near.conns[0].Close(io.EOF) })
	p.w.RunFor(time.Second)
	check(209)
	if !slices.Equal(p.far.reasons, []error{io.EOF}) {
		t.Errorf("closed with %v", p.far.reasons)
	}
}

// TestLowWaterLimits: a mark above half of the window is taken for that, and a
// mark that is set while bytes are read holds back the rest.
func TestLowWaterLimits(t *testing.T) {
	p := newPair(t, Config{Window: 1000}, HostConfig{}, HostConfig{})
	on(p.w, p.far, func() { p.far.conns[0].SetReadLowWater(1 << 30) })
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, 5000)}, false) })
	p.w.RunFor(time.Second)
	if n := len(p.far.got); n < 4500 {
		t.Errorf("%d of 5000 bytes were read", n)
	}

	p = newPair(t, Config{Segment: Span{100, 100}, FirstRead: Span{10, 10}}, HostConfig{}, HostConfig{})
	p.far.onRead = func(c loop.Conn, data []byte) {
		p.far.got = append(p.far.got, data...)
		c.SetReadLowWater(95)
	}
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, 100)}, false) })
	p.w.RunFor(time.Second)
	if n := len(p.far.got); n != 10 {
		t.Errorf("%d bytes were read, want 10", n)
	}
}

// TestCrumbs: a reader that takes a byte at a time is not sent a byte at a time,
// and one that is called without data is called again with it.
func TestCrumbs(t *testing.T) {
	var text strings.Builder
	cfg := Config{Window: 4000, Segment: Span{64 << 10, 64 << 10}, FirstRead: Span{1, 1}, Trace: &text,
		Faults: Faults{EmptyRead: 1}}
	p := newPair(t, cfg, HostConfig{}, HostConfig{})
	p.far.onRead = func(_ loop.Conn, data []byte) { p.far.got = append(p.far.got, data...) }
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, 40_000)}, false) })
	p.w.RunFor(time.Second)
	if n := strings.Count(text.String(), " segment "); n > 60 || len(p.far.got) != 40_000 {
		t.Errorf("%d bytes came in %d segments", len(p.far.got), n)
	}
}

// TestEnd: the end of a stream shows in a Readable without data at times, at
// times in Closed alone.
func TestEnd(t *testing.T) {
	told := 0
	for seed := range uint64(40) {
		p := newPair(t, Config{Seed: seed}, HostConfig{}, HostConfig{})
		p.do(func() { p.near.conns[0].Close(io.EOF) })
		p.w.RunFor(time.Second)
		if !slices.Equal(p.far.reasons, []error{io.EOF}) {
			t.Fatalf("closed with %v", p.far.reasons)
		}
		told += len(p.far.at)
	}
	if told == 0 || told == 40 {
		t.Errorf("Readable told of %d of 40 ends", told)
	}
}

// TestClose: what was written before the end arrives; unread bytes make the
// end a reset.
func TestClose(t *testing.T) {
	mine := errors.New("mine")
	check := func(what string, far error, act func(p *pair)) {
		t.Helper()
		for seed := range uint64(20) {
			cfg := Config{Seed: seed, Segment: Span{4000, 5000}, FirstRead: Span{1, 3999}}
			p := newPair(t, cfg, HostConfig{Latency: time.Millisecond}, HostConfig{})
			act(p)
			p.w.RunFor(time.Minute)
			if !slices.Equal(p.near.reasons, []error{mine}) || !slices.Equal(p.far.reasons, []error{far}) {
				t.Fatalf("%s: closed with %v and %v", what, p.near.reasons, p.far.reasons)
			}
			if far == io.EOF && len(p.far.got) != 20_000 {
				t.Fatalf("%s: %d bytes arrived", what, len(p.far.got))
			}
			if p.a.Conns()+p.b.Conns() != 0 {
				t.Fatalf("%s: connections are left", what)
			}
		}
	}
	write := func(p *pair) { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, 20_000)}, false) }
	check("after a write", io.EOF, func(p *pair) {
		p.do(func() {
			write(p)
			p.near.conns[0].Close(mine)
			p.near.conns[0].Close(errors.New("too late"))
			if n, err := p.near.conns[0].Writev([][]byte{{1}}, false); n != 0 || err != loop.ErrClosed {
				t.Errorf("Writev after Close gave %d, %v", n, err)
			}
		})
	})
	check("with all bytes there", errReset, func(p *pair) {
		p.near.onRead = func(c loop.Conn, _ []byte) { c.Close(mine) }
		p.a.Deafen(true)
		on(p.w, p.far, func() { _, _ = p.far.conns[0].Writev([][]byte{make([]byte, 4_000)}, false) })
		p.w.RunFor(time.Second)
		p.a.Deafen(false)
	})
	check("with bytes on their way", errReset, func(p *pair) {
		p.b.Deafen(true) // or it would notice the end first
		on(p.w, p.far, func() { _, _ = p.far.conns[0].Writev([][]byte{make([]byte, 4_000)}, false) })
		p.do(func() { p.near.conns[0].Close(mine) })
	})
	check("with unread bytes", errReset, func(p *pair) {
		p.near.onRead = func(c loop.Conn, _ []byte) { c.Close(mine) }
		on(p.w, p.far, func() { _, _ = p.far.conns[0].Writev([][]byte{make([]byte, 20_000)}, false) })
	})
}

// TestReset: a connection that is broken from outside ends at both sides.
func TestReset(t *testing.T) {
	p := newPair(t, Config{Faults: Faults{Reset: 1}}, HostConfig{}, HostConfig{})
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{{1}}, false) })
	p.w.RunFor(time.Second)
	if !slices.Equal(p.near.reasons, []error{errReset}) || !slices.Equal(p.far.reasons, []error{errReset}) {
		t.Errorf("closed with %v and %v", p.near.reasons, p.far.reasons)
	}
}

// TestCorrupt: one byte of each segment is another than was sent.
func TestCorrupt(t *testing.T) {
	p := newPair(t, Config{Segment: Span{100, 100}, Faults: Faults{Corrupt: 1}}, HostConfig{}, HostConfig{})
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, 50_000)}, false) })
	p.w.RunFor(time.Second)
	wrong := 0
	for _, b := range p.far.got {
		if b != 0 {
			wrong++
		}
	}
	if len(p.far.got) != 50_000 || wrong != 500 {
		t.Errorf("%d of %d bytes are wrong", wrong, len(p.far.got))
	}
}

// TestCut: a host that is cut off neither sends nor receives nor is missed, and
// goes on where it was.
func TestCut(t *testing.T) {
	p := newPair(t, Config{}, HostConfig{}, HostConfig{Down: 1 << 20})
	p.b.Cut(true)
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{make([]byte, 100_000)}, false) })
	p.w.RunFor(time.Hour)
	if len(p.far.got) != 0 || len(p.near.reasons) != 0 {
		t.Errorf("%d bytes came through, closed with %v", len(p.far.got), p.near.reasons)
	}
	p.b.Cut(false)
	p.w.RunFor(time.Second)
	if len(p.far.got) != 100_000 {
		t.Errorf("%d bytes came through afterwards", len(p.far.got))
	}
	p.b.Cut(true)
	if err := p.b.Stop(); err != nil {
		t.Fatal(err)
	}
	p.w.RunFor(time.Hour)
	if len(p.near.reasons) != 0 || !slices.Equal(p.far.reasons, []error{loop.ErrClosed}) {
		t.Errorf("vanished: closed with %v and %v", p.near.reasons, p.far.reasons)
	}
}
