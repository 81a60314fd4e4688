package disk

import (
	"sync"
	"sync/atomic"
	"time"

	"spate/disk/piecesum"
	"spate/disk/sha1lanes"
)

const (
	// maxPuts bounds the pieces waiting for a hasher, over all torrents. Their
	// bytes are bounded by the pool they came from; this bounds the list.
	maxPuts = 1 << 16
	// maxChecks bounds the runs of pieces waiting to be checked, over all
	// torrents; each Check keeps a window far smaller than this.
	maxChecks = 1 << 12
)

// put is a piece on its way to its files.
type put struct {
	store *Store
	index int
	buf   []byte
	done  func(PutResult)
	came  time.Time
}

// pipeline is the way of pieces: put, verified by one of the hashers, written
// by the writer. Checks of content on disk share the hashers, behind puts.
//
// A hasher takes puts only when their bytes fit into the writer's queue, so
// that the queue is bounded and no hasher waits for the writer. It takes as many
// at a time as are hashed together with less work, for which they wait a moment
// when more are about to come.
type pipeline struct {
	queued     atomic.Int64 // bytes put and not done
	writeLimit int64
	hashers    sync.WaitGroup
	writer     sync.WaitGroup
	sums       sync.Pool // of *piecesum.Summer; memory that only checks need

	mu         sync.Mutex
	toHash     sync.Cond
	toWrite    sync.Cond
	puts       fifo[put]
	checks     fifo[*checkRun]
	writes     fifo[put]
	gather     gather
	timer      *time.Timer // ends a wait for more puts
	armed      bool        // the timer runs
	writeBytes int64       // in writes, being written, or being hashed for it
	closed     bool        // nothing new; hashers end when puts is empty
	hashed     bool        // the hashers have ended; the writer ends when writes is empty
}

func newPipeline(hashers int, writeLimit int64) *pipeline {
	p := &pipeline{writeLimit: writeLimit}
	p.sums.New = func() any { return new(piecesum.Summer) }
	p.toHash.L, p.toWrite.L = &p.mu, &p.mu
	p.gather.together = sha1lanes.Together()
	p.timer = time.AfterFunc(linger, p.timeUp)
	p.timer.Stop()
	for range hashers {
		p.hashers.Go(p.hash)
	}
	p.writer.Go(p.write)
	return p
}

// put queues a piece.
func (p *pipeline) put(j put) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if p.puts.len() >= maxPuts {
		return ErrBusy
	}
	p.queued.Add(int64(len(j.buf)))
	j.came = time.Now()
	p.gather.arrived(j.came)
	p.puts.push(j)
	if p.due() {
		p.toHash.Signal()
	}
	return nil
}

// check queues a run of pieces to be checked.
func (p *pipeline) check(r *checkRun) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if p.checks.len() >= maxChecks {
		return ErrBusy
	}
	p.checks.push(r)
	p.toHash.Signal()
	return nil
}

// close ends the pipeline once all that was put is done.
func (p *pipeline) close() {
	p.mu.Lock()
	p.closed = true
	p.timer.Stop()
	p.toHash.Broadcast()
	p.mu.Unlock()
	p.hashers.Wait()
	p.mu.Lock()
	p.hashed = true
	p.toWrite.Broadcast()
	p.mu.Unlock()
	p.writer.Wait()
}

// leaveWriter gives back n bytes of the writer's queue.
func (p *pipeline) leaveWriter(n int) {
	p.mu.Lock()
	p.writeBytes -= int64(n)
	// One piece gone may make room for several smaller ones.
	p.toHash.Broadcast()
	p.mu.Unlock()
}

// write is the disk writer, the only goroutine that writes content.
func (p *pipeline) write() {
	for {
		p.mu.Lock()
		for p.writes.len() == 0 && !p.hashed {
			p.toWrite.Wait()
		}
		if p.writes.len() == 0 {
			p.mu.Unlock()
			return
		}
		j := p.writes.pop()
		p.mu.Unlock()

		result := PutResult{Index: j.index, Status: Written}
		began := j.store.disk.start()
		if err := j.store.write(j.index, j.buf); err != nil {
			result.Status, result.Err = PutFailed, err
		}
		j.store.disk.took(OpWrite, began)
		p.leaveWriter(len(j.buf))
		p.finish(j, result)
	}
}

// finish tells what became of a put.
func (p *pipeline) finish(j put, r PutResult) {
	p.queued.Add(-int64(len(j.buf)))
	j.store.count(r, len(j.buf))
	j.done(r)
	j.store.end()
}
