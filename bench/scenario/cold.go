package scenario

import (
	"context"
	"fmt"
)

// coldShare is how much of cold content may be in the page cache: metadata of
// the file system, and what a client has looked at to see what it is.
const coldShare = 0.02

// chill has a client, which is ready, forget content that it has read to verify
// it or to send it. Pages that it maps cannot be dropped, and what it keeps in
// memory of its own cannot be seen: so it is stopped, the page cache is
// emptied, and it starts again from what it has saved. One that has saved
// nothing reads it all once more; then that is dropped as well.
func (c *Content) chill(ctx context.Context, r *run) error {
	_ = r.process.Stop() // having to kill it is seen by what it has forgotten
	if _, err := c.evicted(); err != nil {
		return err
	}
	if err := r.again(); err != nil {
		return err
	}
	if err := r.ready(ctx, c.Meta, c.Meta.Info.NumPieces()); err != nil {
		return fmt.Errorf("not ready again: %w", err)
	}
	share, err := c.evicted()
	if err == nil && share > coldShare {
		err = fmt.Errorf("%.0f %% of the content stays in the page cache", 100*share)
	}
	return err
}

// evicted drops the content from the page cache, and returns the share that is
// still there.
func (c *Content) evicted() (float64, error) {
	if err := evict(c.File); err != nil {
		return 0, err
	}
	return resident(c.File)
}
