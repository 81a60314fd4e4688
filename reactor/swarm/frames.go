package swarm

import (
	"spate/proto/wire"
	"spate/reactor/loop"
)

// What is in memory can leave without being touched: the kernel is given a run of
// blocks as references to the pages of their file, each behind its header, by one
// call. What the socket takes of them is known afterwards, as of an image.

// frames is a run of blocks as Conn.SendFrames wants it, scratch of a loop.
type frames struct {
	list  [batchBlocks]loop.Frame
	heads [batchBlocks][wire.PieceHeaderLen]byte
}

// pushFrames sends the rest of the block under way, and the requests behind it that
// are known to be in memory, as far as they lie in the same file, have no image, and
// the rates allow. With ErrUnfit the rest of the block under way, if there is any,
// has to leave otherwise.
func (p *Peer) pushFrames() (blocks int, err error) {
	u, h := &p.up, p.host
	if h.frames == nil {
		h.frames = &frames{}
	}
	if u.run == 0 {
		u.run = firstRun
	}
	f := h.frames
	f.list[0] = loop.Frame{Header: u.hdr[len(u.hdr)-u.hdrLeft:], Off: u.off, N: u.left}
	n, want := 1, u.hdrLeft+u.left
	most := h.upLeft(p)
	for i := 0; n < int(u.run) && i < u.warm && i < u.queue.len() && int64(want) < most && len(p.ctl) == 0; i++ {
		r := u.queue.at(i)
		file, off, single := p.t.store.Single(int(r.Index), int(r.Begin), int(r.Length))
		if !single || file != int(u.number) || p.t.images.Has(r.Index, r.Begin, r.Length) {
			break
		}
		head := wire.AppendPieceHeader(f.heads[n][:0], r.Index, r.Begin, r.Length)
		f.list[n] = loop.Frame{Header: head, Off: off, N: int(r.Length)}
		want += len(head) + int(r.Length)
		n++
	}
	sent, err := p.conn.SendFrames(u.file, f.list[:n], u.resident)
	clear(f.list[:1]) // the header is the peer's
	if err != nil && err != loop.ErrAgain && err != loop.ErrUnfit {
		return 0, err
	}
	blocks = p.sentRun(sent, sent == want)
	if err == loop.ErrUnfit {
		h.ways.turn.unfit()
		u.framed = false
		return blocks, err
	}
	return blocks, nil
}
