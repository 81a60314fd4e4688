package load

import (
	"errors"
	"fmt"
	"math"
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
	// that carries a load: what it holds is copied, and the generator takes the
	// rest from the socket by itself.
	ReadBuffer = 4 << 10
	// RedialAfter is how long a connection that failed waits.
	RedialAfter = time.Second
	// MaxRate bounds Config.Ramp and Config.Churn, in connections a second:
	// beyond it the dials are the limit, and not the rate.
	MaxRate = 1e6

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
	// keepAlive is the time after which a silent connection says that it is
	// there: clients hang up after two minutes (BEP 3).
	keepAlive = 90 * time.Second
)

// Role is what the connections are.
type Role uint8

// The roles.
const (
	// Leech asks for everything and throws it away.
	Leech Role = iota
	// Seed has everything, and gives it to whoever asks.
	Seed
	// Both is seeders, a share of the connections, and leechers.
	Both
	// Idle shakes hands, and wants and has nothing.
	Idle
	// Web asks a web server for the content's only file, in ranges of a block.
	Web
)

// Roles are the names of the roles, by Role.
func Roles() []string { return []string{"leech", "seed", "both", "idle", "web"} }

// String is the role's name.
func (r Role) String() string {
	if names := Roles(); int(r) < len(names) {
		return names[r]
	}
	return "unknown"
}

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
	// Choose says, with each dial, which torrent a connection is for, in place
	// of Torrent; any loop may call it. A leecher then asks for each block once,
	// its pieces in an order of chance as in a swarm that takes the rarest
	// first, and ends, for another one to be dialed.
	Choose func() *metainfo.Torrent
	Role   Role
	// Conns is the number of connections; 0 is 1.
	Conns int
	// SeedShare is the share of the connections that are seeders, 0 to 1, of
	// Both.
	SeedShare float64
	// Outstanding is how many requests a leecher has under way, as far as the
	// torrent has so many blocks; 0 is DefaultOutstanding.
	Outstanding int
	// Paced has leechers ask with ticks alone, so that each gets Outstanding
	// blocks in loop.TickInterval at most: a target that can do more has time to
	// spare, and times are not those of its queue.
	Paced bool
	// Verify has leechers keep each piece until it is whole, and hash it.
	Verify bool
	// SlowShare is the share of the leechers, 0 to 1, that read SlowRate bytes
	// a second at most. Each has the rest of what it asked for wait in its
	// socket.
	SlowShare float64
	SlowRate  int
	// Content is what seeders give. It stays open until Stop.
	Content Source
	// Corrupt is the share of blocks, 0 to 1, that seeders send with a wrong
	// byte.
	Corrupt float64
	// Ramp is how many connections are dialed a second, all loops together; 0
	// is as many as can be. Churn is how many are closed a second, to be dialed
	// anew.
	Ramp, Churn float64
	// Draw fills b with chance, for peer ids and all other choices.
	Draw func(b []byte)
}

// Errors of Start.
var (
	ErrConns       = fmt.Errorf("number of connections is not between 1 and %d", MaxConns)
	ErrOutstanding = fmt.Errorf("number of outstanding requests is not between 1 and %d", MaxOutstanding)
	ErrContent     = errors.New("seeding needs content")
	ErrShare       = errors.New("share is not between 0 and 1")
	ErrRate        = fmt.Errorf("rate is not between 0 and %.0f a second", MaxRate)
	ErrWebFiles    = errors.New("a web server is asked for torrents of one file only")
	ErrSlowRate    = errors.New("slow readers need a rate above 0")
	ErrChoose      = errors.New("seeding is of one torrent")
)

// withDefaults checks c.
func (c Config) withDefaults() (Config, error) {
	c.Loops = max(c.Loops, 1)
	if c.Conns == 0 {
		c.Conns = 1
	}
	if c.Outstanding == 0 {
		c.Outstanding = DefaultOutstanding
	}
	switch {
	case c.Conns < 0 || c.Conns > MaxConns:
		return c, ErrConns
	case c.Outstanding < 0 || c.Outstanding > MaxOutstanding:
		return c, ErrOutstanding
	case !isShare(c.SeedShare) || !isShare(c.SlowShare) || !isShare(c.Corrupt):
		return c, ErrShare
	case !isRate(c.Ramp) || !isRate(c.Churn):
		return c, ErrRate
	case c.SlowShare > 0 && c.SlowRate <= 0:
		return c, ErrSlowRate
	case (c.Role == Seed || c.Role == Both) && c.Content == nil:
		return c, ErrContent
	case c.Role == Web && len(c.Torrent.Info.Files) != 1:
		return c, ErrWebFiles
	case (c.Role == Seed || c.Role == Both) && c.Choose != nil:
		return c, ErrChoose
	}
	return c, nil
}

func isShare(v float64) bool { return v >= 0 && v <= 1 }

func isRate(v float64) bool { return v >= 0 && v <= MaxRate }

// among tells whether the i-th of many is one of the share, which is spread
// evenly, and how many before it are.
func among(i int, share float64) (before int, is bool) {
	before = int(math.Ceil(float64(i) * share))
	return before, int(math.Ceil(float64(i+1)*share)) > before
}

// role is what connection i is, and whether it reads slowly.
func (c *Config) role(i int) (r Role, slow bool) {
	r = c.Role
	if r == Both {
		before, seeds := among(i, c.SeedShare)
		if seeds {
			return Seed, false
		}
		r, i = Leech, i-before
	}
	_, slow = among(i, c.SlowShare)
	return r, slow && r == Leech
}

// Slow tells whether connection i is one of the slow readers.
func (c *Config) Slow(i int) bool {
	_, slow := c.role(i)
	return slow
}

// peerID is a new id for one connection: clients refuse two peers with one id.
func peerID(draw func([]byte)) (id [20]byte) {
	n := copy(id[:], "-sb0001-")
	draw(id[n:])
	return id
}
