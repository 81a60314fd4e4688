"""A libtorrent session with some torrents, until the process is ended.

The only argument is a JSON object with "torrents" (files), "data" (folder) and
"listen" (host:port).
"""

import json
import signal
import sys

import libtorrent as lt

task = json.loads(sys.argv[1])

session = lt.session({
    "listen_interfaces": task["listen"],
    # Nothing but trackers and TCP.
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    # Serve everyone at once. All peers of a test have addresses of this machine.
    "connections_limit": 8000,
    "unchoke_slots_limit": 8000,
    "listen_queue_size": 3000,
    "allow_multiple_connections_per_ip": True,
    # The torrent runs whatever libtorrent thinks of its activity.
    "active_downloads": -1,
    "active_seeds": -1,
    "active_limit": -1,
    "alert_mask": lt.alert.category_t.error_notification,
})

for torrent in task["torrents"]:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = task["data"]
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    params.max_connections = 8000
    params.max_uploads = 8000
    session.add_torrent(params)

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        print(alert, flush=True)
