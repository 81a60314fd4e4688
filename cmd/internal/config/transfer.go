package config

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Limits of what can be asked for.
const (
	// DefaultMaxPeers is the number of open peer connections in all.
	DefaultMaxPeers = 10000
	// MaxMaxPeers is what one process can be told to keep: beyond it the
	// kernel's own limits on descriptors end the matter.
	MaxMaxPeers = 1 << 20
	// MaxLoops is far above what any machine gains from.
	MaxLoops = 1024
	// maxRatio keeps the product with a torrent's length within range.
	maxRatio = 1e6
)

// Transfer is what get and seed run by.
type Transfer struct {
	Data   string // folder of the content
	State  string // folder of resume state
	Listen string // HOST:PORT; port 0 picks one

	Peers    []string // HOST:PORT of peers to connect to
	Trackers []string // URLs besides those of the torrents

	NoTrackers, NoDHT, NoPEX, NoLSD bool
	Encryption                      string // prefer, require or off

	UpLimit, DownLimit               int64 // bytes per second in all, 0 for none
	TorrentUpLimit, TorrentDownLimit int64 // of each torrent, likewise

	MaxPeers        int   // open connections in all
	PeersPerTorrent int   // 0 for no limit
	PeersPerAddress int   // 0 for no limit, -1 for auto
	UploadSlots     int   // unchoked peers per torrent, 0 for all
	Loops           int   // 0 for auto
	WireCache       int64 // bytes, -1 for auto
	Congestion      string

	Ratio    float64       // 0 for none
	SeedTime time.Duration // 0 for none

	JSON, Quiet bool
	Log         Log
	Metrics     string // HOST:PORT, empty for off

	// Of get alone.
	Seed       bool
	Select     []string
	Sequential bool
	Timeout    time.Duration // 0 for none

	// Of seed alone.
	NoCheck bool
}

// Log says what is logged where.
type Log struct {
	Level  string // debug, info, warn or error
	Format string // console or json
	File   string // empty for stderr
}

// Flags registers the flags of the log.
func (l *Log) Flags(fs *pflag.FlagSet) {
	l.Level, l.Format = "warn", "console"
	Choice(fs, &l.Level, "log-level", []string{"debug", "info", "warn", "error"}, "log what is at least this grave")
	Choice(fs, &l.Format, "log-format", []string{"console", "json"}, "how log lines are written")
	String(fs, &l.File, "log-file", "", "FILE", "append the log to this file (default stderr)")
}

// Flags registers what get and seed share.
func (t *Transfer) Flags(fs *pflag.FlagSet) {
	t.Data, t.State, t.Listen = ".", StateDir(), ":6881"
	t.Encryption, t.MaxPeers, t.PeersPerAddress, t.WireCache = "prefer", DefaultMaxPeers, -1, -1

	String(fs, &t.Data, "data", "d", "DIR", "where content lies or goes")
	String(fs, &t.State, "state", "", "DIR", "resume state; may be shared by processes")
	Addr(fs, &t.Listen, "listen", "l", "address for peers; port 0 picks a free one")
	Peers(fs, &t.Peers, "peer", "a peer to connect to besides those discovered; repeatable, and a comma separates several")
	URLs(fs, &t.Trackers, "tracker", "one more tracker (http or https); repeatable")
	Bool(fs, &t.NoTrackers, "no-trackers", "", "ask no tracker for peers")
	Bool(fs, &t.NoDHT, "no-dht", "", "do not use the DHT (which is not there yet)")
	Bool(fs, &t.NoPEX, "no-pex", "", "do not exchange peers with peers (which is not there yet)")
	Bool(fs, &t.NoLSD, "no-lsd", "", "do not look for peers on the local network (which is not there yet)")
	Choice(fs, &t.Encryption, "encryption", []string{"prefer", "require", "off"}, "encrypt connections (not there yet: they are plain)")
	Limit(fs, &t.UpLimit, "up-limit", "limit uploads, per second: 500KiB, 20MiB, 1GiB; torrents share it alike, and so do the peers of each (default none)")
	Limit(fs, &t.DownLimit, "down-limit", "limit downloads likewise (default none)")
	Limit(fs, &t.TorrentUpLimit, "torrent-up-limit", "limit the uploads of each torrent (default none)")
	Limit(fs, &t.TorrentDownLimit, "torrent-down-limit", "limit the downloads of each torrent (default none)")
	Int(fs, &t.MaxPeers, "max-peers", 1, MaxMaxPeers, strconv.Itoa(t.MaxPeers), "open peer connections in all; a tenth, at most 100, is kept for our own while something is incomplete")
	Int(fs, &t.PeersPerTorrent, "max-peers-per-torrent", 0, MaxMaxPeers, "", "peers of each torrent (default 0, no limit)")
	add(fs, "max-peers-per-address", "", "N", "auto", "connections taken of one address, or of one IPv6 /64; 0 is no limit, auto 100 for public addresses alone", &t.PeersPerAddress, orAuto(-1, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > MaxMaxPeers {
			return 0, fmt.Errorf("%q is neither auto nor a whole number from 0 to %d", s, MaxMaxPeers)
		}
		return n, nil
	}))
	Int(fs, &t.UploadSlots, "upload-slots", 0, MaxMaxPeers, "", "unchoked peers per torrent (default 0, no limit)")
	add(fs, "loops", "", "N", "auto", "event loops", &t.Loops, orAuto(0, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > MaxLoops {
			return 0, fmt.Errorf("%q is neither auto nor a whole number from 1 to %d", s, MaxLoops)
		}
		return n, nil
	}))
	add(fs, "wire-cache", "", "SIZE", "auto", "memory for hot pieces in wire form; 0 turns it off", &t.WireCache, orAuto(-1, ParseSize))
	String(fs, &t.Congestion, "tcp-congestion", "", "NAME", "congestion control of peer connections (default the system's)")
	add(fs, "ratio", "", "R", "", "stop seeding a torrent once uploads are R times its size (default none)", &t.Ratio, parseRatio)
	Duration(fs, &t.SeedTime, "seed-time", "stop seeding a torrent after this time: 90m, 12h, 7d (default none)")
	Bool(fs, &t.JSON, "json", "", "one JSON object a line on stdout, nothing else there")
	Bool(fs, &t.Quiet, "quiet", "q", "no progress display")
	t.Log.Flags(fs)
	Addr(fs, &t.Metrics, "metrics", "", "serve Prometheus /metrics and /debug/pprof at this address (default off)")
}

// GetFlags registers what get has besides.
func (t *Transfer) GetFlags(fs *pflag.FlagSet) {
	Bool(fs, &t.Seed, "seed", "", "go on seeding once complete")
	Strings(fs, &t.Select, "select", "", "PATTERN", "download only the files that match, such as '*.mkv' or 'season 1/*'; repeatable", checkPattern)
	Bool(fs, &t.Sequential, "sequential", "", "fetch pieces in order")
	Duration(fs, &t.Timeout, "timeout", "give up, with exit code 3, when nothing has arrived for this time (default none)")
}

// SeedFlags registers what seed has besides.
func (t *Transfer) SeedFlags(fs *pflag.FlagSet) {
	Bool(fs, &t.NoCheck, "no-check", "", "trust the content: skip the first verification")
}

func parseRatio(s string) (float64, error) {
	r, err := decimal(s)
	if err != nil || r <= 0 || r > maxRatio {
		return 0, fmt.Errorf("%q is no ratio: want a number above 0 such as 1.5", s)
	}
	return r, nil
}

func checkPattern(s string) error {
	if _, err := path.Match(s, ""); err != nil || s == "" {
		return fmt.Errorf("%q is no pattern: want a file name in which * ? and [a-z] may stand for others", s)
	}
	return nil
}

// Selector returns what --select chooses, nil for everything. A pattern
// without a slash is held against the last element of a file's path and
// against each folder it lies in; one with slashes against the whole path and
// the folders above it. Paths are those in the torrent, joined by "/".
func (t *Transfer) Selector() func(file string) bool {
	if len(t.Select) == 0 {
		return nil
	}
	return func(file string) bool {
		for _, pattern := range t.Select {
			if selects(pattern, file) {
				return true
			}
		}
		return false
	}
}

func selects(pattern, file string) bool {
	whole := strings.Contains(pattern, "/")
	for p := file; p != "." && p != "/"; p = path.Dir(p) {
		name := p
		if !whole {
			name = path.Base(p)
		}
		if ok, _ := path.Match(pattern, name); ok {
			return true
		}
	}
	return false
}

// StateDir is the default of --state: $XDG_STATE_HOME/spate, else
// ~/.local/state/spate. It is empty where there is no home folder.
func StateDir() string { return xdg("XDG_STATE_HOME", ".local/state") }

// FilePath is the default of --config: $XDG_CONFIG_HOME/spate/config.yaml,
// else ~/.config/spate/config.yaml. It is empty where there is no home folder.
func FilePath() string {
	if dir := xdg("XDG_CONFIG_HOME", ".config"); dir != "" {
		return filepath.Join(dir, "config.yaml")
	}
	return ""
}

// ErrNoState says that resume state has no place.
var ErrNoState = errors.New("--state: there is no home folder to keep it in: name a folder")

// Check refuses what no single flag can see.
func (t *Transfer) Check() error {
	if t.State == "" {
		return ErrNoState
	}
	return nil
}

// xdg follows the base directory specification: a value that is not absolute
// does not count.
func xdg(variable, fallback string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "spate")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, fallback, "spate")
}
