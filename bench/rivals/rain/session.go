package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cenkalti/log"
	"github.com/cenkalti/rain/v2/torrent"
)

const (
	// many is a limit that no measurement reaches.
	many = 12_000
	// stopTimeout is how long a tracker may take to hear that a torrent stops:
	// less than those who sent SIGTERM wait.
	stopTimeout = 2 * time.Second
	// firstEphemeral is where Linux begins to draw the ports of outgoing
	// connections, which must not take one from a torrent.
	firstEphemeral = 32768
)

// config is the library's default without limits on peers and upload slots,
// and without peers from anywhere but the tracker. MaxOpenFiles 0 leaves the
// limit that the Go runtime has raised already.
func config(t task) torrent.Config {
	c := torrent.DefaultConfig
	c.Database = filepath.Join(t.state, "session.db")
	c.DataDir, c.DataDirIncludesTorrentID = t.data, false
	c.Host = t.listen.Addr().String()
	c.PortBegin, c.PortEnd = ports(t.listen.Port(), len(t.torrents))
	c.MaxOpenFiles = 0
	c.PEXEnabled, c.DHTEnabled, c.RPCEnabled = false, false, false
	c.UnchokedPeers, c.MaxPeerAccept, c.MaxPeerDial = many, many, many
	c.TrackerStopTimeout = stopTimeout
	c.CustomLogHandler = errorsOnly()
	return c
}

// ports is the range, without its end, for n torrents: from the port asked for,
// or from a lower one when it would reach into the ephemeral ports.
func ports(first uint16, n int) (begin, end uint16) {
	n = max(n, 1)
	b := min(int(first), max(firstEphemeral-n, 1))
	if n == 1 {
		b = int(first)
	}
	return uint16(b), uint16(min(b+n, 1<<16-1))
}

// errorsOnly prints errors to standard error, and nothing else.
func errorsOnly() log.Handler {
	h := log.NewWriterHandler(os.Stderr)
	h.SetLevel(log.ERROR)
	return h
}

// work runs the session until ctx ends.
func work(ctx context.Context, t task) error {
	session, err := torrent.NewSession(config(t))
	if err != nil {
		return err
	}
	if err := load(ctx, session, t); err != nil {
		_ = session.Close() // the first error tells more
		return err
	}
	<-ctx.Done()
	return session.Close()
}

// load adds the torrents that the session does not know from an earlier start,
// and says where each listens. It ends early, without error, with ctx.
func load(ctx context.Context, session *torrent.Session, t task) error {
	var located strings.Builder
	for _, name := range t.torrents {
		if ctx.Err() != nil {
			return nil
		}
		known := session.GetTorrent(filepath.Base(name))
		if known == nil {
			var err error
			if known, err = add(session, name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		fmt.Fprintln(&located, known.InfoHash(),
			netip.AddrPortFrom(t.listen.Addr(), uint16(known.Port())))
	}
	return writeWhole(filepath.Join(t.state, "ports"), located.String())
}

// add adds a torrent under the base name of its file.
func add(session *torrent.Session, name string) (*torrent.Torrent, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return session.AddTorrent(f, &torrent.AddTorrentOptions{ID: filepath.Base(name)})
}

// writeWhole writes a file in such a way that whoever looks sees all or nothing.
func writeWhole(name, text string) error {
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
