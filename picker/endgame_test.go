package picker

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const second = time.Second

func TestEndgameWaits(t *testing.T) {
	// Peer 0 is slow and has all blocks of the last two pieces outstanding.
	check := func(what string, want int, prepare func(p *Picker) (id PeerID, rate float64, now time.Duration)) {
		t.Helper()
		p := setup(1, "****..", "******", "******", "******")
		p.Pick(0, 8, slow, 0, nil)
		id, rate, now := prepare(p)
		if got := p.Pick(id, 99, rate, now, nil); len(got) != want {
			t.Errorf("%s: %d duplicates, want %d", what, len(got), want)
		}
	}
	check("a faster peer", endgameDepth, func(*Picker) (PeerID, float64, time.Duration) { return 1, fast, second })
	check("the peer itself", 0, func(*Picker) (PeerID, float64, time.Duration) { return 0, fast, second })
	// Of 8 blocks at 50 KiB/s the last takes 2.56 s: the third one of a peer as
	// slow would take 0.96 s, the fourth more than half.
	check("a peer as slow", 3, func(*Picker) (PeerID, float64, time.Duration) { return 1, slow, second })
	check("a slower peer", 0, func(*Picker) (PeerID, float64, time.Duration) { return 1, 12 << 10, second })
	check("a slower peer, once the other has stalled", endgameDepth, func(*Picker) (PeerID, float64, time.Duration) { return 1, 12 << 10, 60 * second })
	check("an unknown peer", 1, func(*Picker) (PeerID, float64, time.Duration) { return 1, 0, second })
	poorer := func(p *Picker) (PeerID, float64, time.Duration) {
		p.PeerGone(1)
		p.AddPeer(1, set("*****."))
		return 1, fast, second
	}
	check("a peer with one of the pieces", 4, poorer)
	check("a free block is left to another", 0, func(p *Picker) (PeerID, float64, time.Duration) {
		p.Lost(0, Block{5, 0, BlockSize})
		return poorer(p)
	})
	check("a waiting piece is left to another", 0, func(p *Picker) (PeerID, float64, time.Duration) {
		p.PieceResult(5, false)
		return poorer(p)
	})
	check("a waiting piece is left, but may not be opened", 0, func(p *Picker) (PeerID, float64, time.Duration) {
		p.PieceResult(5, false)
		p.SetOpenBudget(0)
		return 1, fast, second
	})
	check("what is left nobody has", 4, func(p *Picker) (PeerID, float64, time.Duration) {
		for id := range PeerID(3) { // piece 5 stays open
			p.PeerGone(id)
			p.AddPeer(id, set("*****."))
		}
		if got := p.Pick(0, 9, slow, 0, nil); len(got) != 4 {
			t.Errorf("picked %v of the piece that is left", got)
		}
		return 1, fast, second
	})
	check("what is left waits, but nobody has it", 4, func(p *Picker) (PeerID, float64, time.Duration) {
		p.PieceResult(5, false)
		for id := range PeerID(3) {
			p.PeerGone(id)
			p.AddPeer(id, set("*****."))
		}
		p.Pick(0, 9, slow, 0, nil)
		return 1, fast, second
	})
}

// TestEndgameLeavesWhatIsOnItsWay: what a peer is about to deliver is not asked
// for again, however fast another is, until it is overdue by worthwhile.
func TestEndgameLeavesWhatIsOnItsWay(t *testing.T) {
	check := func(now time.Duration, want int) {
		t.Helper()
		p := setup(1, "****..", "******", "******", "******")
		p.Pick(0, 8, 10<<20, 0, nil) // eight blocks in 12.5 ms
		if got := p.Pick(1, 99, 100<<20, now, nil); len(got) != want {
			t.Errorf("after %v: %d duplicates, want %d", now, len(got), want)
		}
	}
	const promise = 156250 * time.Nanosecond // a block at 100 MiB/s
	check(time.Millisecond, 0)
	check(worthwhile, 0)
	check(worthwhile+promise-1, 0)
	check(worthwhile+promise+1, 1)
	check(worthwhile+8*promise, endgameDepth)
}

func TestEndgameLooksAtFewVictims(t *testing.T) {
	check := func(victims, want int) {
		t.Helper()
		// The last victim has waited least, and only its piece is had by the thief.
		pieces := strings.Repeat(".", victims)
		p := setup(1, "****"+pieces)
		last := ""
		for id := range victims {
			have := []byte("****" + pieces)
			have[4+id] = '*'
			last = string(have)
			p.AddPeer(PeerID(id), set(last))
			p.Pick(PeerID(id), 99, slow, time.Duration(id), nil)
		}
		p.AddPeer(PeerID(victims), set(last))
		if got := p.Pick(PeerID(victims), 99, fast, 10*second, nil); len(got) != want {
			t.Errorf("%d victims: picked %d blocks, want %d", victims, len(got), want)
		}
	}
	check(maxVictims, testBlocks)
	check(maxVictims+1, 0)
}

func TestEndgameTakesTheLatestOfTheSlowest(t *testing.T) {
	p := setup(1, "*****.", "******", "******", "******", "******")
	of0 := p.Pick(0, 1, 2*slow, 0, nil)
	of1 := p.Pick(1, 3, slow, 0, nil)
	if len(of1) != 3 {
		t.Fatal("the four blocks are not requested")
	}
	if got, want := p.Pick(2, 9, fast, 0, nil), []Block{of1[2], of1[1], of1[0], of0[0]}; !slices.Equal(got, want) {
		t.Errorf("picked %v, want %v", got, want)
	}
	if got := p.Pick(3, 9, fast, second, nil); len(got) != 0 {
		t.Errorf("%v are requested from more than %d peers", got, MaxRequesters)
	}
	if got := p.Pick(2, 9, fast, second, nil); len(got) != 0 {
		t.Errorf("%v are requested twice from one peer", got)
	}
	if got := p.Received(2, of1[2]); !got.Accept || !slices.Equal(got.Cancels, []PeerID{1}) {
		t.Errorf("%+v, want to cancel at peer 1", got)
	}
	if p.Outstanding(1) != 2 || p.Outstanding(2) != 3 {
		t.Errorf("%d and %d outstanding", p.Outstanding(1), p.Outstanding(2))
	}
	p.Lost(2, of1[1])
	if got := p.Pick(3, 9, fast, second, nil); !slices.Equal(got, of1[1:2]) {
		t.Errorf("picked %v, want the one that is requested once, %v", got, of1[1])
	}
}

// TestEndgamePassesTheStuck: peers that stall do not keep a block from others,
// until there are too many of them.
func TestEndgamePassesTheStuck(t *testing.T) {
	const peers = MostRequesters + 2
	p := setup(1, "****.", slices.Repeat([]string{"*****"}, peers)...) // one piece is left
	now := time.Duration(0)
	blocks := p.Pick(0, testBlocks, slow, now, nil)
	check := func(id PeerID, want int) {
		t.Helper()
		if got := p.Pick(id, 1, fast, now, nil); len(got) != want {
			t.Errorf("after %v %d blocks for peer %d, want %d", now, len(got), id, want)
		}
	}
	for _, b := range blocks[:testBlocks-1] {
		p.Received(0, b)
	}
	for id := PeerID(1); id < MostRequesters; id++ {
		now += stuck - 1
		check(id, 1)
		now++ // and this one is as stuck as those before
	}
	now += stuck
	check(MostRequesters, 0)
	p.Lost(3, blocks[testBlocks-1])
	check(MostRequesters, 1)
}

func TestEndgameDepth(t *testing.T) {
	p := setup(1, "****...", "*******", "*******")
	p.Pick(0, 10, slow, 0, nil)
	if got := p.Pick(1, 99, fast, 0, nil); len(got) != endgameDepth {
		t.Fatalf("picked %d blocks, want the 2 that were free and %d more", len(got), endgameDepth-2)
	}
	if got := p.Pick(1, 99, fast, 0, nil); len(got) != 0 {
		t.Errorf("%d more for a peer with %d outstanding", len(got), endgameDepth)
	}
	p.Received(1, p.OutstandingBlocks(1, nil)[0])
	if got := p.Pick(1, 99, fast, 0, nil); len(got) != 1 {
		t.Errorf("%d more for one that came", len(got))
	}
}
