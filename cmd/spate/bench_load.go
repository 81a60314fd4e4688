package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"spate/bench/load"
	"spate/bench/load/session"
	processes "spate/bench/usage"
	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/cmd/internal/source"
)

const benchLoadHelp = `Drives one BitTorrent client, of which it knows the address and a torrent, with
any number of connections, and tells what it did: rates, times from request to
block, fairness, refusals; with --pid, what that process took for it.

Roles: "leech" downloads and throws away, "seed" offers the content below --data
to a client that downloads, "both" does both, and "idle" only shakes hands. "web"
downloads the torrent's only file from a web server, in ranges of a block, from
the path of its name. On loopback each connection has an address of its own.

The first --warmup, which begins when all connections may download, is not
counted. SIGINT ends a run early: it reports what was measured until then, and
exits with 130.`

// Errors of the command line.
var (
	errNoTorrent = errors.New("--torrent: a .torrent file is missing")
	errNoAddr    = errors.New("--addr: the client's HOST:PORT is missing")
	errNoData    = errors.New("--data: the content's folder is missing, which seeding needs")
)

// maxPID is the largest process id that Linux has.
const maxPID = 1 << 22

// benchLoadOptions is what the generator runs by.
type benchLoadOptions struct {
	torrent, addr, role, data string
	pid                       int
	warmup, duration, settle  time.Duration
	load                      session.Options
	slowRate                  int64
	json, quiet               bool
}

// benchLoad runs the load generator against one client.
func (a *app) benchLoad() *cobra.Command {
	o := benchLoadOptions{role: load.Leech.String(), warmup: 2 * time.Second, duration: 10 * time.Second, settle: 10 * time.Second}
	o.load.Conns, o.load.Outstanding, o.load.SeedShare = 1, load.DefaultOutstanding, 0.5
	cmd := &cobra.Command{
		Use:   "load --torrent FILE --addr HOST:PORT",
		Short: "put a load on one client and measure it",
		Long:  benchLoadHelp,
		Example: `  spate bench load --torrent a.torrent --addr 127.0.0.1:6881 --conns 50 --pid 4711
  spate bench load --torrent a.torrent --addr 127.0.0.1:6881 --role seed --data /srv`,
		Args: needs("", 0, 0),
		RunE: a.configured(func(cmd *cobra.Command, _ []string) error {
			return a.putLoad(cmd.Context(), o)
		}),
	}
	fs := cmd.Flags()
	config.String(fs, &o.torrent, "torrent", "", "FILE", "the torrent, which the client has or is to get")
	config.String(fs, &o.addr, "addr", "", "HOST:PORT", "the client's address")
	config.Choice(fs, &o.role, "role", load.Roles(), "what the connections are")
	config.Int(fs, &o.load.Conns, "conns", 1, load.MaxConns, "1", "connections")
	config.Duration(fs, &o.duration, "duration", "time that is measured")
	config.Duration(fs, &o.warmup, "warmup", "time before it that is not")
	config.Duration(fs, &o.settle, "settle", "most time to wait until all connections may download")
	config.Int(fs, &o.load.Outstanding, "outstanding", 1, load.MaxOutstanding, strconv.Itoa(load.DefaultOutstanding), "requests under way on a connection")
	config.Int(fs, &o.pid, "pid", 1, maxPID, "", "the client's process, to be looked at with its children")
	config.Bool(fs, &o.load.Verify, "verify", "", "hash the pieces that arrive")
	config.String(fs, &o.data, "data", "d", "DIR", "where the content lies, for seeders")
	config.Value(fs, &o.load.SeedShare, "seed-share", "SHARE", "seeders among the connections of role both (default 0.5)", parseShare)
	config.Value(fs, &o.load.Ramp, "ramp", "N", "connections dialed a second (default: as many as can be)", parsePerSecond)
	config.Value(fs, &o.load.Churn, "churn", "N", "connections closed and dialed anew a second (default 0)", parsePerSecond)
	config.Value(fs, &o.load.SlowShare, "slow", "SHARE", "leechers that read slowly (default 0)", parseShare)
	config.Rate(fs, &o.slowRate, "slow-rate", "what each slow leecher reads (default 64KiB)")
	config.Value(fs, &o.load.Corrupt, "corrupt", "SHARE", "blocks that seeders send wrong (default 0)", parseShare)
	config.Int(fs, &o.load.Loops, "loops", 1, 64, "auto", "event loops of the generator")
	config.String(fs, &o.load.Congestion, "tcp-congestion", "", "NAME", "congestion control of the generator's end (default: the system's)")
	config.Bool(fs, &o.json, "json", "", "print one JSON object at the end, and nothing else")
	config.Bool(fs, &o.quiet, "quiet", "q", "no progress display")
	return cmd
}

// parseShare reads a share.
func parseShare(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q is not a share from 0 to 1", s)
	}
	return v, nil
}

// parsePerSecond reads a number of connections a second.
func parsePerSecond(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= load.MaxRate) {
		return 0, fmt.Errorf("%q is not a number from 0 to %.0f", s, load.MaxRate)
	}
	return v, nil
}

// prepare makes a session of the flags. done gives back what it opened.
func (o *benchLoadOptions) prepare(ctx context.Context) (done func(), err error) {
	done = func() {}
	switch {
	case o.torrent == "":
		return done, usage(errNoTorrent)
	case o.addr == "":
		return done, usage(errNoAddr)
	}
	s := &o.load
	s.Role = load.Role(slices.Index(load.Roles(), o.role))
	if s.SlowRate = int(o.slowRate); s.SlowRate == 0 {
		s.SlowRate = 64 << 10
	}
	if s.Target, err = resolve(ctx, o.addr); err != nil {
		return done, usage(fmt.Errorf("--addr: %q: %w", o.addr, err))
	}
	if s.Torrent, err = source.Load(ctx, o.torrent); err != nil {
		return done, err
	}
	if s.Role == load.Seed || s.Role == load.Both {
		if o.data == "" {
			return done, usage(errNoData)
		}
		folder, err := load.OpenFolder(o.data, s.Torrent)
		if err != nil {
			return done, fmt.Errorf("--data: %w", errtext.Named(err))
		}
		s.Content, done = folder, func() { folder.Close() }
	}
	if o.pid > 0 {
		s.Usage = func() (processes.Usage, error) { return processes.Tree(os.DirFS("/proc"), o.pid) }
	}
	return done, nil
}

// resolve finds the address of HOST:PORT.
func resolve(ctx context.Context, addr string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, errors.New("no address: want HOST:PORT")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is no port", port)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, errtext.Reason(err)
	}
	return netip.AddrPortFrom(found[0].Unmap(), uint16(n)), nil
}

// putLoad runs the session and reports.
func (a *app) putLoad(ctx context.Context, o benchLoadOptions) error {
	done, err := o.prepare(ctx)
	defer done()
	if err != nil {
		return err
	}
	if o.load.Usage != nil {
		if _, err := o.load.Usage(); err != nil {
			return fmt.Errorf("--pid: %w", err)
		}
	}
	s, err := session.Start(o.load)
	if err != nil {
		return notStarted(err, "", o.load.Congestion)
	}
	report, err := a.session(ctx, s, o)
	if err == nil && report.Bytes == 0 && report.Connected == 0 && s.Generator().Reason() != nil && !report.Complete {
		err = fmt.Errorf("%s: no connection: %w", o.addr, cause(s.Generator().Reason()))
	}
	if stopped := s.Stop(); err == nil {
		err = stopped
	}
	if err != nil {
		return err
	}
	if err := a.tellLoad(report, o.json); err != nil {
		return err
	}
	if report.Interrupted {
		return context.Cause(ctx)
	}
	return nil
}

// notStarted names the flag behind what did not start.
func notStarted(err error, listen, congestion string) error {
	// The kernel's own word for an unknown algorithm is that a file is missing.
	if errors.Is(err, syscall.ENOENT) && congestion != "" {
		return fmt.Errorf("--tcp-congestion: %s: not known to this kernel", congestion)
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "listen" {
		return fmt.Errorf("--listen: %s: %w", listen, cause(err))
	}
	return err
}

// cause is the kernel's own word, where there is one, without the call.
func cause(err error) error {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno
	}
	return errtext.Reason(err)
}

// session runs one from settling to its report. When it is stopped before it
// is measured, there is nothing to report.
func (a *app) session(ctx context.Context, s *session.Session, o benchLoadOptions) (*session.Report, error) {
	if o.load.Role != load.Seed { // a download is measured from its start
		if _, err := s.Settle(ctx, o.settle); err != nil {
			return nil, err
		}
		if err := s.Warm(ctx, o.warmup); err != nil {
			return nil, err
		}
	}
	show, end := a.loadProgress(o.json || o.quiet)
	defer end()
	return s.Measure(ctx, o.duration, show)
}
