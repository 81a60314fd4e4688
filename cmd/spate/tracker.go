package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/cmd/internal/events"
	"spate/cmd/internal/logging"
	"spate/cmd/internal/tracker"
	"spate/proto/metainfo"
)

const trackerHelp = `A small HTTP tracker for private swarms, labs and tests: any torrent that is
announced is tracked, in memory alone. It answers at /announce and /scrape;
/stats tells what it knows, as JSON.

SIGINT and SIGTERM are clean stops, with exit codes 130 and 0.`

// trackerOptions is what the tracker runs by.
type trackerOptions struct {
	listen   string
	interval time.Duration
	forward  bool
	json     bool
	log      config.Log
}

// tracker serves announces until stopped.
func (a *app) tracker() *cobra.Command {
	o := trackerOptions{listen: ":6969", interval: tracker.DefaultInterval}
	cmd := &cobra.Command{
		Use:     "tracker",
		Short:   "a small HTTP tracker for private swarms, labs and tests",
		Long:    trackerHelp,
		Example: "  spate tracker --listen 10.0.0.1:6969",
		Args:    needs("", 0, 0),
		RunE: a.configured(func(cmd *cobra.Command, _ []string) error {
			return untilStopped(a.track(cmd.Context(), o))
		}),
	}
	fs := cmd.Flags()
	config.Addr(fs, &o.listen, "listen", "l", "address for clients; port 0 picks a free one")
	config.Duration(fs, &o.interval, "interval", "time between a peer's announces")
	config.Bool(fs, &o.forward, "trust-forwarded", "", "believe X-Forwarded-For, for use behind a proxy that sets it")
	config.Bool(fs, &o.json, "json", "", `print the "listening" event as JSON`)
	o.log.Flags(fs)
	return cmd
}

// track listens, says where, and serves until ctx ends.
func (a *app) track(ctx context.Context, o trackerOptions) error {
	logger, closeLog, err := logging.New(o.log, a.stderr)
	if err != nil {
		return err
	}
	defer closeLog()
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("--listen: %s: %w", o.listen, errtext.Reason(err))
	}
	server := &http.Server{
		Handler: tracker.New(tracker.Config{
			Now: time.Now, Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
			Interval: o.interval, TrustForwarded: o.forward,
		}),
		ErrorLog: zap.NewStdLog(logger),
		// An announce is one short request. Whoever takes longer holds a
		// descriptor that others need.
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
		MaxHeaderBytes: 16 << 10,
	}
	if o.json {
		events.NewWriter(a.stdout).Write(time.Now(), metainfo.Hash{}, events.Listening{Addr: listener.Addr().String()})
	} else {
		fmt.Fprintf(a.stdout, "announce at http://%s/announce\n", reachable(listener.Addr()))
	}
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(stopped)
		limited, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(limited) // requests that take longer are cut off
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return context.Cause(ctx)
}

// reachable is an address that others may use: the machine's name where the
// tracker listens on all addresses.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsUnspecified() {
		return addr.String()
	}
	if host, err = os.Hostname(); err != nil {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
