package swarm

import (
	"bytes"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/wirecache"
)

const (
	testPiece = 256 << 10
	block     = metainfo.BlockSize
)

func TestRunIsOneCall(t *testing.T) {
	r := newRig(t, 4*testPiece, 8<<20, 8*testPiece)
	r.heat(t, 0)
	r.heat(t, 1)
	check := func(what string, want int, requests ...wire.Request) {
		t.Helper()
		r.conn.calls, r.conn.out = 0, r.conn.out[:0]
		corks := r.conn.corks
		r.ask(t, requests...)
		if r.conn.calls != want || r.conn.corks != corks {
			t.Errorf("%s: %d calls and %d corks, want %d and none", what, r.conn.calls, r.conn.corks-corks, want)
		}
	}
	one := r.piece(0)
	check("a piece", 1, one...)
	check("its end", 1, one[60:]...)
	check("a gap", 2, one[3], one[4], one[6], one[7])
	check("backwards", 3, one[2], one[1], one[0])
	check("two pieces", 2, append(one, r.piece(1)...)...)
	check("the same twice", 2, append(r.piece(1), r.piece(1)...)...)
}

// What is copied to the peer ends where an image goes on.
func TestCopyEndsAtAnImage(t *testing.T) {
	r := newGroupRig(t, testPiece, 8<<20, 2*testPiece, 4*testPiece)
	for range wirecache.Passes + 1 {
		r.ask(t, append(r.piece(2), r.piece(3)...)...)
	}
	var all []wire.Request
	for piece := range 4 {
		all = append(all, r.piece(piece)[:4]...)
	}
	hot := r.sum.Hot.Load()
	r.ask(t, all...)
	if got := r.sum.Hot.Load() - hot; got != 8*metainfo.BlockSize {
		t.Errorf("%d bytes came from the image, want %d", got, 8*metainfo.BlockSize)
	}
}

func TestRunGoesOnInItsGroup(t *testing.T) {
	r := newGroupRig(t, testPiece, 8<<20, 2*testPiece, 5*testPiece+100)
	for range wirecache.Passes + 1 {
		for piece := range 6 {
			r.ask(t, r.piece(piece)...)
		}
	}
	check := func(first, pieces, want int) {
		t.Helper()
		r.conn.calls, r.conn.out = 0, r.conn.out[:0]
		var all []wire.Request
		var sent []byte
		for piece := first; piece < first+pieces; piece++ {
			all = append(all, r.piece(piece)...)
		}
		for _, q := range all {
			sent = append(sent, r.message(q)...)
		}
		r.ask(t, all...)
		if r.conn.calls != want || !bytes.Equal(r.conn.out, sent) {
			t.Errorf("%d pieces from %d: %d calls, want %d", pieces, first, r.conn.calls, want)
		}
	}
	check(0, 2, 1)
	check(1, 1, 1)
	check(1, 2, 2)
	check(2, 2, 1)
	check(0, 4, 2)
	check(4, 2, 1) // the last piece has 100 bytes
}

func TestRunIsBounded(t *testing.T) {
	const piece = 2 * flushBlocks * metainfo.BlockSize
	r := newRig(t, piece, 4*piece, piece)
	r.heat(t, 0)
	r.conn.calls = 0
	r.ask(t, r.piece(0)[:flushBlocks]...)
	if r.conn.calls != 1 {
		t.Errorf("%d calls for the longest run", r.conn.calls)
	}
	r.conn.calls = 0
	r.ask(t, r.piece(0)[:flushBlocks+1]...)
	if r.conn.calls != 2 {
		t.Errorf("%d calls for one block more", r.conn.calls)
	}
}

func TestTurnEndsAmongRuns(t *testing.T) {
	r := newRig(t, 4*testPiece, 8<<20, 4*testPiece)
	r.heat(t, 0)
	for range flushBlocks/64 + 2 {
		for _, q := range r.piece(0) {
			if err := r.p.OnRequest(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.conn.calls = 0
	r.p.turn()
	if r.conn.calls != flushBlocks/64 {
		t.Errorf("%d runs in one turn", r.conn.calls)
	}
	r.loop.run()
	if r.conn.calls != flushBlocks/64+2 {
		t.Errorf("%d runs after all turns", r.conn.calls)
	}
}

func TestRunGivesWayToControl(t *testing.T) {
	r := newRig(t, testPiece, 8<<20, testPiece)
	r.heat(t, 0)
	r.conn.room = 100 // stuck in the first block
	all := r.piece(0)
	r.ask(t, all...)
	r.p.control(wire.AppendHave(r.p.ctl, 0))
	r.loop.run()
	r.conn.room = 1 << 30
	r.p.writable()
	want := wire.AppendHave(r.message(all[0]), 0)
	if !bytes.HasPrefix(r.conn.out, want) {
		t.Error("a control message waits for the whole run")
	}
	if len(r.conn.out) != len(want)+(len(all)-1)*(block+wire.PieceHeaderLen) {
		t.Errorf("%d bytes came out", len(r.conn.out))
	}
}

func TestChokeEndsRun(t *testing.T) {
	r := newRig(t, testPiece, 8<<20, testPiece)
	r.heat(t, 0)
	r.conn.room = 100 // stuck in the first block
	r.ask(t, r.piece(0)...)
	r.p.sendChoke()
	r.loop.run()
	r.conn.room = 1 << 30
	r.p.writable()
	want := append(r.message(r.piece(0)[0]), 0, 0, 0, 1, byte(wire.MsgChoke))
	for _, q := range r.piece(0)[1:] {
		want = wire.AppendReject(want, q)
	}
	if !bytes.Equal(r.conn.out, want) {
		t.Error("a choke does not end the run at the block under way")
	}
}

func TestLimitTakesBlocksOfImages(t *testing.T) {
	r := newRig(t, testPiece, 8<<20, testPiece)
	r.heat(t, 0)
	r.host.Up = NewLimiter(block, 1)
	r.loop.now += time.Second
	r.ask(t, r.piece(0)...)
	r.host.serveWaiting()
	if n := len(r.conn.out); n != block+13 {
		t.Errorf("%d bytes for a limit of one block", n)
	}
}

func TestEvictedWhileSending(t *testing.T) {
	r := newRig(t, testPiece, 8<<20, testPiece)
	r.heat(t, 0)
	r.conn.room = 3*block + 100
	r.ask(t, r.piece(0)...)
	r.cache.SetBudget(0)
	if s := r.cache.Stats(); s.Images != 1 || s.Bytes == 0 {
		t.Fatalf("the image that a peer holds is gone: %+v", s)
	}
	before := r.sum.Hot.Load()
	r.conn.room = 1 << 30
	r.p.writable()
	r.loop.run()
	var want []byte
	for _, q := range r.piece(0) {
		want = append(want, r.message(q)...)
	}
	if !bytes.Equal(r.conn.out, want) {
		t.Error("other bytes came out")
	}
	if s := r.cache.Stats(); s.Images != 0 || s.Bytes != 0 {
		t.Errorf("the image outlives its last holder: %+v", s)
	}
	if r.sum.Hot.Load() == before {
		t.Error("the block under way was not ended from the image")
	}
}

// A peer that takes nothing lets go of an evicted image with the next second.
func TestStalledPeerLetsGo(t *testing.T) {
	check := func(room int) {
		t.Helper()
		r := newRig(t, testPiece, 8<<20, testPiece)
		r.heat(t, 0)
		r.conn.room = room
		r.ask(t, r.piece(0)...)
		second := func() {
			r.loop.now += time.Second
			r.t.tick(r.loop.now)
		}
		if second(); r.p.up.image == nil {
			t.Fatal("lets go of an image that is there")
		}
		r.cache.SetBudget(0)
		r.host.Buffers = noBuffers{}
		if second(); r.p.up.image == nil {
			t.Fatal("lets go without a buffer")
		}
		r.host.Buffers = testBuffers{}
		second()
		if s := r.cache.Stats(); r.p.up.image != nil || s.Images != 0 {
			t.Errorf("a peer that takes nothing holds an image: %+v", s)
		}
		r.conn.room = 1 << 30
		r.p.writable()
		r.loop.run()
		var want []byte
		for _, q := range r.piece(0) {
			want = append(want, r.message(q)...)
		}
		if !bytes.Equal(r.conn.out, want) {
			t.Errorf("stopped after %d bytes: other bytes came out", room)
		}
	}
	for _, room := range []int{0, 1, 12, 13, 14, 1000, block + 12, block + 13, block + 14, 3*block + 38} {
		check(room)
	}
}

// noBuffers is short of memory.
type noBuffers struct{ testBuffers }

func (noBuffers) Get(int) []byte { return nil }

func TestClosedPeerLetsGo(t *testing.T) {
	r := newRig(t, testPiece, 8<<20, testPiece)
	r.heat(t, 0)
	r.conn.room = 100
	r.ask(t, r.piece(0)...)
	r.cache.SetBudget(0)
	r.p.ended(ErrStalled)
	if s := r.cache.Stats(); s.Images != 0 {
		t.Errorf("a closed peer holds an image: %+v", s)
	}
}

func BenchmarkServe(b *testing.B) {
	run := func(name string, images int64) {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, 4*testPiece, images, 8*testPiece)
			if images > 1 {
				r.heat(b, 0)
				r.heat(b, 1)
			}
			r.conn.drop = true
			all := append(r.piece(0), r.piece(1)...)
			b.ReportAllocs()
			b.SetBytes(8 * testPiece)
			for b.Loop() {
				r.ask(b, all...)
			}
		})
	}
	run("images", 8<<20)
	run("files", 0)
}
