package swarm

import (
	"spate/proto/wire"
	"spate/reactor/loop"
	"spate/reactor/wirecache"
)

// uploadState says what the block queue waits for.
type uploadState uint8

const (
	uploadIdle    uploadState = iota // nothing, or the socket
	uploadOpening                    // a file is being opened
	uploadWarming                    // a range is being brought into memory
	uploadReading                    // a block across a file border is being read
)

// upload is the sending half's state: the queue of requests and the block on
// its way out.
type upload struct {
	queue requestQueue
	state uploadState
	// warm is how many requests at the front of the queue are known to lie in
	// memory, or will when state is no more uploadWarming; resident tells that
	// this was just probed, not merely read.
	warm     int
	resident bool

	hdr     [wire.PieceHeaderLen]byte
	hdrLeft int
	left    int              // payload bytes of the block still to send
	image   *wirecache.Image // source of the block with its header, held...
	file    Handle           // ...or of the block alone...
	off     int64            // ...from where in either...
	number  int32            // of the file
	buf     []byte           // ...or, across file borders, its bytes
	whole   []byte           // buf as it came from Buffers

	framed bool  // the block leaves by references, with those behind it: see pushFrames
	staged int   // bytes of a run that lies in the loop's buffer, in this turn
	run    uint8 // how many blocks the next one has at the most; 0 before the first

	// detour says that the block at the front is to be read by the disk, as its
	// file cannot be opened.
	detour bool

	refused  int // requests since the last block was begun
	searched int // requests looked at for cancels, less searchCredit for each block begun

	epoch uint32  // counts dropped queues: completions of older ones are stale
	total int64   // payload bytes sent
	round int64   // since the last choke round
	rate  float64 // bytes/s over the last rounds
}

func (u *upload) sending() bool { return u.hdrLeft > 0 || u.left > 0 }

// begun tells whether a part of the block under way was sent.
func (u *upload) begun() bool { return u.sending() && u.hdrLeft < len(u.hdr) }

// ready tells whether there are blocks to send that nothing is waited for.
func (u *upload) ready() bool {
	return u.sending() || (u.state == uploadIdle && u.queue.len() > 0)
}

// release gives back what the upload holds.
func (u *upload) release(p *Peer) {
	if u.whole != nil {
		p.host.Buffers.Put(u.whole)
	}
	if u.image != nil {
		u.image.Release()
	}
	if p.t != nil {
		p.t.goal.Give(u.left)
	}
	u.whole, u.buf, u.file, u.image, u.framed = nil, nil, nil, nil, false
	u.hdrLeft, u.left = 0, 0
	u.queue.clear()
	u.queue = requestQueue{}
	u.epoch++
}

// push sends more of the block under way, and from an image or a staged run also
// of those that follow. It returns how many blocks were ended; one under way afterwards means
// that the socket is full.
func (p *Peer) push() (blocks int, err error) {
	u := &p.up
	if u.image != nil {
		return p.pushRun()
	}
	if u.staged > 0 {
		return p.pushStaged()
	}
	if u.framed {
		if blocks, err = p.pushFrames(); err != loop.ErrUnfit {
			return blocks, err
		}
		if !u.sending() {
			return blocks, nil
		}
	}
	if u.hdrLeft > 0 {
		if err := p.pushHeader(); err != nil {
			return blocks, err
		}
		if u.hdrLeft > 0 || (u.buf != nil && u.left > 0) {
			return blocks, nil
		}
	}
	if u.left > 0 {
		if err := p.pushPayload(); err != nil || u.left > 0 {
			return blocks, err
		}
	}
	if u.whole != nil {
		p.host.Buffers.Put(u.whole)
		u.whole, u.buf = nil, nil
	}
	u.file = nil
	return blocks + 1, nil
}

// pushHeader sends the block's header, with the block where that is in memory.
func (p *Peer) pushHeader() error {
	u, h := &p.up, p.host
	h.iov = append(h.iov[:0], u.hdr[len(u.hdr)-u.hdrLeft:])
	if u.buf != nil {
		h.iov = append(h.iov, u.buf)
	}
	n, err := p.conn.Writev(h.iov, u.buf == nil)
	h.iov = h.iov[:0]
	if err != nil && err != loop.ErrAgain {
		return err
	}
	head := min(n, u.hdrLeft)
	u.hdrLeft -= head
	if n -= head; n > 0 {
		p.pushed(n)
		u.buf = u.buf[n:]
	}
	return nil
}

// pushPayload sends more of the block, from memory or from its file.
func (p *Peer) pushPayload() error {
	u, h := &p.up, p.host
	if u.buf != nil {
		h.iov = append(h.iov[:0], u.buf)
		n, err := p.conn.Writev(h.iov, false)
		h.iov = h.iov[:0]
		if err != nil && err != loop.ErrAgain {
			return err
		}
		p.pushed(n)
		u.buf = u.buf[n:]
		return nil
	}
	n, err := p.conn.SendFile(u.file, u.off, u.left, u.resident)
	if err == loop.ErrShort {
		p.t.contentLost(&FileError{File: p.t.heldNumber(u.file), Err: err})
		return ErrContent
	}
	if err != nil && err != loop.ErrAgain {
		return err
	}
	u.off += int64(n)
	p.pushed(n)
	return nil
}

// pushed counts n payload bytes of the block under way as sent.
func (p *Peer) pushed(n int) {
	p.up.left -= n
	p.sent(n)
}

// sent counts n payload bytes.
func (p *Peer) sent(n int) {
	p.up.total += int64(n)
	p.up.round += int64(n)
	p.host.turns.spent += n
}

// nextBlock makes the request at the front of the queue the block under way.
// It returns false when there is none or when it has to wait.
func (p *Peer) nextBlock() bool {
	u, h := &p.up, p.host
	if u.state != uploadIdle || u.queue.len() == 0 {
		return false
	}
	r := u.queue.at(0)
	if image := p.t.images.Acquire(r.Index, r.Begin, r.Length); image != nil {
		return p.nextRun(r, image)
	}
	file, off, single := p.t.store.Single(int(r.Index), int(r.Begin), int(r.Length))
	if !single {
		return p.readDetour(r)
	}
	handle := p.t.handle(file)
	if handle == nil && u.detour {
		return p.readDetour(r)
	}
	if handle == nil {
		p.openFile(file)
		return false
	}
	if !h.ways.turn.decided {
		h.ways.decide(u.queue.len())
	}
	copied := h.ways.turn.route == byCopy && p.stage(handle, file)
	if !copied && u.warm == 0 && !p.probe(handle, file, off) {
		return false
	}
	if !h.upAllows(p, int(r.Length)) {
		u.staged = 0 // the loop's buffer is another peer's by the next turn
		return false
	}
	u.pop()
	u.start(r)
	u.file, u.number, u.off = handle, int32(file), off
	u.framed = !copied && h.ways.turn.route != bySendfile
	p.t.images.Note(r.Index, r.Begin, r.Length)
	return true
}

// pop takes the request at the front of the queue.
func (u *upload) pop() {
	u.queue.pop()
	u.warm = max(0, u.warm-1)
}

// start makes r the block under way; its source is the caller's to set.
func (u *upload) start(r wire.Request) {
	wire.AppendPieceHeader(u.hdr[:0], r.Index, r.Begin, r.Length)
	u.hdrLeft = len(u.hdr)
	u.left = int(r.Length)
	u.refused = 0
	u.searched = max(0, u.searched-searchCredit)
}

// probe looks whether the run of requests at the front of the queue that is
// contiguous in one file lies in memory, and otherwise has it brought there.
func (p *Peer) probe(handle Handle, file int, off int64) bool {
	u := &p.up
	first := u.queue.at(0)
	n, end := 1, first.Begin+first.Length
	for n < batchBlocks && n < u.queue.len() {
		r := u.queue.at(n)
		if r.Index != first.Index || r.Begin != end {
			break
		}
		if f, _, ok := p.t.store.Single(int(r.Index), int(r.Begin), int(r.Length)); !ok || f != file {
			break
		}
		end += r.Length
		n++
	}
	length := int(end - first.Begin)
	if handle.Resident(off, length) {
		u.warm, u.resident = n, true
		return true
	}
	u.state = uploadWarming
	u.warm, u.resident = n, false // less what is cancelled until then
	p.t.store.Warm(int(first.Index), int(first.Begin), length, func(err error) {
		p.host.Loop.Post(func() { p.resume(err) })
	})
	return false
}

// resume goes on when the disk has done what the queue waited for.
func (p *Peer) resume(err error) {
	if p.closed {
		return
	}
	p.up.state = uploadIdle
	if err == ErrBusy {
		p.up.warm = 0
		p.host.throttle(p) // tried again with the next tick
		return
	}
	if err != nil {
		p.t.contentLost(err)
		p.Close(ErrContent)
		return
	}
	p.flush()
}

// openFile waits for the handle of a file. When too many are open, those that
// nothing is being sent from are given back, and the next block is read by the
// disk, which always finds a descriptor.
func (p *Peer) openFile(file int) {
	p.up.state, p.up.warm = uploadOpening, 0
	t := p.t
	t.acquire(file, func(err error) {
		if err == ErrBusy { // also of a peer that has left meanwhile, and has no torrent
			t.releaseHandles(p.host.Loop.Now(), 0)
			p.up.detour = true
			err = nil
		}
		p.resume(err)
	})
}

// readDetour fetches a block that has no single place in one open file.
func (p *Peer) readDetour(r wire.Request) bool {
	u, h := &p.up, p.host
	if !h.upAllows(p, int(r.Length)) {
		return false
	}
	buf := h.Buffers.Get(int(r.Length))
	if buf == nil {
		h.upGive(p.t, int(r.Length))
		h.throttle(p)
		return false
	}
	u.queue.pop()
	u.warm, u.detour = 0, false
	u.state = uploadReading
	epoch, t := u.epoch, p.t
	t.images.Note(r.Index, r.Begin, r.Length)
	t.store.Read(int(r.Index), int(r.Begin), int(r.Length), buf, func(err error) {
		posted := h.Loop.Post(func() {
			if p.closed || err != nil {
				h.Buffers.Put(buf)
				h.upGive(t, int(r.Length))
				if err == ErrBusy && epoch == u.epoch {
					u.queue.unpop(r)
				}
				p.resume(err)
				return
			}
			// A choke in between leaves this one block to be sent: it was
			// taken from the queue before.
			u.start(r)
			u.buf, u.whole = buf, buf
			p.resume(nil)
		})
		if !posted {
			h.Buffers.Put(buf)
		}
	})
	return false
}

// dropQueue forgets all requests of the peer, with rejects where it speaks the
// fast extension (BEP 6: a choke rejects what it does not serve).
func (p *Peer) dropQueue() {
	u := &p.up
	if p.fast {
		for i := range u.queue.len() {
			p.ctl = wire.AppendReject(p.ctl, u.queue.at(i))
		}
	}
	u.queue.clear()
	u.warm = 0
	u.epoch++
}
