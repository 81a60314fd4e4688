package sim

import (
	"time"

	"spate/reactor/fifo"
)

// An actor is woken by the clock. Long-lived objects (a stream, a socket, a
// port) are their own events, so that scheduling one allocates nothing.
type actor interface{ fire() }

// call makes an event of a function.
type call func()

func (f call) fire() { f() }

// event is one entry of the clock's queue.
type event struct {
	at  time.Duration
	seq uint64 // order among events of one instant: first scheduled, first run
	who actor
}

// before orders events by time, then by sequence number. It is total, so that
// the order of a run depends on nothing else.
func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.seq < o.seq
}

// Clock is virtual time and what is to happen in it. Everything runs inside
// Step, on the caller's goroutine. The zero value is a clock at time 0.
type Clock struct {
	now   time.Duration
	seq   uint64
	fired uint64
	busy  bool

	later []event // 4-ary min-heap: half the depth of a binary one, siblings share cache lines
	soon  fifo.Queue[event]
}

// Now is the virtual time since the world began.
func (c *Clock) Now() time.Duration { return c.now }

// Events is the number of events that have run.
func (c *Clock) Events() uint64 { return c.fired }

// After runs f once d has passed; with d of 0 or less, after everything that
// is due at this instant already.
func (c *Clock) After(d time.Duration, f func()) { c.at(c.now+d, call(f)) }

// at wakes who at time t, or next at this instant when t is not in the future.
func (c *Clock) at(t time.Duration, who actor) {
	c.seq++
	if t <= c.now {
		c.soon.Push(event{c.now, c.seq, who})
		return
	}
	c.later = append(c.later, event{t, c.seq, who})
	c.up(len(c.later) - 1)
}

// next takes the earliest event due at limit or before.
func (c *Clock) next(limit time.Duration) (event, bool) {
	if c.soon.Len() > 0 {
		s := c.soon.First()
		if len(c.later) == 0 || s.before(&c.later[0]) {
			if s.at > limit {
				return event{}, false
			}
			return c.soon.Pop(), true
		}
	}
	if len(c.later) == 0 || c.later[0].at > limit {
		return event{}, false
	}
	e := c.later[0]
	last := len(c.later) - 1
	c.later[0] = c.later[last]
	c.later[last] = event{} // let the actor go
	c.later = c.later[:last]
	if last > 0 {
		c.down(0)
	}
	return e, true
}

// run fires the earliest event due at limit or before.
func (c *Clock) run(limit time.Duration) bool {
	if c.busy {
		panic("sim: the clock is run from inside one of its events")
	}
	e, ok := c.next(limit)
	if !ok {
		return false
	}
	c.now = e.at
	c.fired++
	c.busy = true
	e.who.fire()
	c.busy = false
	return true
}

// never is later than any event.
const never = time.Duration(1<<63 - 1)

// Step runs the next event, however far away, and tells whether there was one.
// A world with a started network always has one: its ticks.
func (c *Clock) Step() bool { return c.run(never) }

// RunFor runs everything that happens within d and leaves the clock there.
func (c *Clock) RunFor(d time.Duration) {
	end := c.now + d
	for c.run(end) {
	}
	c.now = end
}

// RunUntil runs until cond holds, which is asked before the first event and
// after each one, or until limit has passed or nothing is left to happen. It
// returns what cond said last.
func (c *Clock) RunUntil(cond func() bool, limit time.Duration) bool {
	end := c.now + limit
	for !cond() {
		if !c.run(end) {
			return false
		}
	}
	return true
}

// up restores the heap after a change at i that may be too early.
func (c *Clock) up(i int) {
	h := c.later
	e := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
}

// down restores the heap after a change at i that may be too late.
func (c *Clock) down(i int) {
	h := c.later
	e := h[i]
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for k := first + 1; k < min(first+4, len(h)); k++ {
			if h[k].before(&h[least]) {
				least = k
			}
		}
		if !h[least].before(&e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
}
