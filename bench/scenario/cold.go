package scenario

import (
	"context"
	"fmt"

	"spate/bench/result"
)

// coldShare is how much of cold content may be in the page cache: metadata of
// the file system, and what a client has looked at to see what it is.
const coldShare = 0.02

// chill empties the page cache of content that a client, which is ready, has
// read to verify it. Pages that the client maps cannot be dropped: then it is
// stopped first, and started again from what it has kept, so that it does not
// read the content once more. That is noted.
func (c *Content) chill(ctx context.Context, r *run, res *result.Result) error {
	if cold, err := c.evicted(); cold || err != nil {
		return err
	}
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
	res.Notes = append(res.Notes, "restarted to empty the page cache, since it maps the content")
	share, err := resident(c.File)
	if err == nil && share > coldShare {
		err = fmt.Errorf("%.0f %% of the content is in the page cache after a restart", 100*share)
	}
	return err
}

// evicted drops the content from the page cache, and tells whether it is gone.
func (c *Content) evicted() (bool, error) {
	if err := evict(c.File); err != nil {
		return false, err
	}
	share, err := resident(c.File)
	return share <= coldShare, err
}
