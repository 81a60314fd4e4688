package scenario

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/bench/result"
	"spate/proto/metainfo"
)

// again is how long after its second start a client accepted connections, had
// sent a block of one torrent, and was ready with all that are looked at; 0 is
// what did not come to pass.
type again struct{ listening, serving, ready time.Duration }

func (a again) figures(res *result.Result) {
	for name, took := range map[string]time.Duration{
		"listening_again_s": a.listening, "serving_again_s": a.serving, "ready_again_s": a.ready,
	} {
		if took > 0 {
			res.Set(name, took.Seconds())
		}
	}
}

// restart stops the client, which may save what it knows, and starts it again.
// An error says what did not come to pass in time.
func (r *run) restart(ctx context.Context, sample []*metainfo.Torrent, one *metainfo.Torrent) (a again, err error) {
	if err := r.process.Stop(); errors.Is(err, clients.ErrKilled) {
		return a, err
	}
	if err := r.again(); err != nil {
		return a, err
	}
	begun := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan again, 1)
	go func() { done <- r.serves(ctx, one, begun) }()
	err = r.whole(ctx, sample, loadTimeout)
	ready := time.Since(begun)
	if err == nil { // it may wait to unchoke
		defer time.AfterFunc(unchokeTimeout, func() { cancel(errTime) }).Stop()
	} else {
		cancel(err)
		ready = 0
	}
	a = <-done
	a.ready = ready
	if err == nil && a.serving == 0 {
		err = fmt.Errorf("no block came in %v after all was ready", unchokeTimeout)
	}
	return a, err
}

// serves waits until the client listens, and until it has sent a block of a
// torrent, or until ctx ends.
func (r *run) serves(ctx context.Context, meta *metainfo.Torrent, begun time.Time) (a again) {
	source := load.Loopback()
	var dialer net.Dialer
	for a.serving == 0 {
		at, err := r.where(meta)
		if err == nil && a.listening == 0 {
			var c net.Conn
			if c, err = dialer.DialContext(ctx, "tcp", at.String()); err == nil {
				a.listening = time.Since(begun)
				_ = c.Close() // nothing was said on it
			}
		}
		if err == nil {
			err = load.Take(ctx, source(), at, meta, draw)
		}
		if err == nil {
			a.serving = time.Since(begun)
		} else if load.Pause(ctx, glance) != nil {
			return a
		}
	}
	return a
}
