package gnetio

import (
	"time"

	"spate/reactor/loop"
)

// tick posts a Tick to every loop on which something happened, each
// TickInterval, and to the others each IdleTickInterval. While nothing happens
// on any, it sleeps for as long.
func (n *Network) tick() {
	defer close(n.ticked)
	t := time.NewTimer(loop.TickInterval)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			n.postTicks(time.Now())
		case <-n.stirred:
		case <-n.ticker:
			return
		}
		t.Reset(n.rest())
	}
}

func (n *Network) postTicks(now time.Time) {
	for _, l := range n.loops {
		if l.astir.Load() || now.Sub(l.ticked) >= loop.IdleTickInterval {
			l.ticked = now
			l.postTick()
		}
	}
}

// rest is how long the ticker may sleep. A loop that is stirred from then on
// wakes it.
func (n *Network) rest() time.Duration {
	n.resting.Store(true)
	for _, l := range n.loops {
		if l.astir.Load() {
			n.resting.Store(false)
			return loop.TickInterval
		}
	}
	return loop.IdleTickInterval
}

// stir wakes the ticker when it sleeps; loops call it when something happens
// on them after a rest.
func (n *Network) stir() {
	if n.resting.CompareAndSwap(true, false) {
		select {
		case n.stirred <- struct{}{}:
		default: // it is being woken
		}
	}
}
