package wirecache

import (
	"bytes"
	"testing"

	"spate/proto/metainfo"
)

func grouped(n int64) func(*Config) { return func(c *Config) { c.Group = n } }

// heatGroup asks for pieces until their group should have an image.
func (r *rig) heatGroup(first, pieces int) {
	for range Passes + 1 {
		for piece := first; piece < first+pieces; piece++ {
			r.pass(piece)
		}
	}
}

func TestGroupsOfPieces(t *testing.T) {
	check := func(group int64, pieces, per int) {
		t.Helper()
		r := newRig(t, 1<<24, 100, pieces, grouped(group))
		if r.t.per != per {
			t.Fatalf("%d pieces a group, want %d", r.t.per, per)
		}
		for first := 0; first < pieces; first += per {
			n := min(per, pieces-first)
			r.heatGroup(first, n)
			var want []byte
			for piece := first; piece < first+n; piece++ {
				m := r.t.Acquire(uint32(piece), 0, metainfo.BlockSize)
				if m == nil {
					t.Fatalf("groups of %d: piece %d has no image", per, piece)
				}
				if got := m.Offset(uint32(piece), 2*metainfo.BlockSize); got != int64(len(want))+2*Message {
					t.Errorf("groups of %d: piece %d is at %d", per, piece, got)
				}
				want = append(want, r.src.wire(piece)...)
				if piece == first+n-1 {
					got := make([]byte, len(want))
					if _, err := m.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
						t.Errorf("groups of %d: the one from %d has other bytes (%v)", per, first, err)
					}
					if m.size != (int64(len(want))+page-1)/page*page || m.wireSize() != int64(len(want)) {
						t.Errorf("groups of %d: %d bytes, counted %d", per, len(want), m.size)
					}
					if n < pieces && (m.Has(uint32(first+n), 0, metainfo.BlockSize) || m.Has(uint32(first-1), 0, metainfo.BlockSize)) {
						t.Errorf("groups of %d: the one from %d has more than its pieces", per, first)
					}
				}
				m.Release()
			}
		}
		if s := r.Stats(); s.Images != (pieces+per-1)/per || r.src.open.Load() != int32(pieces) {
			t.Errorf("groups of %d: %d images, %d reads of %d pieces", per, s.Images, r.src.open.Load(), pieces)
		}
	}
	check(0, 4, 1)
	check(2*testPiece-1, 4, 1)
	check(2*testPiece, 4, 2)
	check(3*testPiece, 7, 3)
	check(GroupSize, 9, 64)
}

func TestBadPieceOfAGroup(t *testing.T) {
	r := newRig(t, 1<<24, 100, 6, grouped(3*testPiece))
	r.src.rot = 4
	r.heatGroup(0, 6)
	if !r.hot(2) || r.hot(3) || r.hot(4) {
		t.Error("images of the wrong groups")
	}
	if len(r.faults) != 1 || r.faults[0] != 4 {
		t.Errorf("told of pieces %v", r.faults)
	}
}

func TestTableThatIsNotOpen(t *testing.T) {
	r := newRig(t, 1<<24, 100, 6, nil)
	table := r.NewTable(r.src.info, r.src, nil)
	for range 10 * Passes {
		table.Note(0, 0, metainfo.BlockSize)
	}
	if r.src.open.Load() != 0 {
		t.Error("reads pieces of which it does not know that they are there")
	}
}

// Pieces shorter than a block are no reason for groups of millions.
func TestGroupsOfTinyPieces(t *testing.T) {
	r := newRig(t, 1<<24, 100, 6, grouped(GroupSize))
	b := metainfo.Builder{
		Name: "t", PieceLength: 16, Pieces: make([]byte, 20*1000),
		Files: []metainfo.File{{Path: []string{"t"}, Length: 16 * 1000}},
	}
	meta, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if per := r.NewTable(meta.Info, r.src, nil).per; per != GroupSize/metainfo.BlockSize {
		t.Errorf("%d pieces a group", per)
	}
}
