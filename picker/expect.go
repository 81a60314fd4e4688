package picker

// Expected appends up to n of the blocks that a peer should deliver next, in
// the order they were picked, as far as each is requested from that peer alone
// and its payload has not begun: until then nobody else writes to their places
// in the piece buffers.
func (p *Picker) Expected(id PeerID, n int, out []Block) []Block {
	q := p.peer(id)
	if q == nil {
		return out
	}
	for r := q.head; r != none && n > 0; r = p.requests[r].next {
		req := &p.requests[r]
		if req.writing {
			continue
		}
		if p.requesters(req.slot, req.block) > 1 {
			break
		}
		out = append(out, p.blockAt(req.slot, req.block))
		n--
	}
	return out
}
