package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// rtorrent is rTorrent over libTorrent (rakshasa's) without its screen. It
// loads no torrent that has no tracker, and one that refuses will do. It keeps
// torrents in its session folder, and a second start goes on with those.
type rtorrent struct{}

func (rtorrent) Name() string { return "rtorrent" }

func (rtorrent) Available() error { return installed("rtorrent", "rtorrent") }

func (rtorrent) Version() (string, error) {
	line, err := firstLine("rtorrent", "-h")
	return lastWord(line), err
}

// Traits: what a first start takes grows with the square of the number of
// torrents: 10 CPU-seconds for 3,000, and minutes for 10,000.
func (rtorrent) Traits() Traits { return Traits{MaxTorrents: 3000} }

// rtorrentConf has verbs for the data folder, the session folder, the address,
// and the port twice. pieces.memory.max bounds what is mapped at a
// time, for each chunk that a peer reads from; its default of a quarter of the
// memory makes no difference on large machines and stalls on small ones. The
// encryption is what the project's wiki recommends; without it there is none.
const rtorrentConf = `
system.daemon.set = true
directory.default.set = "%s"
session.path.set = "%s"
network.bind_address.set = "%s"
network.port_range.set = %d-%d
network.port_random.set = no
network.max_open_sockets.set = 12300
network.max_open_files.set = 600
protocol.encryption.set = allow_incoming,try_outgoing,enable_retry
protocol.pex.set = no
dht.mode.set = disable
trackers.use_udp.set = no
throttle.max_uploads.set = 12000
throttle.max_uploads.global.set = 12000
throttle.max_downloads.set = 12000
throttle.max_downloads.global.set = 12000
throttle.max_peers.normal.set = 12000
throttle.max_peers.seed.set = 12000
pieces.memory.max.set = 6000M
pieces.hash.on_completion.set = no
system.file.allocate.set = 0
`

func (rtorrent) Start(t Task) (*Process, error) {
	session := filepath.Join(t.Scratch, "session")
	if err := os.MkdirAll(session, 0o700); err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(strings.TrimSpace(rtorrentConf)+"\n", t.Data, session,
		t.Listen.Addr(), t.Listen.Port(), t.Listen.Port())
	for _, torrent := range newTorrents(t, session) {
		conf += fmt.Sprintf("load.start = %q\n", torrent)
	}
	rc := filepath.Join(t.Scratch, "rtorrent.rc")
	if err := os.WriteFile(rc, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	return Launch(t, "rtorrent", "-n", "-o", "import="+rc)
}
