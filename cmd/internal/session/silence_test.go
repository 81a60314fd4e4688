package session

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestSilenceDoesNotCountAPause: a process that was stopped for an hour has not
// waited for an hour.
func TestSilenceDoesNotCountAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newSilence(10 * time.Second)
		check := func(after time.Duration, count int64, want bool) {
			t.Helper()
			time.Sleep(after)
			if got := q.since(time.Now(), count); got != want {
				t.Errorf("%v, %d bytes: %v", after, count, got)
			}
		}
		check(0, 0, false)
		for range 7 {
			check(time.Second, 5, false)
		}
		check(time.Hour, 5, false)
		check(time.Second, 5, false)
		q.expired(time.Now())
		check(time.Second, 5, true)
	})
}
