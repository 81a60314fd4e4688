package session

import "time"

// silence measures how long nothing has arrived.
type silence struct {
	limit time.Duration // 0 for none
	last  time.Time     // of the last change
	seen  int64
	timer *time.Timer
}

func newSilence(limit time.Duration) *silence { return &silence{limit: limit, seen: -1} }

// expired is ready when the limit may have been reached; nil without a limit.
func (q *silence) expired(now time.Time) <-chan time.Time {
	if q.limit == 0 {
		return nil
	}
	wait := q.limit
	if !q.last.IsZero() {
		wait = q.last.Add(q.limit).Sub(now)
	}
	if q.timer == nil {
		q.timer = time.NewTimer(wait)
	} else {
		q.timer.Reset(wait)
	}
	return q.timer.C
}

// since tells whether nothing arrived for the limit. count is what arrived in
// all; below zero means that nothing was waited for.
func (q *silence) since(now time.Time, count int64) bool {
	if q.limit == 0 {
		return false
	}
	if count < 0 || count != q.seen || q.last.IsZero() {
		q.seen, q.last = count, now
		return false
	}
	return now.Sub(q.last) >= q.limit
}
