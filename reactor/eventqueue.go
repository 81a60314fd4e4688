package reactor

import "sync"

// slowEvents is how many events wait before those of a sweep wait too: one for
// each of a hundred thousand torrents would take 20 MB.
const slowEvents = 1024

// eventQueue hands events to a user's function on one goroutine, so that a
// slow user never holds up a loop.
type eventQueue struct {
	mu      sync.Mutex
	wake    sync.Cond
	room    sync.Cond
	waiting []Event
	closed  bool
	done    chan struct{}
}

func newEventQueue(fn func(Event)) *eventQueue {
	q := &eventQueue{done: make(chan struct{})}
	q.wake.L, q.room.L = &q.mu, &q.mu
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

// putSlowly is put, and waits while slowEvents wait already.
func (q *eventQueue) putSlowly(ev Event) {
	q.mu.Lock()
	for len(q.waiting) >= slowEvents && !q.closed {
		q.room.Wait()
	}
	q.mu.Unlock()
	q.put(ev)
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
		q.room.Broadcast()
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
	q.room.Broadcast()
	q.mu.Unlock()
	<-q.done
}

// emitSlowly is emit for those who can wait, and does not fill memory with
// events. Not on a loop.
func (e *Engine) emitSlowly(ev Event) {
	ev.Time = e.parts.Wall()
	e.session.events.putSlowly(ev)
}
