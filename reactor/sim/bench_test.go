package sim

import (
	"testing"
	"time"

	"spate/reactor/loop"
)

// pump writes without end and reads what comes, as fast as the network takes it.
type pump struct {
	probe
	block, sink [][]byte
}

func (p *pump) Opened(c loop.Conn)             { p.Writable(c) }
func (p *pump) Closed(loop.Conn, error)        {}
func (p *pump) Readable(c loop.Conn, _ []byte) { _, _ = c.Readv(p.sink) }
func (p *pump) Tick()                          {}

func (p *pump) Writable(c loop.Conn) {
	for {
		if n, _ := c.Writev(p.block, false); n < 16<<10+13 {
			return
		}
	}
}

// pumps is n hosts of which each sends to all others on lines of a rate.
func pumps(tb testing.TB, n int, rate int64, cfg Config) *World {
	w := New(cfg)
	for range n {
		h := w.Host(HostConfig{Up: rate, Down: rate, Latency: 10 * time.Millisecond})
		p := &pump{block: [][]byte{make([]byte, 13), make([]byte, 16<<10)}, sink: [][]byte{make([]byte, 64<<10)}}
		if err := h.Start(1, func(l loop.Loop) loop.Handler { p.loop = l; return p }); err != nil {
			tb.Fatal(err)
		}
		if _, err := h.Listen(":1"); err != nil {
			tb.Fatal(err)
		}
		for _, other := range w.hosts[:len(w.hosts)-1] {
			on(w, &p.probe, func() { p.loop.Dial(at(other, 1), time.Minute, nil) })
		}
	}
	w.RunFor(5 * time.Second)
	return w
}

// benchmarkPumps runs pumps for a tenth of a virtual second at a time.
func benchmarkPumps(b *testing.B, n int, rate int64, cfg Config) {
	w := pumps(b, n, rate, cfg)
	b.ReportAllocs()
	events, bytes := w.Events(), w.Bytes()
	for b.Loop() {
		w.RunFor(100 * time.Millisecond)
	}
	events, bytes = w.Events()-events, w.Bytes()-bytes
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/b.Elapsed().Seconds()/1e6, "MB/s")
	b.ReportMetric(float64(events)/float64(bytes)*(16<<10), "events/block")
}

func BenchmarkPumps(b *testing.B) {
	large := Config{Segment: Span{16 << 10, 16 << 10}, FirstRead: Span{4 << 10, 4 << 10}}
	b.Run("10/random", func(b *testing.B) { benchmarkPumps(b, 10, 50<<20, Config{}) })
	b.Run("10/blocks", func(b *testing.B) { benchmarkPumps(b, 10, 50<<20, large) })
	b.Run("100/blocks", func(b *testing.B) { benchmarkPumps(b, 100, 5<<20, large) })
}

// TestNoAllocations: a block on its way through the network costs no memory.
func TestNoAllocations(t *testing.T) {
	w := pumps(t, 3, 10<<20, Config{})
	if n := testing.AllocsPerRun(20, func() { w.RunFor(100 * time.Millisecond) }); n > 0 {
		t.Errorf("%v allocations in a tenth of a second", n)
	}
}
