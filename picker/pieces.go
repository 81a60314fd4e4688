package picker

// wanted tells whether a piece is to be had and is not: its priority says so,
// or it has been begun.
func (p *Picker) wanted(piece int32) bool {
	at := p.where[piece]
	return at >= 0 || at < unlisted
}

// rewant accounts for a piece that became wanted (by 1) or ceased to be (-1).
// It looks at every peer.
func (p *Picker) rewant(piece int32, by int32) {
	p.missing += int(by)
	p.left += int64(by) * p.size(piece)
	seeds := p.missing == 0 || (by > 0 && p.missing == 1)
	for id := range p.peers {
		q := &p.peers[id]
		switch {
		case q.have == nil:
		case q.all:
			if seeds {
				p.review(PeerID(id))
			}
		case q.have.Has(int(piece)):
			q.useful += by
			p.review(PeerID(id))
		}
	}
}

// Priority is what SetPriority set.
func (p *Picker) Priority(piece int) Priority { return p.prio[piece] }

// SetPriority says how much a piece is wanted; more than MaxPriority counts as
// that. A piece that has been begun is finished whatever its priority. The
// cost is linear in the peers when the change is from or to Skip.
func (p *Picker) SetPriority(piece int, to Priority) {
	i := int32(piece)
	to = min(to, MaxPriority)
	from := p.prio[i]
	if from == to {
		return
	}
	listed := p.where[i] >= 0
	if listed {
		p.unlist(i)
	}
	p.prio[i] = to
	switch {
	case p.opened(i) || p.have.Has(piece):
	case to == Skip:
		p.rewant(i, -1)
	default:
		p.list(i)
		if !listed {
			p.rewant(i, 1)
		}
	}
}

// MarkHave says that a piece is verified and written: found at start, or by
// PieceResult. Requests for it are forgotten without a word.
func (p *Picker) MarkHave(piece int) {
	i := int32(piece)
	if p.have.Has(piece) {
		return
	}
	wanted := p.wanted(i)
	switch {
	case p.opened(i):
		p.closePiece(i)
	case p.where[i] >= 0:
		p.unlist(i)
	}
	p.have.Set(piece)
	p.trust(i)
	p.had++
	if wanted {
		p.rewant(i, -1)
	}
}

// PieceResult ends an open piece after hashing and writing: with ok it is had,
// otherwise all its blocks are missing again and its buffer is free. It does
// nothing for a piece that is not open.
func (p *Picker) PieceResult(piece int, ok bool) {
	i := int32(piece)
	if !p.Opened(piece) {
		return
	}
	if ok {
		p.MarkHave(piece)
		return
	}
	p.closePiece(i)
	if p.prio[i] == Skip {
		p.rewant(i, -1)
		return
	}
	p.list(i)
}
