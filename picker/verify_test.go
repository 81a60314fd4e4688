package picker

import (
	"slices"
)

// verify recounts everything that the picker keeps incrementally.
func (m *model) verify() {
	m.t.Helper()
	p, fail := m.p, m.t.Fatalf
	missing, left, seeds := 0, int64(0), 0
	waiting := make([]int, len(p.ladders))
	for piece := range p.pieces {
		n, all := 0, 0
		for id, have := range m.peers {
			switch {
			case p.peers[id].all:
				all++
			case have.Has(piece):
				n++
			}
		}
		seeds = all
		if n != int(p.avail[piece]) || n+all != p.Availability(piece) {
			fail("availability of %d is %d + %d, counted %d", piece, p.avail[piece], p.seeds, n)
		}
		if m.wanted(piece) != p.wanted(int32(piece)) {
			fail("wanted(%d) is %t", piece, p.wanted(int32(piece)))
		}
		if m.wanted(piece) {
			missing++
			left += p.size(int32(piece))
		}
		if p.where[piece] >= 0 {
			waiting[p.prio[piece]]++
			if piece < p.first {
				fail("piece %d waits, the first is said to be %d", piece, p.first)
			}
		}
	}
	if missing != p.missing || left != p.Left() || p.Done() != (missing == 0) || p.had != p.have.Count() || seeds != p.seeds {
		fail("%d missing, counted %d; %d left, counted %d; %d had, counted %d; %d seeds, counted %d",
			p.missing, missing, p.Left(), left, p.had, p.have.Count(), p.seeds, seeds)
	}
	for level := range p.ladders {
		if l := &p.ladders[level]; !p.stale {
			if len(l.pieces) != waiting[level] || level == 0 && waiting[0] > 0 {
				fail("ladder %d has %d pieces, counted %d", level, len(l.pieces), waiting[level])
			}
			checkLadder(m.t, l, p.where, func(i int32) int { return int(p.avail[i]) })
		}
	}
	m.verifyPeers()
	m.verifyOpen()
	p.Verify() // where it is built in
}

func (m *model) verifyPeers() {
	m.t.Helper()
	p, fail := m.p, m.t.Fatalf
	for id := range PeerID(modelPeers) {
		have := m.peers[id]
		if have == nil {
			if p.Interesting(id) || p.Outstanding(id) != 0 {
				fail("peer %d is gone, but there is something of it", id)
			}
			continue
		}
		useful, barren := 0, true
		for piece := range p.pieces {
			if have.Has(piece) && m.wanted(piece) {
				useful++
				barren = barren && p.where[piece] < 0
			}
		}
		q := &p.peers[id]
		if p.Interesting(id) != (useful > 0) || !q.all && int(q.useful) != useful {
			fail("peer %d has %d useful pieces and is interesting: %t; counted %d", id, q.useful, p.Interesting(id), useful)
		}
		if q.barren == p.listings && !barren {
			fail("peer %d is said to have no waiting piece", id)
		}
		out := p.OutstandingBlocks(id, nil)
		for _, b := range out {
			if !slices.Contains(m.asked[b], id) {
				fail("%v is said to be requested from peer %d", b, id)
			}
		}
		asked := 0
		for _, ids := range m.asked {
			if slices.Contains(ids, id) {
				asked++
			}
		}
		if len(out) != asked || p.Outstanding(id) != asked {
			fail("peer %d: %d outstanding, %d listed, counted %d", id, p.Outstanding(id), len(out), asked)
		}
	}
}

func (m *model) verifyOpen() {
	m.t.Helper()
	p, fail := m.p, m.t.Fatalf
	count, bytes := 0, int64(0)
	for piece := range p.pieces {
		if !p.Opened(piece) {
			continue
		}
		count++
		bytes += p.size(int32(piece))
		slot := p.slot(int32(piece))
		o := &p.open[slot]
		free, asked, got := 0, 0, 0
		for i, b := range m.blocks(piece) {
			_, here := m.got[b]
			d := o.blocks[i]
			ids := len(m.asked[b])
			if here != d.got || p.requesters(slot, int32(i)) != ids || here && ids > 0 {
				fail("%v is here: %t, counted %t; %d requests", b, d.got, here, ids)
			}
			asked += ids
			switch {
			case here:
				got++
			case ids == 0:
				free++
				if int32(i) < o.next {
					fail("block %d is free, the next is said to be %d", i, o.next)
				}
			}
		}
		if int(o.free) != free || int(o.asked) != asked || int(o.got) != got || o.piece != int32(piece) {
			fail("piece %d: %d free, %d requested, %d here; counted %d, %d, %d", piece, o.free, o.asked, o.got, free, asked, got)
		}
		if slices.Contains(p.fillable, slot) != (free > 0) || free > 0 && p.fillable[o.listed] != slot {
			fail("piece %d with %d free blocks is fillable: %t", piece, free, slices.Contains(p.fillable, slot))
		}
	}
	if n, b := p.OpenPieces(); n != count || b != bytes || count+len(p.spare) != len(p.open) {
		fail("%d open pieces of %d bytes, counted %d of %d", n, b, count, bytes)
	}
}
