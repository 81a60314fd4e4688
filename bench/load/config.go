package load

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"spate/proto/metainfo"
	"spate/reactor/loop"
)

// Limits and defaults.
const (
	// MaxConns bounds Config.Conns: beyond it one machine has no ports left
	// for connections to one address.
	MaxConns = 20_000
	// DefaultOutstanding is how many requests a leecher has under way: what
	// clients without a reqq of their own are taken to queue (BEP 10).
	DefaultOutstanding = 250
	// MaxOutstanding bounds Config.Outstanding, and with it the bytes of
	// requests that a target can leave unread: 68 KiB.
	MaxOutstanding = 4096
	// ReadBuffer is the right size in bytes for the read buffer of a network
	// that carries leechers: few system calls, and still within the cache of a
	// core.
	ReadBuffer = 256 << 10
	// RedialAfter is how long a connection that failed waits.
	RedialAfter = time.Second

	// reqq is how many requests a seeder announces to keep (BEP 10), and
	// maxQueue how many it does: rTorrent asks for what its rate would bring in
	// 200 ms and more, whatever was announced, and has no fast extension to be
	// refused by.
	reqq     = 2048
	maxQueue = 128 << 10
	// maxControl ends a seeder's connection whose target leaves that many
	// bytes of messages unread.
	maxControl = 256 << 10
	// maxDials bounds the connects under way per loop: the shortest queue for
	// them among clients has 5 places.
	maxDials = 4
	// dialTimeout bounds a connect, greetTimeout the time until the target's
	// handshake.
	dialTimeout  = 5 * time.Second
	greetTimeout = 10 * time.Second
)

// Role is what the connections are.
type Role uint8

// The roles.
const (
	Leech Role = iota
	Seed
)

// Config is a load.
type Config struct {
	// Network carries the connections: one that was not started, and is the
	// generator's until Stop has returned.
	Network loop.Network
	// Loops is how many of its loops are used; 0 is 1.
	Loops int
	// Target is the address of the client under test.
	Target netip.AddrPort
	// Torrent is what it has, or is to get.
	Torrent *metainfo.Torrent
	Role    Role
	// Conns is the number of connections; 0 is 1.
	Conns int
	// Outstanding is how many requests a leecher has under way, as far as the
	// torrent has so many blocks; 0 is DefaultOutstanding.
	Outstanding int
	// Content is the torrent's one file, for seeders. It stays open until Stop.
	Content loop.File
	// Draw fills b with chance, for peer ids.
	Draw func(b []byte)
}

// Errors of Start.
var (
	ErrConns       = fmt.Errorf("number of connections is not between 1 and %d", MaxConns)
	ErrOutstanding = fmt.Errorf("number of outstanding requests is not between 1 and %d", MaxOutstanding)
	ErrContent     = errors.New("seeding needs content, and a torrent of a single file")
)

// withDefaults checks c.
func (c Config) withDefaults() (Config, error) {
	c.Loops = max(c.Loops, 1)
	if c.Conns == 0 {
		c.Conns = 1
	}
	if c.Conns < 0 || c.Conns > MaxConns {
		return c, ErrConns
	}
	if c.Outstanding == 0 {
		c.Outstanding = DefaultOutstanding
	}
	if c.Outstanding < 0 || c.Outstanding > MaxOutstanding {
		return c, ErrOutstanding
	}
	if c.Role == Seed && (c.Content == nil || c.Torrent.Info.MultiFile) {
		return c, ErrContent
	}
	return c, nil
}

// peerID is a new id for one connection: clients refuse two peers with one id.
func peerID(draw func([]byte)) (id [20]byte) {
	n := copy(id[:], "-sb0001-")
	draw(id[n:])
	return id
}
