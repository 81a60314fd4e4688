package sim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/reactor/loop"
)

// TestMisuse: what package loop forbids panics.
func TestMisuse(t *testing.T) {
	calls := map[string]func(c loop.Conn){
		"Readv":           func(c loop.Conn) { _, _ = c.Readv([][]byte{{0}}) },
		"Writev":          func(c loop.Conn) { _, _ = c.Writev([][]byte{{0}}, false) },
		"SendFile":        func(c loop.Conn) { _, _ = c.SendFile(memFile{bytes.NewReader([]byte{1})}, 0, 1, true) },
		"Cork":            func(c loop.Conn) { c.Cork(true) },
		"SetReadLowWater": func(c loop.Conn) { c.SetReadLowWater(1) },
		"Close":           func(c loop.Conn) { c.Close(nil) },
	}
	for name, call := range calls {
		p := newPair(t, Config{}, HostConfig{}, HostConfig{})
		c := p.near.conns[0]
		mustPanic(t, name+" outside of the loop", func() { call(c) })
		p.do(func() { c.Close(errors.New("end")) })
		p.w.RunFor(time.Second)
		mustPanic(t, name+" after Closed", func() { p.do(func() { call(c) }) })
	}
	p := newPair(t, Config{}, HostConfig{}, HostConfig{})
	mustPanic(t, "Dial outside of the loop", func() { p.near.loop.Dial(at(p.b, 1), 0, nil) })
	mustPanic(t, "Stop inside a handler", func() { p.do(func() { _ = p.a.Stop() }) })
	p = newPair(t, Config{}, HostConfig{}, HostConfig{})
	mustPanic(t, "a connection on another loop", func() {
		on(p.w, p.far, func() { _, _ = p.near.conns[0].Readv(nil) })
	})
}

// TestPoison: what Readable hands out is gone when it returns.
func TestPoison(t *testing.T) {
	p := newPair(t, Config{}, HostConfig{}, HostConfig{})
	var kept []byte
	p.far.onRead = func(_ loop.Conn, data []byte) { kept = data }
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{[]byte("abc")}, false) })
	p.w.RunFor(time.Second)
	if len(kept) == 0 || kept[0] != poison {
		t.Errorf("kept %q", kept)
	}
}

func TestRecoverPanics(t *testing.T) {
	p := newPair(t, Config{RecoverPanics: true}, HostConfig{}, HostConfig{})
	p.far.onRead = func(loop.Conn, []byte) { panic("bug") }
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{{1}}, false) })
	p.w.RunFor(time.Second)
	if !slices.Equal(p.far.reasons, []error{loop.ErrPanic}) || len(p.near.reasons) != 1 {
		t.Errorf("closed with %v and %v", p.far.reasons, p.near.reasons)
	}
}

// TestMove: a moved connection goes on at the other loop, or is lost there.
func TestMove(t *testing.T) {
	check := func(cfg Config, want error) {
		t.Helper()
		w := New(cfg)
		a, b := w.Host(HostConfig{}), w.Host(HostConfig{})
		near := start(t, a, 1)[0]
		far := start(t, b, 2)
		far[0].onOpen = func(c loop.Conn) {
			if err := c.Move(far[1].loop, "luggage"); err != nil {
				t.Error(err)
			}
			mustPanic(t, "use after Move", func() { _, _ = c.Readv(nil) })
		}
		near.onOpen = func(c loop.Conn) { _, _ = c.Writev([][]byte{[]byte("hello")}, false) }
		on(w, near, func() { near.loop.Dial(at(b, 1), time.Second, nil) })
		w.RunFor(time.Second)
		on(w, far[1], func() {
			mustPanic(t, "use after Move on the other loop", func() { _, _ = far[0].conns[0].Readv(nil) })
		})
		if want != nil {
			if len(far[1].conns) != 0 || !slices.Equal(far[1].failed, []error{want}) || len(near.reasons) != 1 || b.Conns() != 0 {
				t.Errorf("the move failed with %v, the peer's end with %v", far[1].failed, near.reasons)
			}
			return
		}
		if len(far[1].conns) != 1 || string(far[1].got) != "hello" {
			t.Fatalf("%d connections, %q was read", len(far[1].conns), far[1].got)
		}
		c := far[1].conns[0]
		if c.Context() != "luggage" || !c.Inbound() || len(far[0].reasons) != 0 {
			t.Errorf("context %v, inbound %v, closed %v", c.Context(), c.Inbound(), far[0].reasons)
		}
		on(w, near, func() {
			if near.conns[0].Move(far[0].loop, nil) == nil {
				t.Error("a connection moved to another network")
			}
		})
	}
	check(Config{}, nil)
	check(Config{Faults: Faults{MoveFails: 1}}, ErrMove)
	check(Config{Faults: Faults{Trips: []*Trip{{Op: OpMove, N: 1}}}}, ErrMove)
}

// TestStop: every connection and dial ends, what was posted runs, nothing
// comes afterwards.
func TestStop(t *testing.T) {
	p := newPair(t, Config{}, HostConfig{}, HostConfig{})
	ran := 0
	p.near.loop.Post(func() {
		ran++
		p.near.loop.Dial(at(p.b, 1), time.Hour, nil)
		p.near.loop.Post(func() { ran++ })
	})
	p.near.onClosed = func() { p.near.loop.Dial(at(p.b, 1), time.Second, nil) }
	if err := p.a.Stop(); err != nil {
		t.Fatal(err)
	}
	if ran != 2 || !slices.Equal(p.near.reasons, []error{loop.ErrClosed}) {
		t.Errorf("%d posts ran, closed with %v", ran, p.near.reasons)
	}
	if p.near.loop.Post(func() { ran++ }) {
		t.Error("a stopped loop takes functions")
	}
	ticks := len(p.near.ticks)
	p.w.RunFor(time.Minute)
	if ran != 2 || len(p.near.ticks) != ticks || len(p.far.reasons) != 1 || len(p.near.conns) != 1 {
		t.Error("a stopped network goes on")
	}
	if len(p.near.failed) != 1 {
		t.Errorf("failures %v, want one for the dial before the end", p.near.failed)
	}
	if err := p.a.Stop(); err != nil {
		t.Error(err)
	}
	if start(t, p.a, 2); len(p.a.Loops()) != 2 {
		t.Error("a stopped host does not start again")
	}
}

// TestStopBusy: neither a loop that always has something to do nor a connection
// between two loops holds up the end.
func TestStopBusy(t *testing.T) {
	w := New(Config{})
	a, b := w.Host(HostConfig{}), w.Host(HostConfig{})
	near, far := start(t, a, 1)[0], start(t, b, 2)
	on(w, near, func() { near.loop.Dial(at(b, 1), time.Second, nil) })
	w.RunUntil(func() bool { return len(far[0].conns) == 1 }, time.Second)
	on(w, far[0], func() { _ = far[0].conns[0].Move(far[1].loop, "luggage") })
	var again func()
	again = func() { far[1].loop.Post(again) }
	again()
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(far[1].failed, []error{loop.ErrClosed}) || b.Conns() != 0 {
		t.Errorf("failures %v, %d connections", far[1].failed, b.Conns())
	}
}

func TestFail(t *testing.T) {
	p := newPair(t, Config{}, HostConfig{}, HostConfig{})
	broken := errors.New("broken")
	if p.a.Err() != nil {
		t.Error("failed from the start")
	}
	p.a.Fail(broken)
	select {
	case <-p.a.Failed():
	default:
		t.Error("Failed is not closed")
	}
	if p.a.Err() != broken || !slices.Equal(p.near.reasons, []error{broken}) {
		t.Errorf("Err %v, closed with %v", p.a.Err(), p.near.reasons)
	}
}

func TestStart(t *testing.T) {
	w := New(Config{})
	h := w.Host(HostConfig{})
	if err := h.Start(0, nil); err != ErrLoops {
		t.Error(err)
	}
	start(t, h, 1)
	if err := h.Start(1, nil); err != ErrStarted {
		t.Error(err)
	}
	listen := func(addr string, ok bool) {
		t.Helper()
		if _, err := h.Listen(addr); (err == nil) != ok {
			t.Errorf("Listen %s: %v", addr, err)
		}
	}
	listen(":1", false)
	listen(":2", true)
	listen("0.0.0.0:3", true)
	listen("[::]:4", true)
	listen(h.Addr().String()+":5", true)
	listen("10.9.9.9:6", false)
	listen("nonsense", false)
	listen(":70000", false)
	listen(":0", true)
	listen(":0", true)
	mustPanic(t, "a taken address", func() { w.Host(HostConfig{Addr: h.Addr()}) })
	mustPanic(t, "a window of nothing", func() { New(Config{Window: 1}) })
}

// TestTicks: every loop ticks once an interval, at an offset of its own.
func TestTicks(t *testing.T) {
	w := New(Config{})
	var all []*probe
	for range 40 {
		all = append(all, start(t, w.Host(HostConfig{}), 2)...)
	}
	w.RunFor(time.Second)
	offsets := map[time.Duration]bool{}
	for i, p := range all {
		if i%2 == 1 && p.ticks[0] == all[i-1].ticks[0] {
			t.Fatal("the loops of a host tick together")
		}
		if len(p.ticks) != 20 {
			t.Fatalf("%d ticks in a second", len(p.ticks))
		}
		for i, at := range p.ticks {
			if at != p.ticks[0]+time.Duration(i)*loop.TickInterval {
				t.Fatalf("ticks at %v", p.ticks)
			}
		}
		offsets[p.ticks[0]] = true
	}
	if len(offsets) < tickSlots/2 {
		t.Errorf("80 loops tick at %d offsets", len(offsets))
	}
	if w.Events() > 20*tickSlots+100 {
		t.Errorf("%d events for the ticks of a second", w.Events())
	}
}

// dozer is a handler that is idle for as long as it says.
type dozer struct {
	probe
	idle bool
}

func (d *dozer) Idle() bool { return d.idle }

// TestIdle: an idle handler ticks once a second, and again soon after something
// has happened.
func TestIdle(t *testing.T) {
	w := New(Config{})
	d := &dozer{}
	if err := w.Host(HostConfig{}).Start(1, func(l loop.Loop) loop.Handler { d.loop = l; return d }); err != nil {
		t.Fatal(err)
	}
	check := func(idle, busy bool, span time.Duration, want int) {
		t.Helper()
		d.idle = idle
		if busy {
			d.loop.Post(func() {})
		}
		before := len(d.ticks)
		w.RunFor(span)
		if n := len(d.ticks) - before; n != want {
			t.Errorf("%d ticks in %v, want %d", n, span, want)
		}
	}
	check(false, false, 10*time.Second, 200)
	check(true, false, 10*time.Second, 10)
	w.RunFor(loop.IdleTickInterval / 2)
	check(true, false, loop.TickInterval, 0)
	check(true, true, loop.TickInterval, 1)
	check(true, false, 10*time.Second, 10)
	check(false, true, 10*time.Second, 200)
}

// TestTrace: the text of the log is readable and as long as it says.
func TestTrace(t *testing.T) {
	var text strings.Builder
	p := newPair(t, Config{Trace: &text}, HostConfig{}, HostConfig{})
	p.do(func() { _, _ = p.near.conns[0].Writev([][]byte{{1}}, false) })
	p.w.RunFor(time.Second)
	p.w.Note("the end")
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if uint64(len(lines)) != p.w.Log().Lines() {
		t.Errorf("%d lines, the log says %d", len(lines), p.w.Log().Lines())
	}
	for _, want := range []string{
		"0.000000000 h1 start c0 1",
		"0.000000000 h1 dial c0 60000000000 10.0.0.2:1",
		"0.000000000 h2 segment c2 1",
		"1.000000000 h0 note c0 0 the end",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q in\n%s", want, text.String())
		}
	}
}

// TestLogSum: each part of a line counts.
func TestLogSum(t *testing.T) {
	seen := map[uint64]string{}
	add := func(now time.Duration, host int, k kind, id, n int, text string) {
		var l Log
		l.add(now, host, k, id, n, text)
		what := fmt.Sprint(now, host, k, id, n, text)
		if other, ok := seen[l.Sum()]; ok {
			t.Errorf("%s and %s have the same sum", what, other)
		}
		seen[l.Sum()] = what
	}
	add(0, 0, 0, 0, 0, "")
	add(1, 0, 0, 0, 0, "")
	add(0, 1, 0, 0, 0, "")
	add(0, 0, 1, 0, 0, "")
	add(0, 0, 0, 1, 0, "")
	add(0, 0, 0, 0, 1, "")
	add(0, 0, 0, 0, 0, "a")
	add(0, 0, 0, 0, 0, "\x00")
	add(0, 0, 0, 0, 0, "12345678")
	add(0, 0, 0, 0, 0, "123456789")
	add(0, 0, 0, 0, 0, "12345678\x00")
}
