package clients

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
)

// Client is one BitTorrent client.
type Client interface {
	// Name is short, unique, and in lower case.
	Name() string
	// Available says in one line what is missing to run it, or is nil.
	Available() error
	// Version is the client's own, for reports; it fails when the client is
	// not available.
	Version() (string, error)
	// Traits is what sets it apart from others.
	Traits() Traits
	// Start runs it. The Process is the caller's to Stop.
	Start(Task) (*Process, error)
}

// Traits are habits of a client that a test or a measurement must know. The
// zero value is what one expects.
type Traits struct {
	// NoEmptyFiles: it does not create files of length 0.
	NoEmptyFiles bool
	// NeverDialsLoopback: it connects to no peer in 127.0.0.0/8, so that the
	// other end must do it.
	NeverDialsLoopback bool
	// Slow: it moves some ten MB a second, however fast the other end is.
	Slow bool
	// FewUploads: it serves a handful of peers at a time, whatever its
	// settings say.
	FewUploads bool
	// SilentEnd: it may tell the tracker only at its next regular announce that
	// it is complete.
	SilentEnd bool
	// ServesOnce: it sends a block once over a connection, and rejects who asks
	// for it again.
	ServesOnce bool
	// SlowLoading: it takes in some ten torrents a second, or answers for no
	// more, so that 1,000 of them need minutes.
	SlowLoading bool
	// Web: it answers ranges of the content's file over HTTP, and speaks no
	// BitTorrent.
	Web bool
	// Only is the names of the scenarios that it takes part in, between spaces;
	// empty is all.
	Only string
	// MaxConns is how many leechers it serves side by side, rather than a few of
	// them; 0 is no limit that was found.
	MaxConns int
	// Loops: it can be told how many event loops to have.
	Loops bool
	// Caches: it keeps what is asked for often in memory of its own, beside the
	// page cache, and has to find out first what that is.
	Caches bool
	// MaxTorrents is how many torrents it can be started with and serve; 0 is
	// no limit that was found.
	MaxTorrents int
}

// In tells whether the client takes part in the scenario of that name.
func (t Traits) In(scenario string) bool {
	return t.Only == "" || slices.Contains(strings.Fields(t.Only), scenario)
}

// fewConns is Traits.MaxConns of those that 5,000 leechers with 250 requests each
// were too much for: most of them waited for longer than a measurement lasts.
const fewConns = 500

// manyTorrents is Traits.MaxTorrents of those that 100,000 torrents take minutes
// or gigabytes, by what 10,000 do.
const manyTorrents = 10_000

// Role is what a client does with its torrent.
type Role uint8

// The roles.
const (
	// Seed serves content that is there.
	Seed Role = iota
	// Get downloads into an empty folder, and serves what it has.
	Get
)

// Task is what a client is started for. All paths are absolute.
type Task struct {
	Role Role
	// Torrents are the .torrent files, one at least, each with a name of its
	// own; for Get there is one.
	Torrents []string
	// Data is the folder that content lies in or goes to, under the torrent's
	// name.
	Data string
	// Scratch is an existing folder for configuration, session and log. No
	// two processes share one at a time; a client that is started again with
	// the scratch folder of an earlier one goes on from what that has kept.
	Scratch string
	// Listen is where the client accepts peers; the port is not 0.
	Listen netip.AddrPort
	// Loops is how many event loops a client with that trait has; 0 is its own
	// choice.
	Loops int
	// Within is a command that the client's own command line follows, such as
	// one that enters a network namespace; empty for none. It ends as the
	// client, by exec.
	Within []string
	// Flags are further words of the command line, see Variant; clients that
	// have no variants do not look at them.
	Flags []string
}

// All returns every client that can be driven, spate and its variants first,
// then in the order of names. program is the path of the built spate.
func All(program string) []Client {
	all := []Client{Spate(program), Uncached(program), anacrolix{}, aria2{}}
	all = append(all, libtorrents()...)
	return append(all,
		nginx{},
		qbittorrent{},
		rain{},
		rtorrent{},
		transmission{},
	)
}

// ErrUnknown says that no client has the name asked for.
var ErrUnknown = errors.New("no such client")

// Choose returns the clients of all with these names, in the order of names.
func Choose(all []Client, names []string) ([]Client, error) {
	var chosen []Client
	for _, name := range names {
		i := slices.IndexFunc(all, func(c Client) bool { return c.Name() == name })
		if i < 0 {
			return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// installed is nil when program is there, and otherwise says which Debian
// package has it.
func installed(program, debian string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%s is not installed (Debian package %s)", program, debian)
	}
	return nil
}

// firstLine is the first line that a command prints, on either stream.
func firstLine(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = environment("")
	out, err := cmd.CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if line == "" {
		return "", fmt.Errorf("%s says no version: %w", name, err)
	}
	return strings.TrimSpace(line), nil
}

// lastWord is what a version line ends with.
func lastWord(line string) string {
	return strings.TrimSuffix(line[strings.LastIndexByte(line, ' ')+1:], ".")
}

// Ports that FreeAddr picks from: below those that systems give to outgoing
// connections, one of which could take the port before the client does.
const (
	firstPort = 18_000
	numPorts  = 12_000
)

// ErrPorts says that FreeAddr found no free port.
var ErrPorts = errors.New("no free port")

// FreeAddr returns an address on host that nothing listens on. draw returns a
// random number from 0 to below n; different ones keep tests that run at once
// apart.
func FreeAddr(host netip.Addr, draw func(n int) int) (netip.AddrPort, error) {
	const attempts = 100
	for range attempts {
		addr := netip.AddrPortFrom(host, uint16(firstPort+draw(numPorts)))
		listener, err := net.Listen("tcp", addr.String())
		if err != nil {
			continue
		}
		if err := listener.Close(); err == nil {
			return addr, nil
		}
	}
	return netip.AddrPort{}, fmt.Errorf("%w on %s", ErrPorts, host)
}
