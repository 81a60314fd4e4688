package loop

import (
	"sync"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	var p Pace
	check := func(reading, want time.Duration) {
		t.Helper()
		if got := p.Now(reading); got != want {
			t.Errorf("at %v: %v, want %v", reading, got, want)
		}
	}
	check(0, 0)
	check(time.Millisecond, time.Millisecond)
	check(IdleTickInterval, IdleTickInterval)
	check(3*time.Second, 3*time.Second) // 2 s later
	check(5*time.Second, 5*time.Second)
	check(10*time.Minute+5*time.Second, 7*time.Second)
	check(10*time.Minute+6*time.Second, 8*time.Second)
	check(10*time.Minute+5*time.Second, 7*time.Second) // a reading of before
	check(24*time.Hour+10*time.Minute+6*time.Second, 10*time.Second)
	check(24*time.Hour+10*time.Minute+7*time.Second, 11*time.Second)
}

// TestPaceOfManyLoops: loops that read the clock as they like lose each pause
// once, and nothing else.
func TestPaceOfManyLoops(t *testing.T) {
	const loops, pauses = 4, 100
	var p Pace
	reading := time.Duration(0)
	for range pauses {
		reading += time.Minute
		var all sync.WaitGroup
		for range loops {
			all.Go(func() {
				for i := range 20 {
					p.Now(reading + time.Duration(i)*paceGrain)
				}
			})
		}
		all.Wait()
		reading += 19 * paceGrain
	}
	// What passed since the last reading that was noted is part of the pause.
	most := pauses * (MaxPause + 19*paceGrain)
	if got := p.Now(reading); got > most || got < most-pauses*paceGrain {
		t.Errorf("%v, want %v", got, most)
	}
}

func BenchmarkPace(b *testing.B) {
	epoch := time.Now()
	b.Run("clock", func(b *testing.B) {
		for b.Loop() {
			_ = time.Since(epoch)
		}
	})
	b.Run("pace", func(b *testing.B) {
		var p Pace
		for b.Loop() {
			_ = p.Now(time.Since(epoch))
		}
	})
}
