package main

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"

	"github.com/spf13/cobra"

	"spate/bench/ceiling"
	"spate/bench/load"
	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/cmd/internal/source"
)

const sendfileHelp = `Serves one torrent with the least work there is: all of it is laid out in memory
as it goes over the wire, and sent by sendfile or from pipes. It is the machine's ceiling for
"spate bench run", and answers whole blocks of 16 KiB alone.`

// sendfileOptions is what the ceiling runs by.
type sendfileOptions struct {
	torrent, data, listen, congestion string
	threads                           int
	pipes                             bool
}

// benchSendfile serves the machine's ceiling until stopped.
func (a *app) benchSendfile() *cobra.Command {
	o := sendfileOptions{data: ".", listen: "127.0.0.1:0", threads: max(1, runtime.NumCPU()-1)}
	cmd := &cobra.Command{
		Use:    "sendfile --torrent FILE",
		Short:  "the machine's ceiling: a seeder that only sends",
		Long:   sendfileHelp,
		Hidden: true,
		Args:   needs("", 0, 0),
		RunE: a.configured(func(cmd *cobra.Command, _ []string) error {
			return untilStopped(a.sendfile(cmd.Context(), o))
		}),
	}
	fs := cmd.Flags()
	config.String(fs, &o.torrent, "torrent", "", "FILE", "what to serve")
	config.String(fs, &o.data, "data", "d", "DIR", "where its content lies")
	config.Addr(fs, &o.listen, "listen", "l", "address for peers; port 0 picks a free one")
	config.Int(fs, &o.threads, "threads", 1, ceiling.MaxThreads, "the processors but one", "threads that send")
	fs.BoolVar(&o.pipes, "pipes", false, "send from pipes, which are duplicated into the sockets")
	config.String(fs, &o.congestion, "tcp-congestion", "", "NAME", "congestion control of the connections (default: the system's)")
	return cmd
}

func (a *app) sendfile(ctx context.Context, o sendfileOptions) error {
	if o.torrent == "" {
		return usage(errNoTorrent)
	}
	t, err := source.Load(ctx, o.torrent)
	if err != nil {
		return err
	}
	content, err := load.OpenFolder(o.data, t)
	if err != nil {
		return fmt.Errorf("--data: %w", errtext.Named(err))
	}
	defer content.Close()
	err = ceiling.Serve(ctx, ceiling.Config{
		Listen: o.listen, Torrent: t, Content: content, Threads: o.threads, Pipes: o.pipes, Congestion: o.congestion,
		Ready: func(addr netip.AddrPort) { fmt.Fprintln(a.stdout, "listening on", addr) },
	})
	if err != nil {
		return notStarted(err, o.listen, o.congestion)
	}
	return context.Cause(ctx)
}
