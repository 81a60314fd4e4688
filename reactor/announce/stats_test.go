package announce

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"spate/proto/tracker"
	"spate/reactor/webget"
)

// failing is a Transport whose announces all come to the same.
type failing struct{ err error }

func (f failing) Announce(_ context.Context, _ string, _ tracker.Request, done func(tracker.Response, error)) {
	done(tracker.Response{}, f.err)
}

// Each announce is counted once by how it ended, and only what says that a host
// does not answer counts against it.
func TestOutcomesAreCounted(t *testing.T) {
	check := func(err error, works bool, want Stats) {
		t.Helper()
		l := newLab(EachTier)
		l.a.cfg.Transport = failing{err}
		for range 10 * HostFailures {
			l.add(urlA)
		}
		if !works {
			want.Skipped = 10*HostFailures - want.Started
		}
		l.tick()
		want.Torrents = 10 * HostFailures
		if got := l.a.Stats(); got != want {
			t.Errorf("%v:\n got %+v\nwant %+v", err, got, want)
		}
	}
	const all = 10 * HostFailures
	check(nil, true, Stats{Started: all, Answered: all})
	check(&tracker.Failure{Reason: "no"}, true, Stats{Started: all, Refused: all})
	check(fmt.Errorf("wrapped: %w", &StatusError{"404 Not Found"}), true, Stats{Started: all, Refused: all})
	check(&AnswerError{errors.New("no dictionary")}, true, Stats{Started: all, Failed: all})
	check(&webget.AddressError{Reason: "private"}, true, Stats{Started: all, Failed: all})
	check(ErrTimeout, false, Stats{Started: HostFailures, TimedOut: HostFailures})
	check(errDown, false, Stats{Started: HostFailures, Failed: HostFailures})
}
