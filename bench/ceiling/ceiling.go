package ceiling

import (
	"errors"
	"fmt"
	"net/netip"

	"spate/bench/load"
	"spate/proto/metainfo"
)

// MaxThreads bounds Config.Threads: far above any machine's cores.
const MaxThreads = 256

// Config is what to serve, and how.
type Config struct {
	// Listen is "host:port" with an IPv4 address; port 0 picks one.
	Listen string
	// Torrent is served, whose pieces must be of whole blocks.
	Torrent *metainfo.Torrent
	// Content is read once, before anybody is answered.
	Content load.Source
	// Threads is how many serve, 1 to MaxThreads.
	Threads int
	// Pipes has it send from pipes that it duplicates (package pipes), otherwise
	// it is by sendfile from files in memory.
	Pipes bool
	// Congestion is the TCP congestion control, "" the system's.
	Congestion string
	// Ready is told the address once connections are taken; it may be nil.
	Ready func(netip.AddrPort)
}

// Errors of Serve.
var (
	ErrThreads     = fmt.Errorf("number of threads is not between 1 and %d", MaxThreads)
	ErrPieceLength = fmt.Errorf("piece length is no multiple of %d", metainfo.BlockSize)
	ErrSystem      = errors.New("not possible on this system")
)
