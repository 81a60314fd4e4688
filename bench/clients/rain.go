package clients

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Locator is a Client that does not accept the peers of every torrent at
// Task.Listen. One that was started for a single torrent does so all the same.
type Locator interface {
	// Locate returns where a client that was started with this Task accepts the
	// peers of a torrent; false as long as that is not known.
	Locate(t Task, infoHash [20]byte) (netip.AddrPort, bool)
}

// rain is cenkalti/rain, a Go library, in a program of a few lines
// (bench/rivals/rain), which says what is lifted and why. It gives each torrent
// a port of its own and writes down which, allows one connection an address,
// sends a block once over a connection, and dials no peer at the address that
// the tracker or a peer has seen it at, which here is everybody's.
type rain struct{}

func (rain) Name() string { return "rain" }

func (rain) Available() error {
	_, err := built("rain")
	return err
}

func (rain) Version() (string, error) { return rivalVersion("rain") }

func (rain) Traits() Traits {
	return Traits{NeverDialsLoopback: true, ServesOnce: true, MaxConns: fewConns, MaxTorrents: maxRainTorrents()}
}

const (
	// rainFiles is how many descriptors each torrent of a single file takes: its
	// content, its listener, and a connection to its tracker at the start.
	rainFiles = 3
	// rainSpareFiles is what remains for peers and all else.
	rainSpareFiles = 500
)

// maxRainTorrents is how many torrents of a single file it has the descriptors
// for: without one it ends, or never accepts again.
func maxRainTorrents() int {
	files := uint64(maxOpen)
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		files = min(files, limit.Max)
	}
	return max(1, (int(files)-rainSpareFiles)/rainFiles)
}

// Start forgets where the torrents of an earlier start were.
func (rain) Start(t Task) (*Process, error) {
	if err := os.RemoveAll(rainPorts(t)); err != nil {
		return nil, err
	}
	return launchRival(t, "rain")
}

// rainPorts is the file that tells where each torrent is: a line of info hash
// and address. It appears whole, once the last of them is loaded.
func rainPorts(t Task) string { return filepath.Join(rivalState(t), "ports") }

// Locate implements Locator.
func (rain) Locate(t Task, infoHash [20]byte) (netip.AddrPort, bool) {
	if len(t.Torrents) == 1 {
		return t.Listen, true
	}
	text, err := os.ReadFile(rainPorts(t))
	if err != nil {
		return netip.AddrPort{}, false
	}
	_, rest, _ := strings.Cut(string(text), hex.EncodeToString(infoHash[:])+" ")
	line, _, _ := strings.Cut(rest, "\n")
	at, err := netip.ParseAddrPort(line)
	return at, err == nil
}
