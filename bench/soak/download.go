package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spate/bench/load"
)

// downloadSeeders is how many seeders a download has, giveUpEvery which downloads
// are given up before they are complete, and downloadPatience what others may
// take.
const (
	downloadSeeders  = 3
	giveUpEvery      = 3
	downloadPatience = time.Minute
)

// downloadOnce has the engine download a torrent into an empty folder.
func (r *run) downloadOnce(ctx context.Context) (err error) {
	folder := filepath.Join(r.cfg.Dir, "download")
	if _, err := r.target.ask(order{Do: doAdd, Torrent: r.download.file, Folder: folder}); err != nil {
		return err
	}
	defer func() {
		_, removed := r.target.ask(order{Do: doRemove, Torrent: r.download.file})
		err = errors.Join(err, removed, os.RemoveAll(folder))
	}()
	content, err := load.OpenFolder(r.download.folder, r.download.meta)
	if err != nil {
		return err
	}
	defer content.Close()
	g, err := r.generate(load.Config{Role: load.Seed, Torrent: r.download.meta, Conns: downloadSeeders, Content: content})
	if err != nil {
		return err
	}
	defer func() {
		moved := g.Snapshot()
		r.tally(func(c *Count) { c.Received += moved.Bytes; c.Connections += moved.Opened }, nil)
		err = errors.Join(err, g.Stop())
	}()
	r.mu.Lock()
	giveUp := (r.count.Downloads+r.count.GivenUp)%giveUpEvery == 1
	r.mu.Unlock()
	late := time.NewTimer(downloadPatience)
	defer late.Stop()
	for {
		select {
		case <-g.Complete():
			r.tally(func(c *Count) { c.Downloads++ }, nil)
			return nil
		case <-ctx.Done():
			return nil
		case <-late.C:
			return fmt.Errorf("a download is not complete after %v: last failure %w", downloadPatience, g.Reason())
		case <-time.After(lookAgain):
		}
		if giveUp && g.Snapshot().Bytes > 0 {
			r.tally(func(c *Count) { c.GivenUp++ }, nil)
			return nil
		}
	}
}
