package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"spate/cmd/internal/config"
	"spate/cmd/internal/errtext"
	"spate/reactor"
)

// engineConfig is the part of the configuration that concerns all torrents.
func (s *session) engineConfig() reactor.Config {
	c := s.o.Config
	if c.Encryption == "require" {
		s.o.Logger.Warn("encryption is not there yet: connections are plain")
	}
	return reactor.Config{
		Listen: c.Listen, StateDir: c.State, NoTrackers: c.NoTrackers,
		UpLimit: c.UpLimit, DownLimit: c.DownLimit,
		MaxPeers: c.MaxPeers, MaxPeersPerTorrent: c.PeersPerTorrent, MaxPeersPerAddress: perAddress(c.PeersPerAddress),
		UploadSlots: c.UploadSlots, Loops: c.Loops,
		WireCache: c.WireCache, Congestion: c.Congestion, Version: s.o.Version, Logger: s.o.Logger,
		OnEvent: s.onEvent,
	}
}

// perAddress turns the flag, where 0 is no limit and -1 auto, into the engine's
// number, whose zero value is auto.
func perAddress(n int) int {
	switch n {
	case -1:
		return 0
	case 0:
		return -1
	}
	return n
}

// addOptions is the part that concerns each torrent.
func (s *session) addOptions(ctx context.Context) (reactor.AddOptions, error) {
	c := s.o.Config
	peers, err := resolve(ctx, c.Peers)
	if err != nil {
		return reactor.AddOptions{}, err
	}
	return reactor.AddOptions{
		Dir: c.Data, SeedOnly: !s.o.Get, NoCheck: c.NoCheck,
		Select: c.Selector(), Sequential: c.Sequential,
		Peers: peers, Trackers: c.Trackers,
		UpLimit: c.TorrentUpLimit, DownLimit: c.TorrentDownLimit,
		Ratio: c.Ratio, SeedTime: c.SeedTime,
	}, nil
}

// startError names the flag behind what the engine did not start for.
func startError(c config.Transfer, err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return fmt.Errorf("--listen: %s: %w", c.Listen, op.Err)
	}
	// The kernel's own word for an unknown algorithm is that a file is missing.
	if path := (*fs.PathError)(nil); errors.Is(err, syscall.ENOENT) && !errors.As(err, &path) {
		return fmt.Errorf("--tcp-congestion: %s: not known to this kernel", c.Congestion)
	}
	return errtext.Named(err)
}

// resolve turns HOST:PORT into addresses: all that a name has.
func resolve(ctx context.Context, peers []string) ([]netip.AddrPort, error) {
	var addrs []netip.AddrPort
	for _, p := range peers {
		host, text, err := net.SplitHostPort(p)
		if err != nil {
			return nil, fmt.Errorf("--peer: %s: %w", p, err)
		}
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("--peer: %s: %w", p, err)
		}
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
				err = errors.New(dns.Err)
			}
			return nil, fmt.Errorf("--peer: %s: %w", p, err)
		}
		for _, ip := range ips {
			addrs = append(addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
		}
	}
	return addrs, nil
}
