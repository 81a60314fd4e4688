package picker

import (
	"slices"
	"testing"
	"time"
)

func TestReceived(t *testing.T) {
	p := setup(1, "*.***", "*****", "*****")
	p.Pick(0, 3, fast, 0, nil)
	p.Pick(1, 1, fast, 0, nil)
	check := func(what string, id PeerID, b Block, accept, done bool) {
		t.Helper()
		if place := p.Wants(id, b); (place == Direct) != accept {
			t.Errorf("%s: Wants is %d", what, place)
		}
		if got := p.Received(id, b); got.Accept != accept || got.PieceDone != done || len(got.Cancels) != 0 {
			t.Errorf("%s: Received is %+v", what, got)
		}
	}
	b := Block{1, 0, BlockSize}
	check("of another", 1, b, false, false)
	check("in a piece that is had", 0, Block{0, 0, BlockSize}, false, false)
	check("in no piece", 0, Block{5, 0, BlockSize}, false, false)
	check("in no piece at all", 0, Block{1<<32 - 1, 0, BlockSize}, false, false)
	check("behind the piece", 0, Block{1, testBlocks * BlockSize, BlockSize}, false, false)
	check("far behind the piece", 0, Block{1, 1<<32 - BlockSize, BlockSize}, false, false)
	check("off the grid", 0, Block{1, 1, BlockSize}, false, false)
	check("short", 0, Block{1, 0, BlockSize - 1}, false, false)
	check("long", 0, Block{1, 0, BlockSize + 1}, false, false)
	check("empty", 0, Block{1, 0, 0}, false, false)
	check("right", 0, b, true, false)
	check("twice", 0, b, false, false)
	b.Begin += BlockSize
	p.Lost(0, b)
	p.Lost(0, b)
	check("lost", 0, b, false, false)
	if got := p.Pick(1, 9, fast, 0, nil); !slices.Equal(got, []Block{b}) {
		t.Errorf("picked %v, want the lost block", got)
	}
	check("out of order", 1, Block{1, 3 * BlockSize, BlockSize}, true, false)
	check("lost and found", 1, b, true, false)
	check("last", 0, Block{1, 2 * BlockSize, BlockSize}, true, true)
	check("once complete", 0, b, false, false)
	p.Lost(0, b)
	if p.Outstanding(0) != 0 || p.Outstanding(1) != 0 {
		t.Errorf("%d and %d outstanding", p.Outstanding(0), p.Outstanding(1))
	}
}

// TestOneWriterABlock holds the rule of the shared piece buffer: two peers that
// send the same block at once never both write into it.
func TestOneWriterABlock(t *testing.T) {
	type event struct {
		do   string // wants, received, lost, gone
		id   PeerID
		want Place
		win  bool
	}
	check := func(what string, events ...event) {
		t.Helper()
		p := setup(1, "***..", "*****", "*****", "*****")
		blocks := p.Pick(0, 8, slow, 0, nil)
		b := blocks[7]
		if got := p.Pick(1, 1, fast, time.Minute, nil); !slices.Equal(got, []Block{b}) {
			t.Fatalf("peer 1 is asked for %v in endgame", got)
		}
		for i, e := range events {
			switch e.do {
			case "wants":
				if got := p.Wants(e.id, b); got != e.want {
					t.Errorf("%s, %d: place %d for peer %d, want %d", what, i, got, e.id, e.want)
				}
			case "received":
				got := p.Received(e.id, b)
				var cancels []PeerID
				if e.win && p.peer(1-e.id) != nil {
					cancels = []PeerID{1 - e.id}
				}
				if got.Accept != e.win || !slices.Equal(got.Cancels, cancels) {
					t.Errorf("%s, %d: %+v for peer %d", what, i, got, e.id)
				}
			case "gone":
				p.PeerGone(e.id)
			}
		}
	}
	wants := func(id PeerID, want Place) event { return event{do: "wants", id: id, want: want} }
	received := func(id PeerID, win bool) event { return event{do: "received", id: id, win: win} }
	check("the first to begin is the first to end",
		wants(0, Direct), wants(1, Aside), wants(2, Discard), received(0, true), received(1, false))
	check("the last to begin is the first to end",
		wants(1, Direct), wants(0, Aside), received(0, true), received(1, false), wants(1, Discard))
	check("the writer leaves",
		wants(0, Direct), wants(1, Aside), event{do: "gone", id: 0}, wants(1, Direct), received(1, true))
	check("the other leaves",
		wants(0, Direct), wants(1, Aside), event{do: "gone", id: 1}, wants(0, Direct), received(0, true))
	check("one after the other",
		wants(1, Direct), received(1, true), wants(0, Discard), received(0, false))

	// A block whose payload has begun is not worth asking for again, until it
	// must have stalled.
	p := setup(1, "****.", "*****", "*****")
	begun := p.Pick(0, 4, slow, 0, nil)[3]
	p.Wants(0, begun)
	if got := p.Pick(1, 9, fast, stuck-1, nil); len(got) != 3 || slices.Contains(got, begun) {
		t.Errorf("picked %v, want all but %v", got, begun)
	}
	if got := p.Pick(1, 9, fast, stuck, nil); !slices.Equal(got, []Block{begun}) {
		t.Errorf("picked %v, want %v", got, begun)
	}
	if got := p.Wants(1, begun); got != Aside {
		t.Errorf("its payload goes to place %d, want %d", got, Aside)
	}
}
