package swarm

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"spate/proto/wire"
)

// TestRunsAreTheBytesOfBlocks drives the upload path by random requests of any
// size, cancels, chokes, evictions and sockets that take any number of bytes,
// and reads what went out as a peer would.
func TestRunsAreTheBytesOfBlocks(t *testing.T) {
	hot := int64(0)
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 5))
			images := []int64{0, 300 << 10, 700 << 10, 8 << 20}[rnd.IntN(4)]
			var up int64
			if rnd.IntN(5) == 0 {
				up = 4 << 20
			}
			w := newWalk(t, rnd, images, up)
			for range 400 {
				w.step()
			}
			w.finish()
			hot += w.r.sum.Hot.Load()
		})
	}
	if hot == 0 {
		t.Error("no image was ever used")
	}
}

// walk is a random walk over the upload path with a model of what must come out.
type walk struct {
	*testing.T
	rnd     *rand.Rand
	r       *rig
	owed    []wire.Request // asked for and not answered, in order
	payload int64          // of the blocks that came out whole
	read    int            // bytes of conn.out understood
}

func newWalk(t *testing.T, rnd *rand.Rand, images, up int64) *walk {
	group := rnd.Int64N(4) * testPiece
	r := newGroupRig(t, testPiece, images, group, 300<<10, 5, 700<<10, 1<<20+77)
	r.host.Up = NewLimiter(up, 1)
	return &walk{T: t, rnd: rnd, r: r}
}

func (w *walk) step() {
	r := w.r
	switch w.rnd.IntN(12) {
	case 0, 1, 2, 3:
		w.request()
	case 4:
		if len(w.owed) > 0 {
			_ = r.p.OnCancel(w.owed[w.rnd.IntN(len(w.owed))])
			r.p.turn()
		}
	case 5:
		if w.rnd.IntN(6) == 0 {
			r.p.sendChoke()
			r.p.sendUnchoke()
		}
	case 6:
		if r.cache != nil && w.rnd.IntN(4) == 0 {
			r.cache.SetBudget(0)
			r.cache.SetBudget(1 << 40)
		}
		r.p.vacate()
	case 7:
		r.loop.now += 50e6
		r.host.serveWaiting()
	default:
		w.drain([]int{0, 1, 12, 13, 14, 1000, block, block + 13, 100_000, 2 << 20}[w.rnd.IntN(10)])
	}
	r.loop.run()
	if warm := r.p.up.warm; warm < 0 || warm > r.p.up.queue.len() {
		w.Fatalf("%d of %d requests are warm", warm, r.p.up.queue.len())
	}
	w.listen()
}

// request asks for a piece from somewhere on, mostly in whole blocks.
func (w *walk) request() {
	info := w.r.t.meta.Info
	index := w.rnd.IntN(info.NumPieces())
	if w.rnd.IntN(2) == 0 {
		index = 0
	}
	all := w.r.piece(index)
	all = all[w.rnd.IntN(len(all)):]
	switch w.rnd.IntN(6) {
	case 0: // an odd one among them
		q := &all[w.rnd.IntN(len(all))]
		q.Begin += uint32(w.rnd.IntN(100))
		q.Length = 1 + uint32(w.rnd.IntN(info.PieceSize(index)-int(q.Begin)))
		q.Length = min(q.Length, MaxBlock)
	case 1:
		w.rnd.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	case 2: // on into the next piece
		if index+1 < info.NumPieces() {
			all = append(all, w.r.piece(index+1)...)
		}
	}
	w.owed = append(w.owed, all...)
	w.r.ask(w.T, all...)
}

// drain lets the socket take n bytes more.
func (w *walk) drain(n int) {
	w.r.conn.room = n
	if w.r.p.blocked {
		w.r.p.writable()
	}
}

// listen reads the messages that came out so far.
func (w *walk) listen() {
	w.Helper()
	for {
		b := w.r.conn.out[w.read:]
		if len(b) < 4 {
			return
		}
		n := 4 + int(uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3]))
		if len(b) < n {
			return
		}
		w.read += n
		switch id := wire.ID(b[4]); id {
		case wire.MsgPiece:
			w.block(b[:n])
		case wire.MsgReject:
			w.answer(be32(b[5:]), be32(b[9:]), be32(b[13:]))
		case wire.MsgChoke, wire.MsgUnchoke:
		default:
			w.Fatalf("message %v", id)
		}
	}
}

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func (w *walk) block(b []byte) {
	w.Helper()
	q := wire.Request{Index: be32(b[5:]), Begin: be32(b[9:]), Length: uint32(len(b) - wire.PieceHeaderLen)}
	if !bytes.Equal(b, w.r.message(q)) {
		w.Fatalf("block %v has other bytes", q)
	}
	w.answer(q.Index, q.Begin, q.Length)
	w.payload += int64(q.Length)
}

// answer strikes out the first request that fits.
func (w *walk) answer(index, begin, length uint32) {
	w.Helper()
	q := wire.Request{Index: index, Begin: begin, Length: length}
	for i, o := range w.owed {
		if o == q {
			w.owed = append(w.owed[:i], w.owed[i+1:]...)
			return
		}
	}
	w.Fatalf("answer to %v, which nobody asked for", q)
}

// finish takes all that is left and looks at the sums.
func (w *walk) finish() {
	r := w.r
	for range 10_000 {
		w.drain(1 << 30)
		r.loop.now += 50e6
		r.host.serveWaiting()
		r.loop.run()
		if !r.p.up.sending() && r.p.up.queue.len() == 0 {
			break
		}
	}
	w.listen()
	if r.conn.closed != nil {
		w.Fatalf("closed: %v", r.conn.closed)
	}
	if len(w.owed) > 0 || w.read != len(r.conn.out) {
		w.Fatalf("%d requests unanswered, %d bytes too many", len(w.owed), len(r.conn.out)-w.read)
	}
	if up := r.sum.Uploaded.Load(); up != w.payload || r.p.up.total != up || r.p.up.round != up {
		w.Errorf("counted %d, %d and %d bytes, sent %d", up, r.p.up.total, r.p.up.round, w.payload)
	}
	if hot := r.sum.Hot.Load(); hot > w.payload || r.cache == nil && hot > 0 {
		w.Errorf("%d of %d bytes were hot", hot, w.payload)
	}
	if r.p.up.image != nil {
		w.Error("an image is held by a peer that sends nothing")
	}
	if r.cache != nil {
		r.cache.SetBudget(0)
		if s := r.cache.Stats(); s.Bytes != 0 || s.Images != 0 {
			w.Errorf("images are left: %+v", s)
		}
	}
}
