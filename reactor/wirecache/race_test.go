package wirecache

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"spate/proto/metainfo"
)

// TestLoopsAndEvictions has several loops ask for, read and release images
// while the budget comes and goes: an image read after its end panics, see
// Heap.
func TestLoopsAndEvictions(t *testing.T) {
	const pieces, loops, enough = 24, 4, 5000
	var bytes, most atomic.Int64 // of images that are there, counted where they lie
	size := pageSize(testPiece)
	c := New(Config{
		Limit: 8 * size, Images: 6, Go: func(fn func()) { go fn() }, Buffers: &buffers{},
		Create: func(parts [][]byte, n int64) (Memory, error) {
			m, err := Heap(parts, n)
			if now := bytes.Add(size); now > most.Load() {
				most.Store(now)
			}
			return &counted{m, func() { bytes.Add(-size) }}, err
		},
	})
	src := newSource(t, pieces*testPiece)
	tables := []*Table{c.NewTable(src.info, src, nil), c.NewTable(src.info, src, nil)}
	for _, t := range tables {
		t.Open()
	}
	var hits atomic.Int64
	var wg, keeper sync.WaitGroup
	for l := range uint64(loops) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(l, 1))
			buf := make([]byte, Message)
			want := make([][]byte, pieces)
			for hits.Load() < enough {
				p := rnd.IntN(pieces)
				table := tables[rnd.IntN(len(tables))]
				begin := uint32(rnd.IntN(4) * metainfo.BlockSize)
				m := table.Acquire(uint32(p), begin, metainfo.BlockSize)
				if m == nil {
					for range 4 {
						table.Note(uint32(p), begin, metainfo.BlockSize)
					}
					continue
				}
				if want[p] == nil {
					want[p] = src.wire(p)
				}
				off := m.Offset(uint32(p), begin)
				if _, err := m.ReadAt(buf, off); err != nil || string(buf) != string(want[p][off:][:Message]) {
					t.Errorf("piece %d has other bytes (%v)", p, err)
				}
				m.Used(1)
				m.Release()
				hits.Add(1)
			}
		})
	}
	stop := make(chan struct{})
	keeper.Go(func() {
		for i := int64(0); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			c.SetBudget(i % 2 * size) // all go, or all but one
			c.SetBudget((1 + i%8) * size)
			if i%16 == 0 {
				c.Age()
			}
			for seen := hits.Load(); hits.Load() < min(seen+20, enough); {
				runtime.Gosched()
			}
			if s := c.Stats(); s.Bytes > 8*size || s.Images > 6 {
				t.Errorf("over the limit: %+v", s)
			}
		}
	})
	wg.Wait()
	close(stop)
	keeper.Wait()
	c.SetBudget(8 * size)
	tables[0].Close()
	c.Close()
	s := c.Stats()
	for s.Images > 0 { // what a loop was the last to hold is closed by a goroutine
		runtime.Gosched()
		s = c.Stats()
	}
	if s.Bytes != 0 || bytes.Load() != 0 || most.Load() > 6*size {
		t.Errorf("%d bytes are left by count, %d in fact, there were %d at most", s.Bytes, bytes.Load(), most.Load())
	}
	if hits.Load() == 0 || s.Evictions == 0 {
		t.Errorf("%d hits, %+v: nothing was tested", hits.Load(), s)
	}
}

// counted tells when it is closed.
type counted struct {
	Memory
	closed func()
}

func (c *counted) Close() error {
	c.closed()
	return c.Memory.Close()
}
