package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/storage"
	"golang.org/x/time/rate"
)

const (
	// many is a limit that no measurement reaches.
	many = 12_000
	// manyDials is how many connections may be under way at a time: the
	// library's 25 and 100 are meant for peers that do not answer.
	manyDials = 1000
)

// config is the library's default without limits on peers and dials, and
// without peers from anywhere but the tracker, and TCP over IPv4 alone.
//
// A seed is not hung up on when the download is complete: the library would do
// so before it says what it has, and the other end could not tell when that was.
func config(t task, content storage.ClientImpl) *torrent.ClientConfig {
	c := torrent.NewDefaultClientConfig()
	c.DefaultStorage = content
	c.SetListenAddr(t.listen.String())
	c.NoDHT, c.DisablePEX, c.DisableUTP, c.DisableIPv6 = true, true, true, true
	c.NoDefaultPortForwarding, c.DisableWebtorrent = true, true
	c.Seed, c.DropMutuallyCompletePeers = true, false
	c.EstablishedConnsPerTorrent, c.TorrentPeersHighWater = many, many
	c.HalfOpenConnsPerTorrent, c.TotalHalfOpenConns = manyDials, manyDials
	c.DialRateLimiter = rate.NewLimiter(rate.Inf, 0)
	c.Slogger = errorsOnly()
	return c
}

// errorsOnly prints errors to standard error, and nothing else.
func errorsOnly() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// work runs the client until ctx ends.
func work(ctx context.Context, t task) (err error) {
	all, err := torrents(t)
	if err != nil {
		return err
	}
	content, err := contents(t, all)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	client, err := torrent.NewClient(config(t, content))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, errors.Join(client.Close()...)) }()
	for _, meta := range all {
		if ctx.Err() != nil {
			return nil
		}
		added, err := client.AddTorrent(meta)
		if err != nil {
			return err
		}
		added.DownloadAll()
	}
	<-ctx.Done()
	return nil
}
