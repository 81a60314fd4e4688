package picker

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/proto/bitfield"
)

// Swarms in these tests are strings of one character a piece. Of a peer: '*'
// it has the piece. Of ourselves: '*' had, '0' to '7' waiting with that
// priority, '.' waiting. Pieces and their blocks in results are letters.

const testBlocks = 4 // blocks a piece

// fast and slow are rates that do not go together.
const fast, slow = 100 << 20, 50 << 10

// setup makes a picker of four blocks a piece and a peer for each string, with
// the ids 0, 1, ...
func setup(seed uint64, ours string, peers ...string) *Picker {
	p := New(Config{
		Pieces:      len(ours),
		PieceLength: testBlocks * BlockSize,
		Length:      int64(len(ours)) * testBlocks * BlockSize,
		Rand:        rand.New(rand.NewPCG(seed, 1)),
	})
	for i, c := range ours {
		switch {
		case c == '*':
			p.MarkHave(i)
		case c >= '0' && c <= '7':
			p.SetPriority(i, Priority(c-'0'))
		}
	}
	for id, have := range peers {
		p.AddPeer(PeerID(id), set(have))
	}
	return p
}

func set(have string) *bitfield.Bits {
	b := bitfield.New(len(have))
	for i, c := range have {
		if c == '*' {
			b.Set(i)
		}
	}
	return b
}

// letters names blocks by their piece: a, b, and so on.
func letters(blocks []Block) string {
	var s strings.Builder
	for _, b := range blocks {
		s.WriteByte(byte('a' + b.Index))
	}
	return s.String()
}

// arrive lets all of a piece that is requested from peers come, without its
// PieceResult.
func arrive(t *testing.T, p *Picker, piece int, ids ...PeerID) {
	t.Helper()
	for _, id := range ids {
		for _, b := range p.OutstandingBlocks(id, nil) {
			if int(b.Index) == piece && !p.Received(id, b).Accept {
				t.Fatalf("block %v of peer %d is not accepted", b, id)
			}
		}
	}
}

func TestPickOrder(t *testing.T) {
	check := func(what, ours string, n int, want string, peers ...string) {
		t.Helper()
		for seed := range uint64(30) {
			p := setup(seed, ours, peers...)
			if got := letters(p.Pick(0, n, 0, 0, nil)); got != want {
				t.Errorf("%s: picked %q, want %q (seed %d)", what, got, want, seed)
			}
		}
	}
	check("the rarest first", "****....", 16, "hhhhggggffffeeee", "********", "*******.", "******..", "*****...")
	check("no more than asked for", "****....", 6, "hhhhgg", "********", "*******.", "******..", "*****...")
	check("no more than there is", "****....", 99, "hhhhggggffffeeee", "********", "*******.", "******..", "*****...")
	check("only what the peer has", "****....", 99, "gggg", "..*...*.", "*****...")
	check("priority before rarity", "****4765", 16, "ffffgggghhhheeee", "********", "*******.", "******..", "*****...")
	check("nothing that is skipped", "****0400", 16, "ffff", "********")
	check("nothing that is had", "*****..*", 16, "ggggffff", "********", "******.*")
	check("nothing from a peer without anything", "****....", 16, "", "........")
	check("nothing without pieces", "", 16, "", "")
}

func TestBlocksOfTheLastPiece(t *testing.T) {
	p := New(Config{Pieces: 2, PieceLength: 3 * BlockSize, Length: 4*BlockSize + 1, Rand: rand.New(rand.NewPCG(1, 1))})
	p.SetSequential(true)
	p.AddPeer(0, set("**"))
	want := []Block{{0, 0, BlockSize}, {0, BlockSize, BlockSize}, {0, 2 * BlockSize, BlockSize}, {1, 0, BlockSize}, {1, BlockSize, 1}}
	if got := p.Pick(0, 9, 0, 0, nil); !slices.Equal(got, want) || !slices.Equal(p.OutstandingBlocks(0, nil), want) {
		t.Errorf("picked %v, want %v", got, want)
	}
	if n, bytes := p.OpenPieces(); n != 2 || bytes != 4*BlockSize+1 || p.Left() != 4*BlockSize+1 {
		t.Errorf("%d open pieces of %d bytes, %d left", n, bytes, p.Left())
	}
	p.MarkHave(1)
	if n, bytes := p.OpenPieces(); n != 1 || bytes != 3*BlockSize || p.Left() != 3*BlockSize || p.Outstanding(0) != 3 {
		t.Errorf("after MarkHave %d open pieces of %d bytes, %d left, %d requests", n, bytes, p.Left(), p.Outstanding(0))
	}
}

func TestSequential(t *testing.T) {
	check := func(ours, want string, peers ...string) {
		t.Helper()
		p := setup(1, ours, peers...)
		p.SetSequential(true)
		if got := letters(p.Pick(0, 8, 0, 0, nil)); got != want {
			t.Errorf("%s, %q: picked %q, want %q", ours, peers, got, want)
		}
	}
	check("........", "aaaabbbb", "********", "****....")
	check("*.*.....", "bbbbdddd", "********")
	check("........", "ccccffff", "..*..*.*")
	check("44447644", "eeeeffff", "********")
	check("44447644", "aaaabbbb", "****....", "********")

	p := setup(1, "........", "********")
	p.SetSequential(true)
	p.Pick(0, 12, 0, 0, nil)
	arrive(t, p, 0, 0)
	p.PieceResult(0, false)
	if got := letters(p.Pick(0, 8, 0, 0, nil)); got != "aaaadddd" {
		t.Errorf("after the first piece failed: %q", got)
	}
}

// TestRandomFirst holds that the first pieces are any, and the later ones the
// rarest.
func TestRandomFirst(t *testing.T) {
	check := func(ours string, want ...byte) {
		t.Helper()
		seen := map[byte]bool{}
		for seed := range uint64(200) {
			p := setup(seed, ours, "********", ".***.***", "..**..**", "...*...*")
			seen[letters(p.Pick(0, 1, 0, 0, nil))[0]] = true
		}
		for c := byte('a'); c < 'i'; c++ {
			if seen[c] != slices.Contains(want, c) {
				t.Errorf("%s: piece %c picked first: %t", ours, c, seen[c])
			}
		}
	}
	check("........", 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
	check(".***....", 'a', 'e', 'f', 'g', 'h')
	check(".****...", 'a')
}

// TestTiesAreUniform holds that pieces of the same availability are chosen
// with the same frequency, so that leechers with the same view differ.
func TestTiesAreUniform(t *testing.T) {
	const runs = 8000
	var count [8]int
	for seed := range uint64(runs) {
		p := setup(seed, "****........", "************", "****....****")
		p.AddPeer(7, set("********...."))
		p.PeerHave(7, 8)
		p.PeerHave(7, 9)
		p.PeerGone(7)
		p.PeerHave(1, 4)
		p.PeerGone(1)
		count[p.Pick(0, 1, 0, 0, nil)[0].Index-4]++
	}
	// Each count is binomial: mean 1000, deviation 30. Five of those are allowed.
	for i, n := range count {
		if n < 850 || n > 1150 {
			t.Errorf("piece %c was first %d times of %d", 'e'+i, n, runs)
		}
	}
}

func TestPartialPieces(t *testing.T) {
	second := time.Second
	p := setup(1, "****....", "********", "********", "********")
	one := letters(p.Pick(0, 3, slow, 0, nil))
	if two := letters(p.Pick(1, 1, fast, 0, nil)); two == one[:1] {
		t.Errorf("a fast peer joined the piece of a slow one")
	}
	if two := letters(p.Pick(2, 1, 2*slow, 0, nil)); two != one[:1] {
		t.Errorf("a peer of a like rate opened piece %s while %s was open", two, one)
	}
	for _, b := range p.OutstandingBlocks(0, nil) {
		p.Lost(0, b)
	}
	p.PeerGone(2)
	if got := letters(p.Pick(1, 9, fast, second, nil)); got[:3] == one || !strings.Contains(got, one[:1]) {
		t.Errorf("the fast peer picked %s after its own piece, want the one that was left, %s", got, one)
	}

	p = setup(1, "****....", "********", "********", "********")
	p.Pick(0, 4+3, fast, 0, nil) // a piece and three quarters
	p.PeerGone(0)                // both are free
	p.Pick(1, 1, fast, 0, nil)   // one is begun
	near := p.Pick(1, 1, fast, 0, nil)[0].Index
	if got := p.Pick(2, 2, fast, 0, nil); got[0].Index != near || got[1].Index != near {
		t.Errorf("picked %s, want the piece nearest completion, %c", letters(got), 'a'+near)
	}

	p = setup(1, "*****...", "********", "********")
	p.Pick(0, 9, fast, 0, nil) // one block in the third piece
	if got := p.Pick(1, 9, slow, 0, nil); len(got) != 3 || got[0].Index != got[2].Index {
		t.Errorf("with nothing else to do a slow peer picked %s, want the rest of a fast one's piece", letters(got))
	}
}

func TestOpenBudget(t *testing.T) {
	const piece = testBlocks * BlockSize
	check := func(budget int64, want int) {
		t.Helper()
		p := setup(1, "****....", "********")
		p.SetOpenBudget(budget)
		if got := p.Pick(0, 99, 0, 0, nil); len(got) != want*testBlocks {
			t.Errorf("budget %d: %s, want %d pieces", budget, letters(got), want)
		}
	}
	check(0, 0)
	check(1, 1)
	check(piece, 1)
	check(2*piece-1, 1)
	check(2*piece, 2)
	check(4*piece, 4)
	check(DefaultOpenBudget, 4)

	p := setup(1, "****....", "********")
	p.Pick(0, 1, 0, 0, nil)
	p.SetOpenBudget(0)
	got := p.Pick(0, 99, 0, 0, nil)
	if len(got) != 3 {
		t.Errorf("with a budget of 0 picked %s, want the rest of one piece", letters(got))
	}
	arrive(t, p, int(got[0].Index), 0)
	p.SetOpenBudget(1)
	if got := p.Pick(0, 99, 0, 0, nil); len(got) != 0 {
		t.Errorf("opened %s while a complete piece was not written", letters(got))
	}
	p.PieceResult(int(got[0].Index), true)
	if got := p.Pick(0, 99, 0, 0, nil); len(got) != 4 {
		t.Errorf("picked %s after the piece was written", letters(got))
	}
}

func TestResults(t *testing.T) {
	p := setup(1, "*..*****", "********", "********")
	p.SetSequential(true)
	p.Pick(0, 2, fast, 0, nil)
	p.Pick(1, 2, fast, 0, nil)
	if !p.Opened(1) || p.Opened(2) || p.Opened(-1) || p.Opened(8) {
		t.Error("Opened")
	}
	arrive(t, p, 1, 0, 1)
	p.PeerGone(1)
	if got := p.Contributors(1); !slices.Equal(got, []PeerID{0, 0, NoPeer, NoPeer}) || p.Contributors(2) != nil {
		t.Errorf("Contributors: %v", got)
	}
	p.PieceResult(1, false)
	if p.Opened(1) || p.Have().Has(1) || p.Left() != 2*testBlocks*BlockSize || p.Contributors(1) != nil {
		t.Error("a failed piece is not missing again")
	}
	if got := letters(p.Pick(0, 4, 0, 0, nil)); got != "bbbb" {
		t.Errorf("picked %s after b failed", got)
	}
	arrive(t, p, 1, 0)
	p.PieceResult(1, true)
	p.PieceResult(1, false) // not open: nothing happens
	p.SetPriority(2, Skip)
	if !p.Have().Has(1) || !p.Done() || p.Left() != 0 {
		t.Error("not done with all wanted pieces had")
	}
	p.SetPriority(2, 9)
	if p.Priority(2) != MaxPriority || p.Done() {
		t.Errorf("priority %d", p.Priority(2))
	}
	p.Pick(0, 1, 0, 0, nil)
	p.SetPriority(2, Skip)
	if p.Done() || !p.Interesting(0) {
		t.Error("a piece that is begun is finished, though it is skipped")
	}
	p.PieceResult(2, false)
	if !p.Done() || p.Interesting(0) || p.Left() != 0 {
		t.Error("a skipped piece that failed is wanted")
	}
}

func TestInteresting(t *testing.T) {
	p := setup(1, "**......", "********", "**......", "***.....")
	check := func(what string, changed []PeerID, interesting ...bool) {
		t.Helper()
		if got := p.InterestChanges(nil); !slices.Equal(got, changed) {
			t.Errorf("%s: changes of %v, want %v", what, got, changed)
		}
		for id, want := range interesting {
			if got := p.Interesting(PeerID(id)); got != want {
				t.Errorf("%s: peer %d is interesting: %t", what, id, got)
			}
		}
	}
	check("at first", []PeerID{0, 2}, true, false, true, false)
	check("no change", nil, true, false, true)
	p.PeerHave(1, 1)
	p.PeerHave(1, 7)
	check("a new piece", []PeerID{1}, true, true, true)
	p.MarkHave(2)
	check("had", []PeerID{2}, true, true, false)
	p.SetPriority(7, Skip)
	p.SetPriority(7, Normal)
	check("skipped for a moment", []PeerID{1}, true, true, false)
	for i := range 8 {
		p.SetPriority(i, Skip)
	}
	check("all skipped", []PeerID{0, 1}, false, false, false)
	p.SetPriority(5, Normal)
	check("one wanted", []PeerID{0}, true, false, false)
	p.PeerHave(1, 5)
	p.PeerGone(1)
	check("gone", nil, true, false, false)
}

func TestAvailability(t *testing.T) {
	check := func(want float64, peers ...string) {
		t.Helper()
		p := setup(1, strings.Repeat(".", len(peers[0])), peers...)
		if got := p.Copies(); got != want {
			t.Errorf("%q are %v copies, want %v", peers, got, want)
		}
	}
	check(0, "")
	check(0, "....")
	check(0.25, "...*")
	check(1, "****")
	check(1.5, "****", "..**")
	check(1.75, "****", "..**", ".***")
	check(2, "****", "**..", "..**")

	p := setup(1, "....", "****", "*...", "....")
	if p.Availability(0) != 2 || p.Availability(1) != 1 {
		t.Error("Availability")
	}
	if !p.PeerHave(2, 1) || p.PeerHave(2, 1) || p.PeerHave(2, 4) || p.PeerHave(2, -1) || p.PeerHave(0, 1) || p.PeerHave(9, 1) {
		t.Error("PeerHave is true for a piece that is new, and only then")
	}
	if p.Availability(1) != 2 {
		t.Error("Availability after PeerHave")
	}
}

// TestUnknownPeers holds that calls for a peer that was not added do nothing.
func TestUnknownPeers(t *testing.T) {
	p := setup(1, "....", "****")
	b := p.Pick(0, 1, 0, 0, nil)[0]
	for _, id := range []PeerID{1, MaxPeers, NoPeer} {
		p.PeerGone(id)
		p.Lost(id, b)
		if p.Interesting(id) || p.Outstanding(id) != 0 || len(p.OutstandingBlocks(id, nil)) != 0 ||
			len(p.Pick(id, 1, 0, 0, nil)) != 0 || p.Wants(id, b) != Discard || p.Received(id, b).Accept {
			t.Errorf("peer %d", id)
		}
	}
	if p.Outstanding(0) != 1 {
		t.Error("a stranger took a request away")
	}
}

func TestPanics(t *testing.T) {
	check := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: no panic", what)
			}
		}()
		f()
	}
	p := setup(1, "....", "****")
	p.AddPeer(MaxPeers-1, set("****"))
	check("one peer too many", func() { p.AddPeer(MaxPeers, set("****")) })
	check("an id in use", func() { p.AddPeer(0, set("****")) })
	check("pieces of another torrent", func() { p.AddPeer(1, set("***")) })
	rnd := rand.New(rand.NewPCG(1, 1))
	check("too long", func() { New(Config{Pieces: 2, PieceLength: 4, Length: 9, Rand: rnd}) })
	check("too short", func() { New(Config{Pieces: 2, PieceLength: 4, Length: 4, Rand: rnd}) })
	check("no chance", func() { New(Config{Pieces: 2, PieceLength: 4, Length: 8}) })
}
