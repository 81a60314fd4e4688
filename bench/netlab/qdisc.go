package netlab

import (
	"fmt"
	"strconv"
	"time"
)

const (
	// mtu is that of all lines, and frame what goes over one at most, in bytes.
	mtu   = 1500
	frame = mtu + 14
	// manyPackets is the limit of a queue whose line has no rate.
	manyPackets = 100_000
)

// qdisc is the queueing discipline, as words of tc(8), for one direction; nil
// is none.
func (d direction) qdisc() []string {
	switch {
	case d.delay > 0 || d.loss > 0:
		return d.netem()
	case d.rate > 0:
		return d.tbf()
	default:
		return nil
	}
}

// tbf holds a rate alone. The bucket is what the line carries in 2 ms, so that
// timers need not be exact, and ten packets at least.
func (d direction) tbf() []string {
	burst := max(d.bytesIn(2*time.Millisecond), 10*frame)
	return []string{"tbf", "rate", strconv.FormatInt(d.rate, 10) + "bit",
		"burst", strconv.FormatInt(burst, 10), "limit", strconv.FormatInt(d.bytesIn(d.room)+burst, 10)}
}

// netem holds all. Its limit is in packets, and counts those on their way.
func (d direction) netem() []string {
	words := []string{"netem", "delay", fmt.Sprintf("%dus", d.delay.Microseconds())}
	if d.loss > 0 {
		words = append(words, "loss", "random", strconv.FormatFloat(100*d.loss, 'f', -1, 64)+"%")
	}
	limit := int64(manyPackets)
	if d.rate > 0 {
		words = append(words, "rate", strconv.FormatInt(d.rate, 10)+"bit")
		limit = max(d.bytesIn(d.room+d.delay)/frame, 10)
	}
	return append(words, "limit", strconv.FormatInt(limit, 10))
}

// bytesIn is what the line carries in a time.
func (d direction) bytesIn(t time.Duration) int64 {
	return int64(float64(d.rate) / 8 * t.Seconds())
}
