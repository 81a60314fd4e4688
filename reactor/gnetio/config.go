package gnetio

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"spate/reactor/loop"
)

// Limits, with their reasons.
const (
	// MaxLoops bounds Start: far above any machine's cores, and below what the
	// reserve of descriptors carries on one with a usual limit.
	MaxLoops = 256
	// DefaultReadBuffer is the size in bytes of a loop's read buffer. Small,
	// because a block that is due goes by Readv straight to its place and
	// only these first bytes are copied; large enough for 240 requests.
	DefaultReadBuffer = 4 << 10
	// MaxReadBuffer bounds Config.ReadBuffer.
	MaxReadBuffer = 1 << 20
	// MaxParallelDials bounds the dials under way in a network: each parks a
	// goroutine (8 KB) and a descriptor for as long as the peer is silent.
	MaxParallelDials = 128
	// MaxQueuedDials bounds those that wait for a place. More than that is a
	// caller without a plan; they fail with loop.ErrLimit.
	MaxQueuedDials = 4096

	// notSentLowWater is TCP_NOTSENT_LOWAT in bytes: what the kernel takes
	// beyond the congestion window. 1,000 stalled peers hold 168 MB of kernel
	// memory with it and 1.6 GB without.
	notSentLowWater = 128 << 10
	// reservedFDs and reservedShare are the descriptors that connections may
	// not take: a fixed number for loops, listeners, the standard streams and
	// trackers, and one in reservedShare for content files and for the two
	// that a connection has while it is enrolled.
	reservedFDs   = 32
	reservedShare = 4
	// maxFDs stands for an unlimited RLIMIT_NOFILE.
	maxFDs = 1 << 20
)

// Config is what a Network is made of; its zero value is usable.
type Config struct {
	// Logger gets what operators should know, and gnet's own lines under the
	// name "gnet". Nil is silence.
	Logger *zap.Logger
	// MaxConns bounds the connections, accepted and dialed and the dials under
	// way together. 0, and anything above what RLIMIT_NOFILE allows, is what
	// RLIMIT_NOFILE allows. Accepted connections above it are closed at once;
	// dials fail with loop.ErrLimit.
	MaxConns int
	// Congestion is the TCP congestion control of all connections, such as
	// "reno"; "" leaves the system's. Linux only.
	Congestion string
	// Source gives the local address of the next dial, nil leaves it to the
	// system: a load generator needs an address of its own for each
	// connection. It is called from several goroutines.
	Source func() netip.Addr
	// ReadBuffer is the size in bytes of each loop's read buffer, up to
	// MaxReadBuffer; rounded up to a power of two from 1,024. 0 is
	// DefaultReadBuffer.
	ReadBuffer int
}

// ErrReadBuffer says that Config.ReadBuffer is out of its range.
var ErrReadBuffer = fmt.Errorf("read buffer is not between 0 and %d bytes", MaxReadBuffer)

// ErrMaxConns says that Config.MaxConns is negative.
var ErrMaxConns = errors.New("maximum of connections is negative")

// ErrFDs says that RLIMIT_NOFILE leaves no descriptor for a connection.
var ErrFDs = errors.New("limit of open files is too low for any connection")

// New checks cfg and returns a network that is not started. The error names
// what is out of range, or the congestion control that this system lacks.
func New(cfg Config) (*Network, error) {
	if cfg.ReadBuffer < 0 || cfg.ReadBuffer > MaxReadBuffer {
		return nil, ErrReadBuffer
	}
	if cfg.ReadBuffer == 0 {
		cfg.ReadBuffer = DefaultReadBuffer
	}
	if cfg.MaxConns < 0 {
		return nil, ErrMaxConns
	}
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	if err := probeCongestion(cfg.Congestion); err != nil {
		return nil, err
	}
	var fds unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &fds); err != nil {
		return nil, fmt.Errorf("limit of open files: %w", err)
	}
	most := connsWithin(fds.Cur)
	if most == 0 {
		return nil, ErrFDs
	}
	if cfg.MaxConns == 0 || cfg.MaxConns > most {
		if cfg.MaxConns > most {
			cfg.Logger.Warn("limit of open files lowers the limit of connections",
				zap.Int("wanted", cfg.MaxConns), zap.Int("conns", most), zap.Uint64("files", fds.Cur))
		}
		cfg.MaxConns = most
	}
	return newNetwork(cfg), nil
}

// connsWithin is how many connections a limit of open files leaves room for.
func connsWithin(fds uint64) int {
	n := int(min(fds, maxFDs))
	return max(0, n-reservedFDs-n/reservedShare)
}

// budget counts the descriptors that connections hold.
type budget struct {
	max  int64
	used atomic.Int64
}

// take reserves one descriptor, or says that there is none.
func (b *budget) take() error {
	if b.used.Add(1) > b.max {
		b.used.Add(-1)
		return loop.ErrLimit
	}
	return nil
}

func (b *budget) release() { b.used.Add(-1) }
