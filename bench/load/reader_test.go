package load

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

// drain is turns until all is read.
func drain(l life, p *pipe) error {
	for len(p.in) > 0 {
		if err := turn(l, p); err != nil {
			return err
		}
	}
	return nil
}

// turn is what the loop does with a connection that has bytes to read: it hands
// over the first of them.
func turn(l life, p *pipe) error {
	n := min(len(p.in), ReadBuffer)
	data := p.in[:n]
	p.in = p.in[n:]
	return l.take(data)
}

// Blocks are counted the same, whether they are looked at or thrown away
// unseen: in order or not, with other messages in between, and cut anywhere.
func TestAnyAnswers(t *testing.T) {
	torrent := content(t, t.TempDir(), 20<<20+17)
	check := func(name string, disorder, chatter int, deaf, skips bool) {
		t.Helper()
		rng := rand.New(rand.NewPCG(7, 7))
		s, _ := bench(t, torrent, Config{Outstanding: 100})
		p := &pipe{deaf: deaf}
		l := opened(t, s, p)
		var bytes int64
		for range 100 {
			var due []int // all that is owed is answered
			for i := range l.owed.count {
				due = append(due, l.owed.at(i))
			}
			for i := range due {
				if disorder > 0 && rng.IntN(disorder) == 0 {
					k := rng.IntN(len(due))
					due[i], due[k] = due[k], due[i]
				}
			}
			var stream []byte
			for _, n := range due {
				r := l.request(n)
				bytes += int64(r.Length)
				stream = answer(stream, r)
				if chatter > 0 && rng.IntN(chatter) == 0 {
					stream = wire.AppendHave(stream, r.Index)
				}
			}
			for len(stream) > 0 {
				n := min(1+rng.IntN(1<<20), len(stream))
				p.in, stream = append(p.in, stream[:n]...), stream[n:]
				if err := drain(l, p); err == ErrOrder && disorder+chatter > 0 && skips {
					if !s.slots[0].exact {
						t.Errorf("%s: the next connection is no more careful", name)
					}
					return
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if l.owed.count != 0 {
				t.Fatalf("%s: %d blocks are still owed", name, l.owed.count)
			}
			if err := l.flush(); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.slots[0].bytes; got != bytes || s.total.Surplus != 0 || skips != l.skipped {
			t.Errorf("%s: %d bytes of %d, %d surplus, %d dropped unseen", name, got, bytes, s.total.Surplus, p.discarded)
		}
		if share := s.total.Backlog(&Snapshot{}); share <= 0 {
			t.Errorf("%s: a backlog of %v", name, share)
		}
		if skips && !deaf && disorder+chatter == 0 && int64(p.discarded) < bytes/2 {
			t.Errorf("%s: only %d of %d bytes were dropped unseen", name, p.discarded, bytes)
		}
	}
	check("in order", 0, 0, false, true)
	check("sometimes out of order", 50, 0, false, false)
	check("seldom out of order", 5000, 0, false, true)
	check("out of order", 1, 0, false, false)
	check("with other messages", 0, 200, false, true)
	check("no looking ahead", 0, 0, true, false)
}

// What comes with the length of a block that is due, but is another one, is
// found out.
func TestNotABlockThatIsDue(t *testing.T) {
	torrent := content(t, t.TempDir(), 5<<20)
	s, _ := bench(t, torrent, Config{})
	p := &pipe{}
	l := opened(t, s, p)
	var stream []byte
	for i := range 100 {
		r := l.request(l.owed.at(i))
		r.Begin ^= metainfo.BlockSize // its neighbour
		stream = answer(stream, r)
	}
	p.in = stream
	if err := drain(l, p); err != nil {
		t.Fatal(err)
	}
	if p.discarded != 0 || s.slots[0].bytes != 100*metainfo.BlockSize {
		t.Errorf("%d bytes dropped unseen, %d counted", p.discarded, s.slots[0].bytes)
	}
}

// A block that comes in the place of another one, which is believed to have come
// unseen, is found out when the other one comes: nothing would be left to wait
// for the first. The next connection is read with more care.
func TestAnotherInItsPlace(t *testing.T) {
	torrent := content(t, t.TempDir(), 20<<20)
	s, _ := bench(t, torrent, Config{Outstanding: 100})
	p := &pipe{}
	l := opened(t, s, p)
	send := func(order ...int) error {
		for _, n := range order {
			p.in = answer(p.in, l.request(n))
		}
		return drain(l, p)
	}
	owed := func() (all []int) {
		for i := range l.owed.count {
			all = append(all, l.owed.at(i))
		}
		return all
	}
	for range 10 {
		if err := errors.Join(send(owed()...), l.flush()); err != nil {
			t.Fatal(err)
		}
	}
	if p.discarded == 0 {
		t.Fatal("nothing was dropped unseen")
	}
	due := owed()
	due[3], due[50] = due[50], due[3]
	if err := send(due[:50]...); err != nil {
		t.Fatal(err)
	}
	if err := send(due[50:]...); err != ErrOrder || !s.slots[0].exact {
		t.Errorf("got %v", err)
	}
	if next := newLeech(newBase(s, s.slots[0], p), false); next.ahead != nil {
		t.Error("the next connection looks ahead as well")
	}
}

// The way of a block allocates nothing, and neither does asking for it.
func TestBlockPathAllocatesNothing(t *testing.T) {
	torrent := content(t, t.TempDir(), 20<<20)
	check := func(name string, deaf bool) {
		t.Helper()
		s, loop := bench(t, torrent, Config{})
		p := &pipe{deaf: deaf}
		l := opened(t, s, p)
		room := make([]byte, 0, 64*(metainfo.BlockSize+wire.PieceHeaderLen))
		round := func() {
			loop.now += time.Millisecond
			p.in, p.out = room, p.out[:0]
			for i := range 64 {
				p.in = wire.AppendPieceHeader(p.in, l.request(l.owed.at(i)).Index, l.request(l.owed.at(i)).Begin, metainfo.BlockSize)
				p.in = p.in[:len(p.in)+metainfo.BlockSize]
			}
			if err := errors.Join(drain(l, p), l.flush()); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			round()
		}
		if n := testing.AllocsPerRun(100, round); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		if s.total.FirstByte.Count() == 0 || s.total.LastByte.Quantile(0.5) < 900*time.Microsecond {
			t.Errorf("%s: %d times, the median %v", name, s.total.FirstByte.Count(), s.total.LastByte.Quantile(0.5))
		}
	}
	check("dropped unseen", false)
	check("read", true)
}

// A slow reader leaves the rest in the socket.
func TestSlowReaderKeepsItsRate(t *testing.T) {
	const rate = 200 << 10
	torrent := content(t, t.TempDir(), 5<<20)
	s, _ := bench(t, torrent, Config{SlowShare: 1, SlowRate: rate})
	p := &pipe{}
	l := opened(t, s, p)
	for i := range l.owed.count {
		p.in = answer(p.in, l.request(l.owed.at(i)))
	}
	total := len(p.in)
	for i := range 5 * ticksPerSecond {
		if err := l.tick(); err != nil {
			t.Fatal(err)
		}
		for len(p.in) > 0 && p.lowWater <= 1 {
			if err := turn(l, p); err != nil {
				t.Fatal(err)
			}
		}
		if read := total - len(p.in); read > (i+2)*rate/ticksPerSecond+ReadBuffer {
			t.Fatalf("%d bytes were read in %d ticks", read, i+1)
		}
	}
	if read := total - len(p.in); read < 9*rate/2 {
		t.Errorf("%d bytes in 5 s, at %d a second", read, rate)
	}
}

func BenchmarkBlocks(b *testing.B) {
	torrent := content(b, b.TempDir(), 20<<20)
	s, _ := bench(b, torrent, Config{})
	p := &pipe{}
	l := opened(b, s, p)
	room := make([]byte, 0, 64*(metainfo.BlockSize+wire.PieceHeaderLen))
	b.SetBytes(metainfo.BlockSize)
	for done := 0; done < b.N; done += 64 {
		p.in, p.out = room, p.out[:0]
		for i := range 64 {
			r := l.request(l.owed.at(i))
			p.in = wire.AppendPieceHeader(p.in, r.Index, r.Begin, r.Length)
			p.in = p.in[:len(p.in)+metainfo.BlockSize]
		}
		if err := errors.Join(drain(l, p), l.flush()); err != nil {
			b.Fatal(err)
		}
	}
}
