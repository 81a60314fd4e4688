package reactor

import "sync"

// eventQueue hands events to a user's function on one goroutine, so that a
// slow user never holds up a loop.
type eventQueue struct {
	mu      sync.Mutex
	wake    sync.Cond
	waiting []Event
	closed  bool
	done    chan struct{}
}

func newEventQueue(fn func(Event)) *eventQueue {
	q := &eventQueue{done: make(chan struct{})}
	q.wake.L = &q.mu
	go q.run(fn)
	return q
}

// put appends an event. Beyond pendingEvents tracker events are dropped: they
// are the only ones whose number nothing else bounds.
func (q *eventQueue) put(ev Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || (len(q.waiting) >= pendingEvents && ev.Kind == EventTracker) {
		return
	}
	q.waiting = append(q.waiting, ev)
	q.wake.Signal()
}

func (q *eventQueue) run(fn func(Event)) {
	defer close(q.done)
	for {
		q.mu.Lock()
		for len(q.waiting) == 0 && !q.closed {
			q.wake.Wait()
		}
		batch := q.waiting
		q.waiting = nil
		closed := q.closed
		q.mu.Unlock()
		if fn != nil {
			for _, ev := range batch {
				fn(ev)
			}
		}
		if closed && len(batch) == 0 {
			return
		}
	}
}

// close delivers what waits and ends the goroutine.
func (q *eventQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.wake.Signal()
	q.mu.Unlock()
	<-q.done
}
