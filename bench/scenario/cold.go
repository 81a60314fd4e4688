package scenario

import (
	"context"
	"fmt"

	"spate/bench/content"
)

// chill has the client, which is ready, forget content that it has read to verify
// it or to send it. Pages that it maps cannot be dropped, and what it keeps in
// memory of its own cannot be seen: so it is stopped, the page cache is
// emptied, and it starts again from what it has saved. One that has saved
// nothing reads it all once more; then that is dropped as well. Before that the
// content is read from front to back: what is dropped then leaves the memory in
// large pieces, whoever was there before, and what is read next lies in such.
func (r *run) chill(ctx context.Context, c *content.Single) error {
	_ = r.process.Stop() // having to kill it is seen by what it has forgotten
	if err := c.Evict(ctx); err != nil {
		return err
	}
	if err := r.again(); err != nil {
		return err
	}
	if err := r.ready(ctx, c.Meta, c.Meta.Info.NumPieces()); err != nil {
		return fmt.Errorf("not ready again: %w", err)
	}
	if err := c.Reheat(ctx); err != nil {
		return err
	}
	return c.Evict(ctx)
}
