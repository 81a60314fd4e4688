package load

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"spate/proto/metainfo"
)

// probeAgain is the time between two looks: a start is told to that grain.
const probeAgain = 20 * time.Millisecond

// Wait returns once the target answers for the torrent and has at least that
// many of its pieces. When ctx ends first, the error is its cause and what the
// last look saw that had its time.
func Wait(ctx context.Context, target netip.AddrPort, t *metainfo.Torrent, pieces int, draw func([]byte)) error {
	return waitFor(ctx, func() error {
		have, err := Probe(ctx, target, t, pieces, draw)
		if err == nil && have < pieces {
			err = fmt.Errorf("it has %d of %d pieces", have, pieces)
		}
		return err
	})
}

// waitFor looks, time and again, until a look finds nothing wrong.
func waitFor(ctx context.Context, look func() error) error {
	var last error // of a look that ctx did not cut short
	for {
		err := look()
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		switch err := Pause(ctx, probeAgain); {
		case err != nil && last != nil:
			return fmt.Errorf("%w: %w", err, last)
		case err != nil:
			return err
		}
	}
}

// Pause waits for d, or returns ctx's cause when that ends first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
