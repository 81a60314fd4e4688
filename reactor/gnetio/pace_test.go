package gnetio

import (
	"testing"
	"time"

	"spate/reactor/loop"
)

// TestPauseOfTheProcess: a loop that had no turn for ten minutes passes two
// seconds. The network is told that it began earlier, which is what its clock
// shows behind such a pause.
func TestPauseOfTheProcess(t *testing.T) {
	n := new(Network)
	n.epoch = time.Now()
	l := newEventLoop(n, 0)
	l.astir.Store(true)
	turn := func() time.Duration {
		l.begin(nil)
		defer l.end()
		return l.Now()
	}
	before := turn()
	n.epoch = n.epoch.Add(-10 * time.Minute)
	after := turn()
	if passed := after - before; passed < loop.MaxPause/2 || passed > time.Minute {
		t.Errorf("%v passed", passed)
	}
	n.epoch = n.epoch.Add(time.Minute) // a reading that was taken before the pause
	if again := turn(); again < after {
		t.Errorf("time goes back, from %v to %v", after, again)
	}
}
