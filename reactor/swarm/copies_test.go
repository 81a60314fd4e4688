package swarm

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"spate/proto/wire"
)

// TestCopyIsOneCall: a run of blocks leaves by one call, wherever in the file
// they lie.
func TestCopyIsOneCall(t *testing.T) {
	r := newRig(t, testPiece, 0, 3*testPiece, testPiece)
	check := func(what string, want int, requests ...wire.Request) {
		t.Helper()
		r.conn.calls, r.conn.out = 0, r.conn.out[:0]
		var sent []byte
		for _, q := range requests {
			sent = append(sent, r.message(q)...)
		}
		r.ask(t, requests...)
		if r.conn.calls != want || !bytes.Equal(r.conn.out, sent) {
			t.Errorf("%s: %d calls, want %d, and %d bytes of %d", what, r.conn.calls, want, len(r.conn.out), len(sent))
		}
	}
	one := r.piece(0)
	check("the first run", 1, one[:firstRun]...)
	check("a piece", 1, one...)
	check("gaps and backwards", 1, one[9], one[3], one[4], one[1])
	check("three pieces", 1, append(append(r.piece(2), one...), r.piece(1)...)...)
	check("two files", 2, append(r.piece(2), r.piece(3)...)...)
	r.store.now = func([][]byte) ([][]byte, bool) { return nil, false }
	check("no such read: by references", 1, one[:4]...)
}

// TestCopyFollowsTheSocket: what is read for a socket that takes little is
// little more than it takes.
func TestCopyFollowsTheSocket(t *testing.T) {
	r := newRig(t, 4*testPiece, 0, 4*testPiece)
	read := 0
	r.store.now = func(bufs [][]byte) ([][]byte, bool) {
		for _, b := range bufs {
			read += len(b)
		}
		return bufs, true
	}
	r.conn.room = 0
	r.ask(t, r.piece(0)...)
	for range 8 {
		read = 0
		r.conn.room = 3 * block
		r.p.blocked = false
		r.p.turn()
		r.loop.run()
	}
	if read > 6*block {
		t.Errorf("%d bytes were read to send %d", read, 3*block)
	}
}

// TestCopies: whatever a socket takes at a time and whatever of the content lies
// in memory, what comes out is what was asked for, in order, once.
func TestCopies(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		r := newRig(t, testPiece, 0, testPiece+rnd.Int64N(testPiece), 1+rnd.Int64N(3*block), testPiece)
		if seed%2 == 0 { // in all ways by turns, as none is known to cost less
			var now time.Duration
			r.p.host.ways.time = func() time.Duration { now++; return now }
		}
		r.conn.unfit = func() bool { return rnd.IntN(20) == 0 }
		r.store.now = func(bufs [][]byte) ([][]byte, bool) {
			switch rnd.IntN(4) {
			case 0:
				return nil, rnd.IntN(2) == 0
			case 1:
				keep := rnd.IntN(len(bufs))
				if part := append([][]byte(nil), bufs[:keep+1]...); len(part[keep]) > 1 {
					part[keep] = part[keep][:rnd.IntN(len(part[keep]))]
					return part, true
				}
			}
			return bufs, true
		}
		var want []byte
		total := int64(len(r.store.data))
		for range 1 + rnd.IntN(40) {
			r.conn.room = rnd.IntN(4 * block)
			var all []wire.Request
			for range rnd.IntN(12) {
				at := rnd.Int64N(total)
				q := wire.Request{Index: uint32(at / testPiece), Begin: uint32(at % testPiece)}
				left := min(testPiece-int64(q.Begin), total-at)
				q.Length = uint32(min(left, 1+rnd.Int64N(2*block)))
				all = append(all, q)
				want = append(want, r.message(q)...)
			}
			r.p.blocked = false
			r.ask(t, all...)
		}
		r.conn.room = 1 << 30
		r.p.blocked = false
		r.ask(t)
		if !bytes.Equal(r.conn.out, want) || r.p.up.queue.len() > 0 || r.conn.closed != nil {
			t.Fatalf("seed %d: %d bytes came out right of %d, %d requests left, closed by %v",
				seed, len(r.conn.out), len(want), r.p.up.queue.len(), r.conn.closed)
		}
		if got := r.sum.Uploaded.Load(); got != int64(len(want))-headers(want) {
			t.Fatalf("seed %d: %d bytes are counted", seed, got)
		}
	}
}

// headers is how many bytes of piece messages are not payload.
func headers(b []byte) (n int64) {
	for len(b) > 0 {
		n += wire.PieceHeaderLen
		b = b[4+be32(b):]
	}
	return n
}

// BenchmarkCopy is what serving a block costs beside the system calls.
func BenchmarkCopy(b *testing.B) {
	r := newRig(b, testPiece, 0, 4*testPiece)
	r.conn.drop = true
	all := r.piece(0)
	b.SetBytes(int64(len(all)) * block)
	b.ReportAllocs()
	for b.Loop() {
		r.ask(b, all...)
	}
}
