package swarm

import (
	"maps"
	"slices"

	"spate/picker"
	"spate/proto/metainfo"
	"spate/reactor/blame"
)

// blame finds out who made a piece bad: who gave all of it, at once; of several,
// once it is verified.
func (t *Torrent) blame(index int, givers []*blame.Giver, sums []blame.Sum) {
	if all := blame.Distinct(givers); len(all) == 1 {
		t.convict(all[0])
		return
	}
	t.book.Open(index, givers, sums)
	t.parole()
}

// settle convicts those whose blocks differ from the ones of a piece that is
// verified after it had failed.
func (t *Torrent) settle(index int, sums []blame.Sum) {
	if sums == nil {
		return
	}
	for _, liar := range t.book.Settle(index, sums) {
		t.convict(liar)
	}
	t.parole()
}

// parole tells the picker who is under suspicion.
func (t *Torrent) parole() {
	for _, p := range t.active {
		t.pick.Parole(p.id, p.giver.Suspected())
	}
}

// convict bans a liar by its address, closes all connections with it, and takes
// back what else it gave: the pieces would fail, and others come under suspicion.
func (t *Torrent) convict(liar *blame.Giver) {
	if t.roster.bans.Add(liar.Remote) {
		t.host.Figures.Banned.Add(1)
	}
	t.roster.bans.Add(liar.Listen)
	for _, index := range slices.Sorted(maps.Keys(t.open)) {
		t.retract(t.open[index], liar)
	}
	for i := len(t.active) - 1; i >= 0; i-- {
		switch p := t.active[i]; {
		case p.giver == liar:
			p.Close(ErrBadData)
		case t.roster.bans.Has(p.conn.Remote()):
			p.Close(ErrBanned)
		}
	}
}

// retract has the blocks of a piece under way fetched again that a liar gave.
func (t *Torrent) retract(o *openPiece, liar *blame.Giver) {
	for i, g := range o.givers {
		if g == liar {
			b := t.blockOf(o, i)
			o.givers[i] = nil
			t.pick.Retract(b)
			t.wasted(int64(b.Length))
		}
	}
}

// blockOf names a block of a piece.
func (t *Torrent) blockOf(o *openPiece, i int) picker.Block {
	begin := i * metainfo.BlockSize
	return picker.Block{Index: o.index, Begin: uint32(begin), Length: uint32(min(metainfo.BlockSize, len(o.buf)-begin))}
}

// meet makes the picker know what p has.
func (t *Torrent) meet(p *Peer) {
	t.pick.AddPeer(p.id, p.have)
	t.pick.Parole(p.id, p.giver.Suspected())
}

// known is the giver that p is: a suspect stays one when it comes back.
func (t *Torrent) known(p *Peer) *blame.Giver {
	if g := t.book.Suspect(p.conn.Remote()); g != nil {
		return g
	}
	return &blame.Giver{Remote: p.conn.Remote()}
}
