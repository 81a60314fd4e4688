package swarm

import (
	"sync/atomic"
	"time"
)

const (
	// dialsPerSecond is how many addresses are dialed a second, over all
	// torrents and loops: what libtorrent does, enough for the 100 peers of a
	// download within seconds, and no flood when trackers list a victim.
	// Addresses that the user names do not count.
	dialsPerSecond = 30
	// dialGap is what a dial takes off the rate, and dialCredit how much of it
	// is saved up: a second's dials.
	dialGap    = time.Second / dialsPerSecond
	dialCredit = (dialsPerSecond - 1) * dialGap
)

// DialRate holds back dials to addresses that strangers named. It is shared by
// all loops, whose clocks may be a turn apart. The zero value is ready for use.
type DialRate struct {
	due atomic.Int64 // when all dials so far would have gone out, one each dialGap
}

// allows tells whether one more may go out; nil holds back none.
func (r *DialRate) allows(now time.Duration) bool {
	return r == nil || r.due.Load() <= int64(now+dialCredit)
}

// take counts one that goes out.
func (r *DialRate) take(now time.Duration) {
	for r != nil {
		due := r.due.Load()
		if r.due.CompareAndSwap(due, max(due, int64(now))+int64(dialGap)) {
			return
		}
	}
}
