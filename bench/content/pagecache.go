package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// coldShare is how much of cold content may be in the page cache: metadata
	// of the file system, and what a client has looked at to see what it is.
	coldShare = 0.02
	// evictTimeout bounds the time until pages are gone: those that lie in the
	// queues of sockets that were just closed stay as long as the sockets, which
	// is some seconds where the last segments of a connection were lost. Between
	// two tries is evictAgain.
	evictTimeout = 10 * time.Second
	evictAgain   = 20 * time.Millisecond
)

// ErrWarm says that content could not be made cold.
var ErrWarm = errors.New("content stays in the page cache")

// Warm reads the content, so that it is in the page cache. In which units it lies
// there is left as it was: see Reheat.
func (c *Single) Warm() error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, make([]byte, 1<<20))
	return err
}

// Reheat makes the content warm as if nobody had read it before. The page cache
// keeps what it has in the units (folios) in which it was written or read, of
// 4 KiB to some MiB, and serving small ones takes up to half as much CPU time
// again: so a client that evicts its content would leave a slower one to those
// that come after it. Where nothing can be evicted the content is warm all the
// same, and the error is ErrWarm or errors.ErrUnsupported.
func (c *Single) Reheat(ctx context.Context) error {
	left := c.Evict(ctx)
	if err := c.Warm(); err != nil {
		return err
	}
	return left
}

// Evict drops the content from the page cache, or fails with ErrWarm where
// somebody holds it there. It needs Linux, and is errors.ErrUnsupported elsewhere.
func (c *Single) Evict(ctx context.Context) error {
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
			return fmt.Errorf("%w (%.0f %% of it)", ErrWarm, 100*share)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(evictAgain):
		}
	}
}
