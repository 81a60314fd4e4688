//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// client runs a foreign client with the lab's torrent and content in dir, where
// it seeds what is there or fetches what is not. What is configured keeps it to
// the lab: no peers but the tracker's, and the port it was given.
type client struct {
	name  string
	start func(l *lab, dir string)
	// noEmpty says that the client does not make empty files.
	noEmpty bool
}

var clients = []client{
	{name: "transmission", start: transmission, noEmpty: true},
	{name: "aria2", start: aria2},
	{name: "libtorrent", start: libtorrent},
	{name: "rtorrent", start: rtorrent},
}

func transmission(l *lab, dir string) {
	watch := filepath.Join(l.scratch, "watch")
	l.must(os.MkdirAll(watch, 0o755))
	data, err := os.ReadFile(l.torrent)
	l.must(err)
	l.must(os.WriteFile(filepath.Join(watch, "t.torrent"), data, 0o644))
	settings, err := json.Marshal(map[string]any{
		"download-dir": dir, "watch-dir": watch, "watch-dir-enabled": true,
		"peer-port": l.port, "rpc-port": freePort(l.T), "rpc-bind-address": "127.0.0.1",
		"dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
		"port-forwarding-enabled": false, "start-added-torrents": true,
	})
	l.must(err)
	l.must(os.WriteFile(filepath.Join(l.scratch, "settings.json"), settings, 0o644))
	l.background("transmission-daemon", "--foreground", "--config-dir", l.scratch)
}

func aria2(l *lab, dir string) {
	l.background("aria2c", "--dir", dir, "--check-integrity=true", "--seed-ratio=0",
		"--listen-port="+strconv.Itoa(l.port), "--enable-dht=false", "--enable-dht6=false",
		"--bt-enable-lpd=false", "--enable-peer-exchange=false", "--file-allocation=none",
		"--no-conf=true", "--quiet=true", l.torrent)
}

// libtorrentProgram is a session with one torrent. It refuses to announce to a
// loopback tracker under another path than /announce.
const libtorrentProgram = `
import sys, time
import libtorrent as lt
torrent, folder, port = sys.argv[1:]
session = lt.session({
    'listen_interfaces': '127.0.0.1:' + port, 'allow_multiple_connections_per_ip': True,
    'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
    'enable_incoming_utp': False, 'enable_outgoing_utp': False,
})
session.add_torrent({'ti': lt.torrent_info(torrent), 'save_path': folder})
while True:
    time.sleep(60)
`

func libtorrent(l *lab, dir string) {
	// Debian's module belongs to Debian's interpreter, whatever else is there.
	l.background("/usr/bin/python3", "-c", libtorrentProgram, l.torrent, dir, strconv.Itoa(l.port))
}

func rtorrent(l *lab, dir string) {
	session := filepath.Join(l.scratch, "session")
	l.must(os.MkdirAll(session, 0o755))
	rc := filepath.Join(l.scratch, "rtorrent.rc")
	l.must(os.WriteFile(rc, fmt.Appendf(nil, `
directory.default.set = "%s"
session.path.set = "%s"
network.port_range.set = %d-%d
network.local_address.set = 127.0.0.1
protocol.pex.set = no
dht.mode.set = disable
trackers.use_udp.set = no
system.daemon.set = true
load.start = "%s"
`, dir, session, l.port, l.port, l.torrent), 0o644))
	l.background("rtorrent", "-n", "-o", "import="+rc)
}
