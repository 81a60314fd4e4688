package picker

import (
	"math/rand/v2"
	"testing"
	"time"

	"spate/proto/bitfield"
)

// crowd is a picker in steady state: peers that each have a share of all pieces
// and always as many requests outstanding.
type crowd struct {
	p    *Picker
	now  time.Duration
	out  []Block
	next int
}

const crowdDepth = 64

func newCrowd(pieces, peers, blocks int, share float64) *crowd {
	rnd := rand.New(rand.NewPCG(1, 2))
	c := &crowd{
		p: New(Config{
			Pieces: pieces, PieceLength: int64(blocks) * BlockSize, Length: int64(pieces*blocks) * BlockSize,
			Rand: rand.New(rand.NewPCG(3, 4)),
		}),
		out: make([]Block, 0, crowdDepth),
	}
	c.p.SetOpenBudget(1 << 30)
	for id := range peers {
		have := bitfield.New(pieces)
		for i := range pieces {
			if id == 0 || rnd.Float64() < share {
				have.Set(i)
			}
		}
		c.p.AddPeer(PeerID(id), have)
	}
	return c
}

// block lets a block come from the next peer and fills its queue again. Every
// piece fails, so that there is always something to do.
func (c *crowd) block() {
	id := PeerID(c.next)
	c.next = (c.next + 1) % len(c.p.peers)
	c.now += 10 * time.Microsecond
	if q := &c.p.peers[id]; q.head != none {
		b := c.p.blockAt(c.p.requests[q.head].slot, c.p.requests[q.head].block)
		if c.p.Wants(id, b) == Direct {
			if r := c.p.Received(id, b); r.PieceDone {
				c.p.PieceResult(int(b.Index), false)
			}
		}
	}
	c.out = c.p.Pick(id, crowdDepth-c.p.Outstanding(id), fast, c.now, c.out[:0])
}

func BenchmarkBlock(b *testing.B) {
	check := func(name string, pieces, peers, blocks int, share float64) {
		b.Run(name, func(b *testing.B) {
			c := newCrowd(pieces, peers, blocks, share)
			for range 10 * peers * crowdDepth {
				c.block()
			}
			b.ReportAllocs()
			for b.Loop() {
				c.block()
			}
		})
	}
	check("10000x50", 10000, 50, 16, 0.5)
	check("10000x50-seeds", 10000, 50, 16, 1)
	check("200000x1000", 200000, 1000, 16, 0.3)
}

func TestAllocations(t *testing.T) {
	c := newCrowd(2000, 20, 4, 0.5)
	for range 20000 {
		c.block()
	}
	if n := testing.AllocsPerRun(5000, c.block); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

func BenchmarkJoinAndLeave(b *testing.B) {
	c := newCrowd(100000, 100, 16, 0.5)
	have := bitfield.New(100000)
	for i := 0; i < 100000; i += 2 {
		have.Set(i)
	}
	c.p.Pick(0, 1, fast, 0, nil)
	for b.Loop() {
		c.p.AddPeer(100, have)
		c.p.PeerGone(100)
	}
}

func BenchmarkRebuild(b *testing.B) {
	c := newCrowd(100000, 100, 16, 0.5)
	for b.Loop() {
		c.p.stale = true
		c.p.settle()
	}
}

func BenchmarkHave(b *testing.B) {
	c := newCrowd(100000, 101, 16, 0.5)
	empty := bitfield.New(100000)
	c.p.PeerGone(100)
	c.p.AddPeer(100, empty)
	c.p.settle()
	i := 0
	for b.Loop() {
		if !c.p.PeerHave(100, i) {
			b.StopTimer()
			c.p.PeerGone(100)
			for j := range 100000 {
				empty.Clear(j)
			}
			c.p.AddPeer(100, empty)
			c.p.settle()
			i = -1
			b.StartTimer()
		}
		i++
	}
}
