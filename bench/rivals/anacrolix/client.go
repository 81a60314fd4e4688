package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/anacrolix/generics"
	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/storage"
	"golang.org/x/time/rate"
)

const (
	// many is a limit that no measurement reaches.
	many = 8000
	// manyDials is how many connections may be under way at a time: the
	// library's 25 and 100 are meant for peers that do not answer.
	manyDials = 1000
)

// config is the library's default without limits on peers and dials, and
// without peers from anywhere but the tracker, and TCP over IPv4 alone.
func config(t task, content storage.ClientImpl) *torrent.ClientConfig {
	c := torrent.NewDefaultClientConfig()
	c.DefaultStorage = content
	c.SetListenAddr(t.listen.String())
	c.NoDHT, c.DisablePEX, c.DisableUTP, c.DisableIPv6 = true, true, true, true
	c.NoDefaultPortForwarding, c.DisableWebtorrent = true, true
	c.Seed = true
	c.EstablishedConnsPerTorrent = many
	c.HalfOpenConnsPerTorrent, c.TotalHalfOpenConns = manyDials, manyDials
	c.TorrentPeersHighWater = many
	c.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	c.Slogger = errorsOnly()
	return c
}

// errorsOnly prints errors to standard error, and nothing else.
func errorsOnly() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// contents keeps files under their own names from the start. With the library's
// ".part" names it would take any file of the right size for complete without
// reading it, while the other clients verify what they are given.
func contents(t task) (storage.ClientImplCloser, error) {
	record, err := storage.NewDefaultPieceCompletionForDir(t.state)
	if err != nil {
		return nil, err
	}
	return storage.NewFileOpts(storage.NewFileClientOpts{
		ClientBaseDir:   t.data,
		PieceCompletion: record,
		UsePartFiles:    generics.Some(false),
		Logger:          errorsOnly(),
	}), nil
}

// work runs the client until ctx ends.
func work(ctx context.Context, t task) (err error) {
	content, err := contents(t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	client, err := torrent.NewClient(config(t, content))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, errors.Join(client.Close()...)) }()
	for _, name := range t.torrents {
		if ctx.Err() != nil {
			return nil
		}
		added, err := client.AddTorrentFromFile(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		added.DownloadAll()
	}
	<-ctx.Done()
	return nil
}
