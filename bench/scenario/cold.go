package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spate/bench/load"
)

const (
	// coldShare is how much of cold content may be in the page cache: metadata
	// of the file system, and what a client has looked at to see what it is.
	coldShare = 0.02
	// evictTimeout bounds the time until pages are gone: those that lie in the
	// queues of sockets that were just closed stay as long as the sockets.
	evictTimeout = 2 * time.Second
)

// chill has a client, which is ready, forget content that it has read to verify
// it or to send it. Pages that it maps cannot be dropped, and what it keeps in
// memory of its own cannot be seen: so it is stopped, the page cache is
// emptied, and it starts again from what it has saved. One that has saved
// nothing reads it all once more; then that is dropped as well.
func (c *Content) chill(ctx context.Context, r *run) error {
	_ = r.process.Stop() // having to kill it is seen by what it has forgotten
	if err := c.evicted(ctx); err != nil {
		return err
	}
	if err := r.again(); err != nil {
		return err
	}
	if err := r.ready(ctx, c.Meta, c.Meta.Info.NumPieces()); err != nil {
		return fmt.Errorf("not ready again: %w", err)
	}
	return c.evicted(ctx)
}

// evicted drops the content from the page cache.
func (c *Content) evicted(ctx context.Context) error {
	deadline := time.Now().Add(evictTimeout)
	for {
		if err := evict(c.File); err != nil {
			return err
		}
		share, err := resident(c.File)
		if err != nil || share <= coldShare {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w (%.0f %% of it)", errWarm, 100*share)
		}
		if err := load.Pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}

// errWarm says that content could not be made cold.
var errWarm = errors.New("content stays in the page cache")
