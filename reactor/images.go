package reactor

import (
	"context"
	"io/fs"
	"os"
	"time"

	"spate/reactor/swarm"
	"spate/reactor/wirecache"
)

const (
	// imageShare is by how many all descriptors are divided for the number of
	// images of hot pieces, of which each takes five as a rule, and maxImages their
	// number at the most: a budget of 16 GiB.
	imageShare = 32
	maxImages  = 4096
	// minImages is how many images a budget should have room for, lest the one
	// evicts the other.
	minImages = 16
	// budgetInterval is how often the budget of images follows the system's
	// memory, and ageEvery the number of those after which demand counts half.
	budgetInterval = time.Second
	ageEvery       = 30
)

// newImages makes the cache of hot pieces; nil where it is turned off or the
// system has no use for one. files is the limit of descriptors.
func newImages(wish int64, files uint64, buffers wirecache.Buffers) *wirecache.Cache {
	if wish == 0 || !wirecache.Supported {
		return nil
	}
	limit := wish
	if wish < 0 {
		limit = wirecache.AutoLimit
	}
	return wirecache.New(wirecache.Config{
		Limit:   limit,
		Group:   min(wirecache.GroupSize, limit/minImages),
		Images:  int(min(files/imageShare, maxImages)),
		Create:  wirecache.Lay,
		Go:      func(fn func()) { go fn() },
		Buffers: buffers,
	})
}

// watchImages keeps the budget of images to what the system has left, until ctx
// ends. Where the system does not tell, the budget stays as it is.
func watchImages(ctx context.Context, c *wirecache.Cache, wish int64) {
	root := os.DirFS("/")
	ticks := time.NewTicker(budgetInterval)
	defer ticks.Stop()
	for n := 1; ; n++ {
		fitImages(c, wish, root)
		if n%ageEvery == 0 {
			c.Age()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

func fitImages(c *wirecache.Cache, wish int64, root fs.FS) {
	if left, err := wirecache.Available(root); err == nil {
		c.SetBudget(wirecache.Allowance(wish, c.Stats().Bytes, left))
	}
}

// furnish gives a torrent its content, and the images of what is hot of it. One
// whose content was changed behind the engine's back ends.
func (e *Engine) furnish(t *Torrent, store swarm.Store) {
	t.store = store
	t.images = e.parts.WireCache.NewTable(t.meta.Info, store, func(piece int, err error) {
		err = inPiece(t.files(), piece, err)
		e.toControl(func(c *control) { c.lost(t, err) })
	})
}
