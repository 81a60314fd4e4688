package wirecache

import (
	"testing"

	"spate/proto/metainfo"
)

func TestImageHoldsTheWire(t *testing.T) {
	r := newRig(t, 1<<20, 100, 3, nil)
	for piece := range 3 {
		r.heat(piece)
		m := r.t.Acquire(uint32(piece), 0, metainfo.BlockSize)
		if m == nil {
			t.Fatalf("piece %d has no image", piece)
		}
		r.src.holds(t, m, piece)
		m.Release()
	}
	check := func(piece, begin, n uint32, off int64) {
		t.Helper()
		m := r.t.Acquire(piece, begin, n)
		if (m != nil) != (off >= 0) {
			t.Fatalf("%d %d %d: acquired %v", piece, begin, n, m != nil)
		}
		if m != nil {
			if got := m.Offset(piece, begin); got != off {
				t.Errorf("%d %d %d at %d, want %d", piece, begin, n, got, off)
			}
			m.Release()
		}
	}
	const last = metainfo.BlockSize - 100 // of the last piece
	check(0, 0, metainfo.BlockSize, 0)
	check(0, metainfo.BlockSize, metainfo.BlockSize, Message)
	check(1, 3*metainfo.BlockSize, metainfo.BlockSize, 3*Message)
	check(2, 3*metainfo.BlockSize, last, 3*Message)
	check(2, 3*metainfo.BlockSize, last-1, -1)
	check(2, 3*metainfo.BlockSize, metainfo.BlockSize, -1)
	check(0, 1, metainfo.BlockSize, -1)
	check(0, 0, metainfo.BlockSize-1, -1)
	check(0, 0, 2*metainfo.BlockSize, -1)
	check(0, 4*metainfo.BlockSize, 0, -1)
}

func TestAdmission(t *testing.T) {
	r := newRig(t, 1<<20, 100, 4, nil)
	for range Passes {
		r.pass(0)
	}
	for range 10 * Passes { // of blocks that images do not serve
		r.t.Note(1, 1, metainfo.BlockSize)
		r.t.Note(1, 0, 1000)
	}
	if r.hot(0) || r.hot(1) || r.src.open.Load() != 0 {
		t.Fatal("an image for what was not asked for often enough")
	}
	r.t.Note(0, 0, metainfo.BlockSize)
	if !r.hot(0) {
		t.Fatal("no image for what was asked for once more")
	}
	r.heat(0)
	if n := r.src.open.Load(); n != 1 {
		t.Errorf("piece 0 was read %d times", n)
	}
	for range Passes * 4 { // too slow: all counts are halved in between
		r.pass(2)
		r.Age()
		r.Age()
	}
	if r.hot(2) {
		t.Error("an image for what is asked for once in a while")
	}
}

func TestBudgetIsNeverExceeded(t *testing.T) {
	size := pageSize(testPiece)
	r := newRig(t, 3*size, 100, 12, nil)
	for piece := range 3 {
		r.heat(piece)
	}
	r.sums(t, 3)
	r.heat(3) // one past the limit: asked for no more than the others
	r.sums(t, 3)
	if r.hot(3) {
		t.Error("took the place of an image that is as hot")
	}
	least := int(enough(Passes + 0.25))
	for range least - Passes - 1 {
		r.pass(3)
	}
	if r.hot(3) || least < 3*Passes {
		t.Errorf("took the place of an image for what may be chance: %d passes", least-1)
	}
	r.pass(3)
	r.pass(3)
	r.sums(t, 3)
	if !r.hot(3) {
		t.Error("what is asked for much more gets no place")
	}
	short := newRig(t, size-1, 100, 2, nil)
	short.heat(0)
	short.sums(t, 0)
	if short.src.open.Load() != 0 {
		t.Error("read a piece for which there is no room")
	}
	few := newRig(t, 1<<30, 2, 12, nil)
	for piece := range 4 {
		few.heat(piece)
	}
	few.sums(t, 2) // one past the limit of descriptors
}

func TestHotImagesStay(t *testing.T) {
	r := newRig(t, 2*pageSize(testPiece), 100, 8, nil)
	r.heat(0)
	r.heat(1)
	m := r.t.Acquire(0, 0, metainfo.BlockSize)
	for range 2 * mostUses {
		m.Used(int(m.blocks))
	}
	if uses := m.uses.Load(); uses > (mostUses+1)*m.blocks {
		t.Errorf("%d uses were counted", uses)
	}
	m.Release()
	for range 2*Passes + 1 {
		r.heat(2)
	}
	if !r.hot(0) || r.hot(1) || !r.hot(2) {
		t.Errorf("of a hot, a cool and a new piece have images: %v %v %v", r.hot(0), r.hot(1), r.hot(2))
	}
}

func TestHeldImagesTakeRoom(t *testing.T) {
	r := newRig(t, 2*pageSize(testPiece), 100, 8, nil)
	r.heat(0)
	r.heat(1)
	r.t.find(1).uses.Add(4)
	m := r.t.Acquire(0, 0, metainfo.BlockSize)
	if !m.Current() {
		t.Error("an image that can be acquired is not current")
	}
	for range int(enough(Passes+0.25)) + 2 {
		r.pass(2)
	}
	r.sums(t, 2)
	if m.Current() || r.hot(0) || !r.hot(1) || r.hot(2) {
		t.Errorf("the coolest image is current: %v, hot: %v %v %v", m.Current(), r.hot(0), r.hot(1), r.hot(2))
	}
	r.src.holds(t, m, 0)
	m.Release()
	r.sums(t, 1)
	r.pass(2)
	r.sums(t, 2)
	if !r.hot(2) {
		t.Error("no image once there is room")
	}
	m = r.t.Acquire(2, 0, metainfo.BlockSize)
	r.SetBudget(0)
	r.sums(t, 1)
	r.src.holds(t, m, 2)
	m.Release()
	r.sums(t, 0)
}

// Whoever found an image before it was evicted does not get hold of it later.
func TestNoHoldOfAClosedImage(t *testing.T) {
	r := newRig(t, 1<<20, 100, 4, nil)
	r.heat(0)
	m := r.t.find(0)
	r.SetBudget(0)
	if m.hold() {
		t.Error("hold of a closed image")
	}
}

func TestEvictedImageIsEarnedAnew(t *testing.T) {
	r := newRig(t, 1<<20, 100, 4, nil)
	r.heat(0)
	r.SetBudget(0)
	r.SetBudget(1 << 20)
	r.pass(0)
	r.t.Note(0, 0, metainfo.BlockSize)
	if r.hot(0) {
		t.Error("one pass is enough for a piece that had an image")
	}
	r.heat(0)
	if !r.hot(0) {
		t.Error("no image any more")
	}
}

// A piece for which there is no room does not ask for it in vain.
func TestRefusedPiecesWait(t *testing.T) {
	r := newRig(t, pageSize(testPiece), 100, 4, nil)
	r.heat(0)
	r.t.find(0).uses.Store(20 * 4) // passes of four blocks
	least := int(enough(20))
	for range least {
		r.pass(1)
	}
	if s := r.Stats(); s.Refused != 1 || s.Evictions != 0 {
		t.Errorf("after %d passes: %+v", least, s)
	}
	r.pass(1)
	r.t.Note(1, 0, metainfo.BlockSize)
	if !r.hot(1) {
		t.Error("no image for what is asked for much more")
	}
	r.Age()
	r.Age()
	for range least + 2 {
		r.pass(0)
	}
	if !r.hot(0) {
		t.Error("images that have aged are not replaced")
	}
}

func TestBudgetShrinks(t *testing.T) {
	size := pageSize(testPiece)
	r := newRig(t, 10*size, 100, 20, nil)
	for piece := range 10 {
		r.heat(piece)
	}
	for piece := range 10 {
		if piece != 4 {
			r.t.find(piece).uses.Store(0)
		}
	}
	r.SetBudget(3*size + 1)
	r.sums(t, 3)
	if !r.hot(4) {
		t.Error("evicted what was used")
	}
	r.SetBudget(size - 1)
	r.sums(t, 0)
	r.heat(11)
	r.sums(t, 0)
	r.SetBudget(1 << 60)
	if b := r.Stats().Budget; b != 10*size {
		t.Errorf("budget %d is above the limit", b)
	}
	r.heat(12)
	r.sums(t, 1)
}

func TestAgeEvictsWhatIsNotUsed(t *testing.T) {
	few := newRig(t, 1<<20, 100, 4, nil)
	few.heat(0) // Passes and a block
	for n := Passes; n > 1; n /= 2 {
		if few.Age(); !few.hot(0) {
			t.Error("evicted an image of which a pass counts")
		}
	}
	if few.Age(); few.hot(0) {
		t.Error("kept an image of which less than a pass counts")
	}
	r := newRig(t, 1<<20, 100, 4, nil)
	r.heat(0)
	r.heat(1)
	for range 12 {
		r.Age()
		m := r.t.Acquire(1, 0, metainfo.BlockSize)
		if m == nil {
			t.Fatal("used image evicted")
		}
		m.Used(8)
		m.Release()
	}
	if r.hot(0) || !r.hot(1) {
		t.Errorf("unused image kept: %v, used one: %v", r.hot(0), r.hot(1))
	}
}

func TestClosedTableAndCache(t *testing.T) {
	r := newRig(t, 1<<20, 100, 4, nil)
	other := newSource(t, 4*testPiece)
	more := r.NewTable(other.info, other, nil)
	more.Open()
	r.heat(0)
	r.heat(1)
	for range 4*Passes + 1 {
		more.Note(0, 0, metainfo.BlockSize)
	}
	r.sums(t, 3)
	r.t.Close()
	r.sums(t, 1)
	r.heat(2)
	if r.hot(2) {
		t.Error("a closed table got an image")
	}
	r.hold = true
	for range 4*Passes + 1 {
		more.Note(1, 0, metainfo.BlockSize)
	}
	r.Close()
	r.release()
	r.sums(t, 0)
	var none *Cache
	none.Close()
	table := none.NewTable(other.info, other, nil)
	table.Open()
	table.Note(0, 0, metainfo.BlockSize)
	table.Close()
	if table.Acquire(0, 0, metainfo.BlockSize) != nil || none.Stats() != (Stats{}) {
		t.Error("no cache has something")
	}
}
