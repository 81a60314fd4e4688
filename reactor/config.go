package reactor

import (
	"net/netip"
	"time"

	"go.uber.org/zap"

	"spate/proto/metainfo"
	"spate/reactor/swarm"
)

// Config sets an engine up. The zero value works: it listens nowhere and
// limits nothing.
type Config struct {
	// Listen is the address for peers, HOST:PORT; port 0 picks a free one,
	// empty listens nowhere.
	Listen string
	// StateDir is where resume state and locks are kept; empty keeps none.
	StateDir string
	// NoTrackers turns announcing off.
	NoTrackers bool
	// UpLimit and DownLimit are in payload bytes per second over all torrents;
	// 0 is no limit. Torrents that want more than there is have the same shares
	// of them, and so have the peers of each.
	UpLimit, DownLimit int64
	// MaxPeers bounds open peer connections; 0 means DefaultMaxPeers. While
	// anything is incomplete some are kept for those we open.
	MaxPeers int
	// MaxPeersPerTorrent bounds a torrent's peers; 0 is no limit.
	MaxPeersPerTorrent int
	// MaxPeersPerAddress bounds the connections that one address, or one /64
	// of IPv6, opens to us. 0 means DefaultPerAddress for public addresses
	// and no limit for private ones; a negative number is no limit.
	MaxPeersPerAddress int
	// UploadSlots is the number of unchoked peers per torrent; 0 is no limit, and
	// with a negative number nobody is served.
	UploadSlots int
	// Policy departs from how peers and pieces are chosen, for simulations.
	Policy swarm.Policy
	// Loops is the number of event loops; 0 chooses by the number of CPUs.
	Loops int
	// Hashers is the number of goroutines that verify pieces; 0 chooses by the
	// number of CPUs.
	Hashers int
	// Congestion is the TCP congestion control of peer connections; empty is
	// the system's.
	Congestion string
	// PieceMemory is how many bytes unfinished pieces and those that wait for
	// the disk should take, over all torrents; twice that is the hard limit.
	// 0 means DefaultPieceMemory.
	PieceMemory int64
	// WireCache is how many bytes of memory hot pieces may take in wire form,
	// see package wirecache: 0 is none, a negative number lets it be chosen.
	// Either way it shrinks while the system is short of memory. Linux only.
	WireCache int64
	// Version is the program's, for the peer id and for trackers, such as 1.2.3.
	Version string
	// Logger takes the log; nil logs nothing.
	Logger *zap.Logger
	// RestAfter is how long a torrent of a folder is kept ready that has no
	// peers; 0 means DefaultRestAfter.
	RestAfter time.Duration
	// LookEvery is how often the files of a torrent are looked at that peers are
	// connected for, to find out what others do to them; a millisecond is added
	// for each file. 0 means DefaultLookEvery.
	LookEvery time.Duration
	// SpaceEvery is how often a download looks for room that its disk had none
	// for; 0 means DefaultSpaceEvery.
	SpaceEvery time.Duration
	// Seed makes the engine's chance reproducible; 0 takes one from the system.
	Seed uint64
	// OnEvent is told of events, in order, from one goroutine of its own.
	OnEvent func(Event)
}

const (
	// DefaultMaxPeers bounds open peer connections, see Config.MaxPeers.
	DefaultMaxPeers = 10000
	// DefaultPieceMemory is the memory for unfinished pieces.
	DefaultPieceMemory = 128 << 20
)

// AddOptions says what to do with a torrent.
type AddOptions struct {
	// Dir is the data folder.
	Dir string
	// SeedOnly refuses to download: content that is not complete is an error.
	SeedOnly bool
	// NoCheck trusts that the content is complete; only with SeedOnly.
	NoCheck bool
	// Select picks files to download by their path, slash-separated below Dir;
	// nil takes all.
	Select func(path string) bool
	// Sequential asks for pieces in order.
	Sequential bool
	// Peers are addresses to connect to besides those discovered.
	Peers []netip.AddrPort
	// Trackers are announce URLs besides the torrent's, each a tier.
	Trackers []string
	// UpLimit and DownLimit are the torrent's own, in payload bytes per second
	// over all loops, below those of Config; 0 is no limit.
	UpLimit, DownLimit int64
	// Ratio and SeedTime end seeding; 0 is no limit. The ratio is uploaded
	// bytes to the length of what is wanted; nothing is sent beyond it.
	Ratio    float64
	SeedTime time.Duration
}

// State is where a torrent stands.
type State uint8

// The states of a torrent.
const (
	// StateChecking: the content on disk is being read.
	StateChecking State = iota
	// StateDownloading: wanted pieces are missing.
	StateDownloading
	// StateSeeding: all wanted pieces are there and served.
	StateSeeding
	// StateFailed: it ended by an error.
	StateFailed
	// StateStopped: it was stopped, or reached its ratio or seeding time.
	StateStopped
	// NumStates is the number of states.
	NumStates
)

var stateNames = [NumStates]string{"checking", "downloading", "seeding", "failed", "stopped"}

// String is the state's name.
func (s State) String() string { return stateNames[s] }

// TorrentStats are a torrent's figures.
type TorrentStats struct {
	// InfoHash and Name identify it.
	InfoHash metainfo.Hash
	Name     string
	// State is where it stands.
	State State
	// Done and Length are bytes had and wanted (the selected files' pieces).
	Done, Length int64
	// Uploaded, Downloaded and Wasted are payload bytes of this session.
	Uploaded, Downloaded, Wasted int64
	// UpRate and DownRate are in bytes/s, smoothed over a few seconds.
	UpRate, DownRate float64
	// Peers is the number of connected peers.
	Peers int
	// Err is why State is StateFailed, or what a download waits for that its disk
	// has no room for.
	Err error
}
