//go:build !race

package swarm

import (
	"testing"

	"spate/proto/wire"
	"spate/reactor/wirecache"
)

func TestServingAllocatesNothing(t *testing.T) {
	check := func(what string, r *rig) {
		t.Helper()
		all := append(r.piece(0), r.piece(1)...)
		serve := func() {
			r.conn.out = r.conn.out[:0]
			r.ask(t, all...)
		}
		serve()
		if n := testing.AllocsPerRun(50, serve); n != 0 {
			t.Errorf("%s: %v allocations for %d blocks", what, n, len(all))
		}
	}
	r := newRig(t, 4*testPiece, 8<<20, 8*testPiece)
	r.heat(t, 0)
	r.heat(t, 1)
	check("images", r)
	check("counted", newRig(t, 4*testPiece, 1, 8*testPiece))
	check("no cache", newRig(t, 4*testPiece, 0, 8*testPiece))
	if wirecache.Message != block+wire.PieceHeaderLen {
		t.Error("a message is not a block with its header")
	}
}
