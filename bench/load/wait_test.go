package load

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var errEnough = errors.New("enough")

// A wait that is cut short tells of the last look that had its time.
func TestWaitFor(t *testing.T) {
	errEarly, errLate := errors.New("early"), errors.New("late")
	check := func(looks []error, limit time.Duration, want ...error) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), limit, errEnough)
			defer cancel()
			n := 0
			err := waitFor(ctx, func() error { n++; return looks[min(n, len(looks))-1] })
			if (err == nil) != (len(want) == 0) {
				t.Errorf("%v: got %v", looks, err)
			}
			for _, w := range want {
				if !errors.Is(err, w) {
					t.Errorf("%v: got %v, want %v", looks, err, w)
				}
			}
		})
	}
	check([]error{nil}, time.Second)
	check([]error{errEarly, errLate, nil}, time.Second)
	check([]error{errEarly, errLate}, time.Second, errEnough, errLate)
	check([]error{errEarly, errLate}, probeAgain/2, errEnough, errEarly)
	check([]error{errEarly}, 0, errEnough)
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errEnough)
		defer cancel()
		began := time.Now()
		if err := Pause(ctx, time.Second); err != nil || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := Pause(ctx, time.Hour); !errors.Is(err, errEnough) || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
