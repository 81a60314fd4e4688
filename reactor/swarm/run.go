package swarm

import (
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/wirecache"
)

// nextRun makes r, the front of the queue, the block under way, to be sent from
// image, which is held.
func (p *Peer) nextRun(r wire.Request, image *wirecache.Image) bool {
	u := &p.up
	if !p.host.upAllows(p, int(r.Length)) {
		image.Release()
		return false
	}
	u.pop()
	u.start(r)
	u.image, u.off = image, image.Offset(r.Index, r.Begin)
	return true
}

// pushRun sends the rest of the block under way, and the requests behind it that
// follow in the same image, flushBlocks at the most, by one call. Only then it is
// known which of them are ended and which one is under way: what has not begun
// stays in the queue, so that a choke or a cancel in between finds it there.
func (p *Peer) pushRun() (blocks int, err error) {
	u := &p.up
	rest := u.hdrLeft + u.left
	n, err := p.conn.SendFile(u.image.Memory, u.off, rest+p.follow(), true)
	if err != nil && err != loop.ErrAgain {
		return 0, err
	}
	u.off += int64(n)
	blocks, _ = p.advance(n)
	if blocks > 0 {
		u.image.Used(blocks)
	}
	if !u.sending() {
		u.image.Release()
		u.image = nil
	}
	return blocks, nil
}

// advance takes n bytes that were sent, with headers, off the block under way
// and off the requests behind it, each of which becomes the one under way in its
// turn. It returns how many blocks were ended and the request that was begun
// last, the zero one where none was.
func (p *Peer) advance(n int) (blocks int, last wire.Request) {
	u := &p.up
	payload := 0
	for {
		head := min(n, u.hdrLeft)
		body := min(n-head, u.left)
		u.hdrLeft -= head
		u.left -= body
		payload += body
		n -= head + body
		if u.sending() {
			break
		}
		blocks++
		if n == 0 {
			break
		}
		last = u.queue.at(0)
		u.pop()
		u.start(last)
		p.host.upTake(p, int(last.Length))
		if u.image == nil {
			p.t.images.Note(last.Index, last.Begin, last.Length)
		}
	}
	if payload > 0 {
		p.sent(payload)
	}
	return blocks, last
}

// follow is how many bytes of requests at the front of the queue follow the
// block under way in its image, as far as the rates allow. Where control messages
// wait, the block goes alone.
func (p *Peer) follow() int {
	u := &p.up
	if len(p.ctl) > 0 {
		return 0
	}
	most := p.host.upLeft(p)
	from := u.off + int64(u.hdrLeft+u.left)
	end := from
	for i := 0; i < u.queue.len() && i < flushBlocks-1 && end-from < most; i++ {
		r := u.queue.at(i)
		if !u.image.Has(r.Index, r.Begin, r.Length) || u.image.Offset(r.Index, r.Begin) != end {
			break
		}
		end += wire.PieceHeaderLen + int64(r.Length)
	}
	return int(end - from)
}

// vacate lets go of an image that was evicted while the peer takes nothing: what
// is left of the block is copied, 16 KiB at most, so that nobody holds on to the
// memory of a whole piece by not reading. Where there is no buffer, the next
// second brings one.
func (p *Peer) vacate() {
	u := &p.up
	if u.image == nil || u.image.Current() {
		return
	}
	buf := p.host.Buffers.Get(u.left)
	if buf == nil {
		return
	}
	if n, _ := u.image.ReadAt(buf, u.off+int64(u.hdrLeft)); n < len(buf) {
		p.host.Buffers.Put(buf) // an image is memory; this one is told of when it is sent
		return
	}
	u.image.Release()
	u.image = nil
	u.buf, u.whole = buf, buf
}
