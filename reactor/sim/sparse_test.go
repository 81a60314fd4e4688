package sim

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"spate/reactor/loop"
)

// TestStamps holds that a range of content, cut anywhere, is told from every
// other range, and from none at all.
func TestStamps(t *testing.T) {
	const piece, length = 3, 100_000
	c := NewContent(1, 128<<10, 1<<20)
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		begin := rnd.IntN(20_000)
		data := make([]byte, length)
		for at := 0; at < length; {
			n := min(1+rnd.IntN(1<<rnd.IntN(16)), length-at)
			c.stamp(piece, begin+at, data[at:at+n], false)
			at += n
		}
		if !c.stamped(piece, begin, data) {
			t.Fatalf("from %d: not what was written", begin)
		}
		if c.stamped(piece+1, begin, data) || c.stamped(piece, begin+stampStride, data) || c.stamped(piece, begin, make([]byte, length)) {
			t.Fatalf("from %d: taken for something else", begin)
		}
		c.stamp(piece, begin+length/2, data[length/2:], true)
		if c.stamped(piece, begin, data) {
			t.Fatalf("from %d: spoiled content is not told from good one", begin)
		}
	}
	if other := NewContent(2, 128<<10, 1<<20); other.stampOf(0, 0) == c.stampOf(0, 0) {
		t.Error("two contents are alike")
	}
	data := bytes.Repeat([]byte{1}, length)
	c.stamp(piece, 0, data, false)
	spoilStamps(data)
	if c.stamped(piece, 0, data) {
		t.Error("a buffer that was given back is good still")
	}
}

// TestSpansInBuffers mixes bytes and references in a buffer.
func TestSpansInBuffers(t *testing.T) {
	var pool chunkPool
	var b buffer
	c := NewContent(1, 128<<10, 1<<20)
	for range 3 { // chunks are used again
		b.write(&pool, []byte("head"))
		b.refer(&pool, span{c, 2, 0, false}, 40_000)
		b.write(&pool, []byte("tail"))
		b.refer(&pool, span{c, 4, 16 << 10, false}, 16<<10)
		got := make([]byte, 4)
		if b.read(&pool, got); string(got) != "head" {
			t.Fatalf("read %q", got)
		}
		part := make([]byte, 40_000)
		b.read(&pool, part[:7])
		b.read(&pool, part[7:])
		if !c.stamped(2, 0, part) {
			t.Fatal("the first range is not what was referred to")
		}
		if b.read(&pool, got); string(got) != "tail" {
			t.Fatalf("read %q", got)
		}
		b.discard(&pool, 1000)
		b.reset(&pool)
		if b.n != 0 || b.head != nil || b.tail != nil {
			t.Fatal("the buffer is not empty")
		}
	}
}

func TestSparseKnowsNoCorruption(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(Config{Sparse: true, Faults: Faults{Corrupt: 1}})
}

// TestExpress: few bytes pass a line that is busy with another stream, never
// one of their own, and cost the line its time.
func TestExpress(t *testing.T) {
	const rate, delay, bulk = 100_000, 10 * time.Millisecond, 100_000
	check := func(what string, express, few int, same bool, want time.Duration) {
		t.Helper()
		p := newPair(t, Config{Express: express, Segment: Span{bulk, bulk}, FirstRead: Span{4096, 4096}}, HostConfig{Up: rate, Latency: delay}, HostConfig{})
		p.do(func() { p.near.loop.Dial(at(p.b, 1), time.Minute, nil) })
		p.until(t, func() bool { return len(p.near.conns) == 2 && len(p.far.conns) == 2 })
		began := p.w.Now()
		p.do(func() { write(t, p.near.conns[0], bulk) })
		other := p.near.conns[1]
		if same {
			other = p.near.conns[0]
		}
		p.do(func() { write(t, other, few) })
		p.far.at = nil
		arrived := time.Duration(0)
		p.far.onRead = func(c loop.Conn, data []byte) {
			if len(data) == few {
				arrived = p.w.Now() - began
			}
			_, _ = c.Discard(bulk)
		}
		p.w.RunFor(10 * time.Second)
		if arrived != want {
			t.Errorf("%s: arrived after %v, want %v", what, arrived, want)
		}
	}
	const whole = delay + time.Second
	check("in turn", 0, 100, false, whole+time.Millisecond)
	check("few", 100, 100, false, delay)
	check("one byte more", 100, 101, false, whole+1010*time.Microsecond)
	check("behind its own", 100, 100, true, whole+time.Millisecond)

	// A line that carries both is no faster for it.
	p := newPair(t, Config{Express: 1000, Segment: Span{1000, 1000}}, HostConfig{Up: rate}, HostConfig{})
	p.do(func() { p.near.loop.Dial(at(p.b, 1), time.Minute, nil) })
	p.until(t, func() bool { return len(p.near.conns) == 2 && len(p.far.conns) == 2 })
	began, few := p.w.Now(), 0
	p.do(func() { write(t, p.near.conns[0], bulk) })
	bulky := func() bool { return p.far.conns[0].(*conn).s.in.from.out.unsent > 0 }
	for ; bulky(); few += 100 {
		p.do(func() { write(t, p.near.conns[1], 100) })
		p.w.RunFor(20 * time.Millisecond)
	}
	if took, least := p.w.Now()-began, time.Duration(bulk+few-3000)*time.Second/rate; took < least || few < 4000 {
		t.Errorf("took %v beside %d bytes, want %v or more", took, few, least)
	}
}

// write writes n bytes.
func write(t *testing.T, c loop.Conn, n int) {
	t.Helper()
	if k, err := c.Writev([][]byte{make([]byte, n)}, false); k != n || err != nil {
		t.Fatalf("wrote %d of %d bytes: %v", k, n, err)
	}
}
