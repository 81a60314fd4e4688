package wirecache

import (
	"errors"
	"testing"

	"spate/proto/metainfo"
)

func TestBadHashGetsNoImage(t *testing.T) {
	r := newRig(t, 1<<20, 100, 4, nil)
	r.src.rot = 1
	for range 5 {
		r.heat(0)
		r.heat(1)
	}
	if !r.hot(0) || r.hot(1) {
		t.Errorf("images: good piece %v, bad piece %v", r.hot(0), r.hot(1))
	}
	if n := r.src.open.Load(); n != 2 {
		t.Errorf("%d reads, want one a piece", n)
	}
	r.src.rot = 2
	r.heat(2)
	if len(r.faults) != 1 || r.faults[0] != 1 || r.Stats().Faults != 2 {
		t.Errorf("told of pieces %v, counted %d", r.faults, r.Stats().Faults)
	}
	r.sums(t, 1)
	r.t.Close()
	r.sums(t, 0)
}

func TestFailedBuildsGiveAllBack(t *testing.T) {
	check := func(what string, change func(*Config), spoil, repair func(*rig)) {
		t.Helper()
		r := newRig(t, 1<<20, 100, 4, change)
		spoil(r)
		r.heat(0)
		r.sums(t, 0)
		b := r.cfg.Buffers.(*buffers)
		if b.out.Load() != 0 || r.building.Load() != 0 || r.Stats().Refused != 1 || len(r.faults) > 0 {
			t.Errorf("%s: %d buffers out, %d builds, %d refused, faults %v", what,
				b.out.Load(), r.building.Load(), r.Stats().Refused, r.faults)
		}
		repair(r)
		r.heat(0)
		if r.sums(t, 1); !r.hot(0) {
			t.Errorf("%s: no image once it works", what)
		}
	}
	check("read", nil,
		func(r *rig) { r.src.fail = errors.New("read") },
		func(r *rig) { r.src.fail = nil })
	check("no buffer", nil,
		func(r *rig) { r.cfg.Buffers.(*buffers).empty = true },
		func(r *rig) { r.cfg.Buffers.(*buffers).empty = false })
	check("no memory", func(c *Config) { c.Create = func([][]byte, int64) (Memory, error) { return nil, errors.New("full") } },
		func(*rig) {},
		func(r *rig) { r.cfg.Create = Heap })
}

func TestBuildsAreBounded(t *testing.T) {
	r := newRig(t, 1<<30, 100, 10, nil)
	r.hold = true
	for piece := range maxBuilds + 1 {
		r.heat(piece)
	}
	if len(r.held) != maxBuilds {
		t.Fatalf("%d builds under way", len(r.held))
	}
	r.release()
	r.sums(t, maxBuilds)
	r.heat(maxBuilds)
	r.sums(t, maxBuilds+1)
}

// What was wanted is no longer so when the build is through.
func TestBuildsThatComeLate(t *testing.T) {
	check := func(what string, images int, change func(*rig)) {
		t.Helper()
		r := newRig(t, 1<<20, 100, 10, nil)
		r.hold = true
		r.heat(0)
		for len(r.held) > 0 && r.src.open.Load() == 0 { // up to the end of the read
			fn := r.held[0]
			r.held = r.held[1:]
			fn()
		}
		change(r)
		r.release()
		r.sums(t, images)
		if out := r.cfg.Buffers.(*buffers).out.Load(); out != 0 {
			t.Errorf("%s: %d buffers are out", what, out)
		}
	}
	check("nothing", 1, func(*rig) {})
	check("budget", 0, func(r *rig) { r.SetBudget(pageSize(testPiece) - 1) })
	check("closed table", 0, func(r *rig) { r.t.close() })
	check("built twice", 1, func(r *rig) { r.want(r.t, groupOf(r.src.info, 1, 0), 100) })
}

// The files of a torrent that ended may change as they like.
func TestBadHashOfAClosedTable(t *testing.T) {
	r := newRig(t, 1<<20, 100, 10, nil)
	r.src.rot = 0
	r.hold = true
	r.heat(0)
	r.held[0]() // finds room and reads
	r.held = r.held[1:]
	r.t.close()
	r.release()
	r.sums(t, 0)
	if len(r.faults) > 0 {
		t.Error("told of a torrent that ended")
	}
}

func TestLargePiecesGetNoImage(t *testing.T) {
	check := func(length int64, want bool) {
		t.Helper()
		r := newRig(t, 1<<40, 100, 1, nil)
		b := metainfo.Builder{
			Name: "t", PieceLength: length, Pieces: make([]byte, 20),
			Files: []metainfo.File{{Path: []string{"t"}, Length: length}},
		}
		meta, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		r.hold = true
		r.want(r.NewTable(meta.Info, r.src, nil), groupOf(meta.Info, 1, 0), 1<<20)
		if got := len(r.held) > 0; got != want {
			t.Errorf("piece of %d bytes: build %v, want %v", length, got, want)
		}
	}
	check(MaxPiece, true)
	check(MaxPiece+16384, false)
}
