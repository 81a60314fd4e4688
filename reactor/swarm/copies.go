package swarm

import (
	"spate/proto/wire"
	"spate/reactor/loop"
)

// What is in memory, but not in wire form, can be copied: a run of blocks is read
// behind its headers into one buffer of the loop, and leaves by one call. That
// saves the two calls that a header and a sendfile(2) of each block take, with the
// socket's lock and the segments they cut; see ways for when it pays.

const (
	// firstRun is how many blocks are read for a peer at first. Each run that
	// the socket takes whole doubles it, up to batchBlocks; one that it does not
	// is cut to what it took, as the rest was read in vain.
	firstRun = 8
	// stagingBytes is the size of a loop's buffer: a run in blocks of 16 KiB.
	stagingBytes = batchBlocks * (wire.PieceHeaderLen + 16<<10)
)

// stage reads blocks at the front of the queue into the loop's buffer, as far as
// they lie in this file and in memory, have no image, and the rates allow, to be
// sent by pushStaged in this very turn. It returns false where none was read.
func (p *Peer) stage(handle Handle, file int) bool {
	u, h := &p.up, p.host
	u.staged = 0
	most := h.upLeft(p)
	if u.run == 0 {
		u.run = firstRun
	}
	if h.staging == nil {
		h.staging = make([]byte, stagingBytes)
	}
	n, size := 0, 0 // blocks and bytes in the buffer
	for n < int(u.run) && n < u.queue.len() && int64(size) < most {
		// Requests that follow one another in the file are one read.
		h.iov = h.iov[:0]
		from, end, at := int64(0), int64(0), size
		for m := n; m < int(u.run) && m < u.queue.len() && int64(at) < most; m++ {
			r := u.queue.at(m)
			f, off, single := p.t.store.Single(int(r.Index), int(r.Begin), int(r.Length))
			next := at + wire.PieceHeaderLen + int(r.Length)
			hot := p.t.images.Has(r.Index, r.Begin, r.Length)
			if hot || !single || f != file || next > len(h.staging) || len(h.iov) > 0 && off != end {
				break
			}
			if len(h.iov) == 0 {
				from = off
			}
			end = off + int64(r.Length)
			h.iov = append(h.iov, h.staging[at+wire.PieceHeaderLen:next])
			at = next
		}
		if len(h.iov) == 0 {
			break
		}
		got, ok := handle.ReadNow(h.iov, from)
		if !ok {
			break
		}
		whole := 0
		for got > 0 && got >= len(h.iov[whole]) {
			got -= len(h.iov[whole])
			r := u.queue.at(n)
			wire.AppendPieceHeader(h.staging[size:size], r.Index, r.Begin, r.Length)
			size += wire.PieceHeaderLen + int(r.Length)
			n++
			if whole++; whole == len(h.iov) {
				break
			}
		}
		if whole < len(h.iov) {
			break
		}
	}
	clear(h.iov)
	h.iov = h.iov[:0]
	u.staged = size
	return n > 0
}

// pushStaged sends what was staged, of which the block under way is the first.
// What the socket did not take of the last one begun is sent from its file.
func (p *Peer) pushStaged() (int, error) {
	u, h := &p.up, p.host
	staged := u.staged
	u.staged = 0
	h.iov = append(h.iov[:0], h.staging[:staged])
	n, err := p.conn.Writev(h.iov, false)
	h.iov[0] = nil
	h.iov = h.iov[:0]
	if err != nil && err != loop.ErrAgain {
		return 0, err
	}
	return p.sentRun(n, n == staged), nil
}

// sentRun takes n bytes that were sent of a run, with headers, off the block under
// way and those behind it, and returns how many blocks were ended. whole says that
// it was all of the run. What is left of the last one begun stays under way.
func (p *Peer) sentRun(n int, whole bool) (blocks int) {
	u := &p.up
	left := u.left
	blocks, last := p.advance(n)
	if whole {
		u.run = min(2*u.run, batchBlocks)
	} else {
		u.run = uint8(min(max(blocks+1, 2), batchBlocks))
	}
	switch {
	case !u.sending():
		u.file, u.framed = nil, false
	case blocks == 0:
		u.off += int64(left - u.left)
	default:
		_, off, _ := p.t.store.Single(int(last.Index), int(last.Begin), int(last.Length))
		u.off = off + int64(last.Length) - int64(u.left)
	}
	return blocks
}
