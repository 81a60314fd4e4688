package netlab

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func newWire(t *testing.T, text string) wire {
	t.Helper()
	l, err := ParseLine(text)
	if err != nil {
		t.Fatal(err)
	}
	return wire{direction: l.up(), chance: rand.New(rand.NewPCG(1, 2))}
}

func TestWireDelaysAndSends(t *testing.T) {
	w := newWire(t, "20ms 1Mbit")
	check := func(now time.Duration, bytes int, want time.Duration) {
		t.Helper()
		if due, ok := w.pass(now, bytes); !ok || due != want {
			t.Errorf("%d bytes at %v: due %v (%v), want %v", bytes, now, due, ok, want)
		}
	}
	const ms = time.Millisecond
	check(0, 125, 11*ms)  // 1 ms to send
	check(0, 250, 13*ms)  // after the first
	check(2*ms, 0, 13*ms) // the line is still busy
	check(9*ms, 125, 20*ms)
}

// What would wait longer than the queue holds is dropped, and leaves the line
// as it was.
func TestWireDropsBeyondItsQueue(t *testing.T) {
	w := newWire(t, "20ms 1Mbit")
	passed := 0
	for range 1000 {
		if _, ok := w.pass(0, 125); ok {
			passed++
		}
	}
	if passed != 51 { // 50 ms of them, and the one that is being sent
		t.Errorf("%d packets fit", passed)
	}
	if due, ok := w.pass(51*time.Millisecond, 125); !ok || due != 62*time.Millisecond {
		t.Errorf("due %v, %v", due, ok)
	}
}

func TestWireLoses(t *testing.T) {
	lost := func(text string) int {
		w, n := newWire(t, text), 0
		for i := range 100_000 {
			if _, ok := w.pass(time.Duration(i)*time.Microsecond, 1500); !ok {
				n++
			}
		}
		return n
	}
	n := lost("1%")
	if n < 900 || n > 1100 {
		t.Errorf("%d of 100,000 were lost at 1%%", n)
	}
	if again := lost("1%"); again != n {
		t.Errorf("the same seed loses %d and then %d", n, again)
	}
	if n := lost("20ms"); n != 0 {
		t.Errorf("%d of 100,000 were lost without loss", n)
	}
}

// script is a device that is read from: a packet a call, and then closed.
type script struct {
	t       *testing.T
	packets chan []byte
}

func (s script) Read(b []byte) (int, error) {
	p, ok := <-s.packets
	if !ok {
		return 0, errors.New("closed")
	}
	return copy(b, p), nil
}

// arrivals is a device that is written to.
type arrivals struct {
	begin time.Time
	bytes []byte
	times []time.Duration
}

func (a *arrivals) Write(b []byte) (int, error) {
	a.bytes = append(a.bytes, b...)
	a.times = append(a.times, time.Since(a.begin))
	return len(b), nil
}

func TestCarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := script{t, make(chan []byte)}
		to := &arrivals{begin: time.Now()}
		c := newCarrier(from, to, newWire(t, "20ms"))
		done := make(chan struct{})
		go func() { c.run(); close(done) }()
		const ms = time.Millisecond
		from.packets <- []byte("ab")
		time.Sleep(5 * ms)
		from.packets <- []byte("c")
		from.packets <- []byte("d")
		close(from.packets)
		<-done
		if want := []time.Duration{10 * ms, 15 * ms, 15 * ms}; string(to.bytes) != "abcd" || !slices.Equal(to.times, want) {
			t.Errorf("%q came at %v, want %v", to.bytes, to.times, want)
		}
	})
}

// One more than there is room for is lost, and reading goes on.
func TestCarrierIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := script{t, make(chan []byte)}
		to := &arrivals{begin: time.Now()}
		c := newCarrier(from, to, newWire(t, "2s"))
		done := make(chan struct{})
		go func() { c.run(); close(done) }()
		const more = 7
		for range maxOnWay + 1 + more { // one is in the hands of give
			from.packets <- []byte("x")
			synctest.Wait()
		}
		close(from.packets)
		<-done
		if got := len(to.bytes); got != maxOnWay+1 {
			t.Errorf("%d arrived, want %d", got, maxOnWay+1)
		}
	})
}
