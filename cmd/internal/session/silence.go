package session

import (
	"time"

	"spate/reactor/loop"
)

// silence measures how long nothing has arrived. A pause of the process counts
// for little: what arrived meanwhile has not been read yet.
type silence struct {
	limit time.Duration // 0 for none
	epoch time.Time     // of what follows
	pace  loop.Pace
	last  time.Duration // of the last change; below 0 before the first look
	seen  int64
	timer *time.Timer
}

func newSilence(limit time.Duration) *silence {
	return &silence{limit: limit, epoch: time.Now(), last: -1, seen: -1}
}

// expired is ready when the limit may have been reached; nil without a limit.
func (q *silence) expired(now time.Time) <-chan time.Time {
	if q.limit == 0 {
		return nil
	}
	wait := q.limit
	if q.last >= 0 {
		wait = q.last + q.limit - q.pace.Now(now.Sub(q.epoch))
	}
	if q.timer == nil {
		q.timer = time.NewTimer(wait)
	} else {
		q.timer.Reset(wait)
	}
	return q.timer.C
}

// since tells whether nothing arrived for the limit. count is what arrived in
// all; below zero means that nothing was waited for. It is to be asked each
// second, for a longer pause is taken for the process's own.
func (q *silence) since(now time.Time, count int64) bool {
	if q.limit == 0 {
		return false
	}
	at := q.pace.Now(now.Sub(q.epoch))
	if count < 0 || count != q.seen || q.last < 0 {
		q.seen, q.last = count, at
		return false
	}
	return at-q.last >= q.limit
}
