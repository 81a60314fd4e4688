package disk

import (
	"time"

	"spate/disk/piecesum"
	"spate/disk/sha1lanes"
)

// hasher is what a hashing goroutine works with.
type hasher struct {
	lanes sha1lanes.Hasher
	batch [sha1lanes.Width]put
	bufs  [sha1lanes.Width][]byte
	sums  [sha1lanes.Width][sha1lanes.Size]byte
}

// hash is a hasher's goroutine.
func (p *pipeline) hash() {
	var h hasher
	for {
		batch, run, ok := p.nextHash(h.batch[:0])
		switch {
		case !ok:
			return
		case run != nil:
			sums := p.sums.Get().(*piecesum.Summer)
			run.verify(sums)
			p.sums.Put(sums)
		default:
			h.sum(batch)
			p.verified(batch, &h)
			clear(batch)
		}
	}
}

// sum hashes the buffers of puts, which are of one length.
func (h *hasher) sum(batch []put) {
	for i := range batch {
		h.bufs[i] = batch[i].buf
	}
	h.lanes.SumAll(h.bufs[:len(batch)], h.sums[:len(batch)])
	clear(h.bufs[:])
}

// verified hands the good ones of a batch to the writer and finishes the others.
func (p *pipeline) verified(batch []put, h *hasher) {
	for i, j := range batch {
		j.store.disk.took(OpHash, j.came)
		if j.store.good(j.index, len(j.buf), h.sums[i]) {
			p.mu.Lock()
			p.writes.push(j)
			p.toWrite.Signal()
			p.mu.Unlock()
			continue
		}
		p.leaveWriter(len(j.buf))
		p.finish(j, PutResult{Index: j.index, Status: BadHash})
	}
}

// nextHash waits for a hasher's next job: puts of one length whose bytes are
// reserved in the writer's queue, appended to batch, or a run.
func (p *pipeline) nextHash(batch []put) (_ []put, run *checkRun, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if p.due() {
			batch = p.takePuts(batch)
		}
		switch {
		case len(batch) > 0:
			// Those left over are another hasher's, or wait for the timer.
			if p.puts.len() > 0 {
				p.toHash.Signal()
			}
			return batch, nil, true
		case p.checks.len() > 0:
			return nil, p.checks.pop(), true
		case p.closed && p.puts.len() == 0:
			return nil, nil, false
		}
		p.toHash.Wait()
	}
}

// due tells whether the puts that wait are to be hashed at once. If they are to
// wait for more, the timer wakes a hasher. p.mu is held.
func (p *pipeline) due() bool {
	if p.puts.len() == 0 {
		return false
	}
	now := time.Now()
	wait := p.gather.wait(now, p.puts.peek().came, p.puts.len())
	if wait == 0 || p.closed {
		return true
	}
	if !p.armed {
		p.armed = true
		p.timer.Reset(wait)
	}
	return false
}

// timeUp wakes a hasher to look whether puts are due.
func (p *pipeline) timeUp() {
	p.mu.Lock()
	p.armed = false
	p.toHash.Signal()
	p.mu.Unlock()
}

// takePuts appends to batch the first puts, as far as they are of one length,
// gain from being hashed together, and fit into the writer's queue. p.mu is
// held.
func (p *pipeline) takePuts(batch []put) []put {
	for p.puts.len() > 0 && len(batch) < p.gather.together {
		n := len(p.puts.peek().buf)
		if len(batch) > 0 && n != len(batch[0].buf) || p.writeBytes > 0 && p.writeBytes+int64(n) > p.writeLimit {
			break
		}
		p.writeBytes += int64(n)
		batch = append(batch, p.puts.pop())
	}
	return batch
}
