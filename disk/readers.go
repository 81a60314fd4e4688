package disk

import "sync"

// maxReads bounds the reads that wait for a goroutine, over all torrents: a
// second's worth of a fast SSD. Their buffers are the callers'.
const maxReads = 1 << 16

// readers runs what may wait for a disk on up to max goroutines. They are
// started when there is work, and end when there is none.
type readers struct {
	max int

	mu      sync.Mutex
	tasks   fifo[func()]
	running int
	closed  bool
	all     sync.WaitGroup
}

func newReaders(limit int) *readers { return &readers{max: limit} }

// run has task run soon, or fails with ErrBusy or ErrClosed.
func (r *readers) run(task func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	if r.tasks.len() >= maxReads {
		return ErrBusy
	}
	r.tasks.push(task)
	if r.running < r.max {
		r.running++
		r.all.Go(r.work)
	}
	return nil
}

// work is one goroutine.
func (r *readers) work() {
	for {
		r.mu.Lock()
		if r.tasks.len() == 0 {
			r.running--
			r.mu.Unlock()
			return
		}
		task := r.tasks.pop()
		r.mu.Unlock()
		task()
	}
}

// waiting is how many tasks no goroutine has taken yet.
func (r *readers) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tasks.len()
}

// close waits until all tasks were run, and takes no more.
func (r *readers) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.all.Wait()
}
