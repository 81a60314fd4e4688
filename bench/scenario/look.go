package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/proto/metainfo"
)

// maxLooks bounds the looks at a client that are under way at a time: aria2
// accepts some three connections a second, and a look takes three seconds at
// most.
const maxLooks = 8

// look asks the client how many pieces of a torrent it has, by one connection
// from an address. Transmission shakes hands with an address once at a time, so
// each look has one of its own.
func (r *run) look(ctx context.Context, from netip.Addr, meta *metainfo.Torrent, enough int) (int, error) {
	at, err := r.where(meta)
	if err != nil {
		return 0, err
	}
	return load.ProbeFrom(ctx, from, at, meta, enough, draw)
}

// where is the address at which the client accepts the peers of a torrent.
func (r *run) where(meta *metainfo.Torrent) (netip.AddrPort, error) {
	l, ok := r.client.(clients.Locator)
	if !ok {
		return r.task.Listen, nil
	}
	at, known := l.Locate(r.task, meta.InfoHash)
	if !known {
		return at, errNowhere
	}
	return at, nil
}

// errNowhere says that a client does not tell where it accepts peers.
var errNowhere = errors.New("it does not say where it listens for the torrent")

// whole waits until the client has all of each torrent, and no longer than
// limit. Most clients take torrents in their order, so all looks stop at the
// first torrent that is not ready, and go on there after lookAgain: one that is
// busy loading is asked little.
func (r *run) whole(ctx context.Context, metas []*metainfo.Torrent, limit time.Duration) error {
	end := time.Now().Add(limit)
	ctx, cancel := context.WithDeadlineCause(ctx, end, errTime)
	defer cancel()
	ctx, stop := r.alive(ctx)
	defer stop()
	left, source := metas, load.Loopback()
	var last error // before the time was up
	for {
		var err error
		left, err = r.sweep(ctx, source, left)
		if len(left) == 0 {
			return nil
		}
		// A look that the end cuts off says nothing of the client, and its
		// connection has the same deadline as ctx: it may end first.
		if last == nil || ctx.Err() == nil && time.Now().Before(end) {
			last = err
		}
		if load.Pause(ctx, lookAgain) == nil {
			continue
		}
		if cause := context.Cause(ctx); !errors.Is(cause, errTime) {
			return cause
		}
		return &notReady{ready: len(metas) - len(left), of: len(metas), after: limit, last: last}
	}
}

// errTime ends a wait whose time is up.
var errTime = errors.New("time is up")

// notReady says how far a client was when the time was up.
type notReady struct {
	ready, of int // torrents looked at
	after     time.Duration
	last      error // of one that is not ready
}

func (e *notReady) Error() string {
	if e.of == 1 {
		return fmt.Sprintf("not ready after %v: %v", e.after, e.last)
	}
	return fmt.Sprintf("%d of %d torrents looked at are ready after %v: %v", e.ready, e.of, e.after, e.last)
}

// sweep looks at torrents, several at a time, until one is not ready. It
// returns those that are left, in their order, and why.
func (r *run) sweep(ctx context.Context, source func() netip.Addr, metas []*metainfo.Torrent) (left []*metainfo.Torrent, last error) {
	var (
		mu    sync.Mutex
		next  int
		ready = make([]bool, len(metas))
		group sync.WaitGroup
	)
	// take gives out torrents until one has failed.
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= len(metas) && last == nil
	}
	for range min(maxLooks, len(metas)) {
		group.Go(func() {
			for i, more := take(); more; i, more = take() {
				err := r.has(ctx, source(), metas[i])
				mu.Lock()
				if ready[i] = err == nil; err != nil {
					last = err
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for i, meta := range metas {
		if !ready[i] {
			left = append(left, meta)
		}
	}
	return left, last
}

// has is nil when the client has all pieces of a torrent.
func (r *run) has(ctx context.Context, from netip.Addr, meta *metainfo.Torrent) error {
	pieces := meta.Info.NumPieces()
	have, err := r.look(ctx, from, meta, pieces)
	if err == nil && have < pieces {
		err = fmt.Errorf("it has %d of %d pieces", have, pieces)
	}
	return err
}
