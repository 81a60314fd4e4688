package sim

import (
	"net/netip"
	"time"

	"spate/reactor/fifo"
	"spate/reactor/loop"
)

// verifier is a handler that can look itself over. The engine's does so in a
// build with the tag invariants.
type verifier interface {
	// Verify is called after each turn and panics when something is wrong.
	Verify()
}

// evLoop is one event loop of a host. It is the event that empties its own
// mailbox.
type evLoop struct {
	w       *World
	host    *Host
	index   int
	handler loop.Handler
	idler   loop.Idler // handler, when it is one
	own     verifier   // handler, when it is one
	skips   int        // ticks that may be left out until something happens
	posts   fifo.Queue[func()]
	queued  bool
	stopped bool
}

// Index implements loop.Loop.
func (l *evLoop) Index() int { return l.index }

// Now implements loop.Loop.
func (l *evLoop) Now() time.Duration { return l.host.pace.Now(l.w.now - l.host.began) }

// Post implements loop.Loop: fn runs at this instant, after the current turn.
func (l *evLoop) Post(fn func()) bool {
	if l.stopped {
		return false
	}
	l.posts.Push(fn)
	if !l.queued {
		l.queued = true
		l.w.at(l.w.now, l)
	}
	return true
}

// fire runs what was posted up to now.
func (l *evLoop) fire() {
	if l.host.holds(l) {
		return
	}
	l.queued = false
	for n := l.posts.Len(); n > 0; n-- {
		l.run()
	}
	if l.posts.Len() > 0 && !l.queued {
		l.queued = true
		l.w.at(l.w.now, l)
	}
}

// run runs the oldest posted function.
func (l *evLoop) run() {
	if l.posts.Len() == 0 {
		return // the network was stopped meanwhile
	}
	fn := l.posts.Pop()
	l.enter()
	fn()
	l.w.leave()
}

// enter begins a turn of the loop.
func (l *evLoop) enter() {
	if l.w.turn != nil {
		panic("sim: a turn inside a turn")
	}
	l.w.turn = l
	l.skips = 0
}

// dialFailed tells the handler.
func (l *evLoop) dialFailed(ctx any, err error) {
	l.host.log(evDialFailed, 0, 0, err.Error())
	l.enter()
	l.handler.DialFailed(ctx, err)
	l.w.leave()
}

// Dial implements loop.Loop. Nothing comes of a dial while the network stops.
func (l *evLoop) Dial(addr netip.AddrPort, timeout time.Duration, ctx any) {
	if l.w.turn != l {
		panic("sim: Dial outside of the loop")
	}
	if l.host.stopping {
		return
	}
	if timeout <= 0 {
		timeout = systemDialTimeout
	}
	d := &dial{w: l.w, loop: l, addr: addr, deadline: l.w.now + timeout, ctx: ctx}
	l.host.log(evDial, 0, int(timeout), addr.String())
	d.start()
}

// The ticks of all loops share few events: a tick interval has tickSlots slots,
// and a loop belongs to one of them.
const (
	tickSlots    = 50
	tickSlotTime = loop.TickInterval / tickSlots
	// tickStride spreads consecutive loops over the slots; it has no factor in
	// common with tickSlots.
	tickStride = 19
)

// idleSkips is how many ticks an idle loop goes without.
const idleSkips = int(loop.IdleTickInterval/loop.TickInterval) - 1

// tickSlot is the event of all loops that tick at the same offset.
type tickSlot struct {
	w      *World
	loops  []*evLoop
	active bool
}

// addTick lets a loop tick, at an offset that depends on its host and number.
func (w *World) addTick(l *evLoop) {
	i := (l.host.number + 7*l.index) * tickStride % tickSlots
	slot := &w.ticks[i]
	slot.loops = append(slot.loops, l)
	if slot.active {
		return
	}
	slot.active = true
	offset := time.Duration(i+1) * tickSlotTime
	round := w.now / loop.TickInterval * loop.TickInterval
	if round+offset <= w.now {
		round += loop.TickInterval
	}
	w.at(round+offset, slot)
}

// fire ticks every loop of the slot and forgets those that have stopped.
func (t *tickSlot) fire() {
	kept := t.loops[:0]
	for _, l := range t.loops {
		if l.stopped {
			continue
		}
		kept = append(kept, l)
		if l.host.frozen {
			continue
		}
		if l.skips > 0 {
			l.skips--
			continue
		}
		l.enter()
		l.handler.Tick()
		idle := l.idler != nil && l.idler.Idle()
		t.w.leave()
		if idle && l.posts.Len() == 0 {
			l.skips = idleSkips
		}
	}
	clear(t.loops[len(kept):])
	t.loops = kept
	t.active = len(kept) > 0
	if t.active {
		t.w.at(t.w.now+loop.TickInterval, t)
	}
}
