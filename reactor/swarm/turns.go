package swarm

import "spate/reactor/fifo"

// turns is who is to be served, and how much the loop has sent in this round.
// A round is the time between two drains: the loop looks at its sockets, its
// posts and its timers once in each.
//
//	input ----> nobody waits, the round has room ----> blocks at once
//	      \---> otherwise: control messages at once, blocks in line
//
// The line is first in, first out, and a turn ends at flushBlocks, so each
// peer that is faster than the loop gets as much as any other.
type turns struct {
	dirty   peerList          // peers with control messages to flush
	line    fifo.Queue[*Peer] // peers that wait for their turn
	serving *Peer             // whose turn it is
	spent   int               // bytes sent in this round, and turnCost for each turn
	posted  bool
	drain   func() // Host.drain, made once: a method value is an allocation
}

// markDirty flushes p once the current input is applied.
func (h *Host) markDirty(p *Peer) {
	if p.dirty || p.closing {
		return
	}
	p.dirty = true
	h.turns.dirty.next = append(h.turns.dirty.next, p)
	h.wake()
}

// later puts p in line for a turn after the other events of the loop.
func (h *Host) later(p *Peer) {
	if p.again || p.closing {
		return
	}
	p.again = true
	h.turns.line.Push(p)
	h.wake()
}

func (h *Host) wake() {
	if !h.turns.posted {
		h.turns.posted = h.Loop.Post(h.turns.drain)
	}
}

// drain begins a round: it flushes what became due during the inputs before it,
// and serves those in line, each once, until the round is full.
func (h *Host) drain() {
	t := &h.turns
	t.posted = false
	t.spent = 0
	t.dirty.empty(func(p *Peer) {
		p.dirty = false
		p.flush()
	})
	for n := t.line.Len(); n > 0 && t.spent < roundBytes; n-- {
		p := t.line.Pop()
		p.again = false
		t.serving = p
		p.turn()
		t.serving = nil
		t.spent += turnCost
	}
	if t.line.Len() > 0 {
		h.wake()
	}
	for d := range directions {
		h.deal(d)
	}
}

// mayServe tells whether blocks may go to p without waiting in line: in its
// turn, in one of the rates, or while neither anybody waits nor the
// round is full.
func (h *Host) mayServe(p *Peer) bool {
	t := &h.turns
	return t.serving == p || h.deals[up].served == p || (t.line.Len() == 0 && t.spent < roundBytes)
}

// peerList is peers that are due, in two slices that take turns, so that it
// allocates nothing in the long run.
type peerList struct{ next, spare []*Peer }

// empty takes the peers off the list, to which each may add others.
func (l *peerList) empty(each func(*Peer)) {
	peers := l.next
	l.next = l.spare[:0]
	for _, p := range peers {
		each(p)
	}
	clear(peers)
	l.spare = peers
}
