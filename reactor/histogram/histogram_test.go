package histogram

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	check := func(d time.Duration, want int) {
		t.Helper()
		if got := bucket(d); got != want {
			t.Errorf("%v is counted in bucket %d, want %d", d, got, want)
		}
	}
	check(0, 0)
	check(1, 0)
	check(time.Microsecond, 0)
	check(time.Microsecond+1, 1)
	check(2*time.Microsecond, 1)
	check(2*time.Microsecond+1, 2)
	check(4*time.Microsecond, 2)
	check(time.Millisecond, 10)
	check(time.Second, 20)
	check(Bound(Bounds-1), Bounds-1)
	check(Bound(Bounds-1)+1, Bounds)
	check(math.MaxInt64, Bounds)
}

func TestBucketHoldsWhatIsWithinItsBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		d := time.Duration(r.Int64() >> r.IntN(63))
		i := bucket(d)
		if i < Bounds && d > Bound(i) || i > 0 && d <= Bound(i-1) {
			t.Fatalf("%v is counted in bucket %d", d, i)
		}
	}
}

func TestSnapshotsAddUp(t *testing.T) {
	var a, b Histogram
	for _, d := range []time.Duration{0, 3 * time.Microsecond, time.Hour, -time.Second} {
		a.Observe(d)
	}
	b.Observe(3 * time.Microsecond)
	sum, more := a.Snapshot(), b.Snapshot()
	sum.Add(&more)
	if sum.Count() != 5 || sum.Sum != time.Hour+6*time.Microsecond {
		t.Errorf("%d durations of %v", sum.Count(), sum.Sum)
	}
	if sum.Counts[0] != 2 || sum.Counts[2] != 2 || sum.Counts[Bounds] != 1 {
		t.Errorf("%v", sum.Counts)
	}
}

func TestObserveAllocatesNothing(t *testing.T) {
	var h Histogram
	if n := testing.AllocsPerRun(100, func() { h.Observe(time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Histogram
	for i := range b.N {
		h.Observe(time.Duration(i))
	}
}
