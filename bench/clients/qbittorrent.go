package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// qbittorrent is qbittorrent-nox with a profile of its own. Its web interface
// cannot be left out, and is given any free port. It takes torrents from its command line, and keeps them in the
// profile: a second start goes on with those.
type qbittorrent struct{}

func (qbittorrent) Name() string { return "qbittorrent" }

func (qbittorrent) Available() error { return installed("qbittorrent-nox", "qbittorrent-nox") }

func (qbittorrent) Version() (string, error) {
	line, err := firstLine("qbittorrent-nox", "--version")
	return strings.TrimPrefix(lastWord(line), "v"), err
}

func (qbittorrent) Traits() Traits { return Traits{MaxConns: fewConns, MaxTorrents: manyTorrents} }

// qbittorrentConf has verbs for the data folder, and the address and port to
// listen on. -1 is no limit; by default it checks torrents one at a time, each in
// a pulse of half a second. The backlog is that of libtorrent in this field: its
// default of 30 makes a crowd that connects at once try again.
const qbittorrentConf = `
[LegalNotice]
Accepted=true

[Preferences]
WebUI\Address=127.0.0.1
WebUI\Port=0
WebUI\UseUPnP=false

[Network]
PortForwardingEnabled=false

[BitTorrent]
Session\DefaultSavePath=%s
Session\InterfaceAddress=%s
Session\Port=%d
Session\BTProtocol=TCP
Session\DHTEnabled=false
Session\PeXEnabled=false
Session\LSDEnabled=false
Session\MaxConnections=-1
Session\MaxConnectionsPerTorrent=-1
Session\MaxUploads=-1
Session\MaxUploadsPerTorrent=-1
Session\MultiConnectionsPerIp=true
Session\SocketBacklogSize=3000
Session\QueueingSystemEnabled=false
Session\MaxActiveCheckingTorrents=-1
Session\Preallocation=false
Session\AddExtensionToIncompleteFiles=false
Session\TempPathEnabled=false
Session\TorrentContentLayout=Original
`

func (qbittorrent) Start(t Task) (*Process, error) {
	home := filepath.Join(t.Scratch, "qBittorrent")
	args := append([]string{"--profile=" + t.Scratch, "--save-path=" + t.Data, "--skip-dialog=true"},
		newTorrents(t, filepath.Join(home, "data", "BT_backup"))...)
	if err := os.MkdirAll(filepath.Join(home, "config"), 0o700); err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(strings.TrimSpace(qbittorrentConf)+"\n", t.Data, t.Listen.Addr(), t.Listen.Port())
	if err := os.WriteFile(filepath.Join(home, "config", "qBittorrent.conf"), []byte(conf), 0o600); err != nil {
		return nil, err
	}
	return Launch(t, "qbittorrent-nox", args...)
}
