package metrics

import "spate/reactor"

func trackerFamilies() []family {
	return []family{
		{
			name: "spate_announces_total", kind: counter, labels: []string{"event"},
			help: "Announces sent to trackers, by event.",
			engine: func(s *reactor.Stats, to sink) {
				to.count(s.Announces.Started, "started")
				to.count(s.Announces.Regular, "regular")
				to.count(s.Announces.Completed, "completed")
				to.count(s.Announces.Stopped, "stopped")
			},
		},
		{
			name: "spate_announce_results_total", kind: counter, labels: []string{"result"},
			help: "What became of announces: answered, refused, timed_out, failed, skipped (the host was down), dropped (a farewell that got no time).",
			engine: func(s *reactor.Stats, to sink) {
				to.count(s.Announces.Answered, "answered")
				to.count(s.Announces.Refused, "refused")
				to.count(s.Announces.TimedOut, "timed_out")
				to.count(s.Announces.Failed, "failed")
				to.count(s.Announces.Skipped, "skipped")
				to.count(s.Announces.Dropped, "dropped")
			},
		},
		simple("spate_announces_waiting", gauge, "Announces that wait for their host.", func(s *reactor.Stats) int64 { return s.Announces.Waiting }),
		simple("spate_announces_in_flight", gauge, "Announces that no answer has come to yet.", func(s *reactor.Stats) int64 { return s.Announces.InFlight }),
	}
}

func torrentFamilies() []family {
	return []family{
		{
			name: "spate_torrents", kind: gauge, labels: []string{"state"}, help: "Torrents by state, those that have ended as well.",
			engine: func(s *reactor.Stats, to sink) {
				for state, n := range s.States {
					to.count(int64(n), reactor.State(state).String())
				}
			},
		},
		simple("spate_torrents_awake", gauge, "Torrents that are more than a row of a table.", func(s *reactor.Stats) int64 { return int64(s.Awake) }),
		perTorrent("spate_torrent_length_bytes", gauge, "Bytes that are wanted.", func(s *reactor.TorrentStats) int64 { return s.Length }),
		perTorrent("spate_torrent_done_bytes", gauge, "Bytes that are there and verified.", func(s *reactor.TorrentStats) int64 { return s.Done }),
		perTorrent("spate_torrent_uploaded_bytes_total", counter, "Payload sent.", func(s *reactor.TorrentStats) int64 { return s.Uploaded }),
		perTorrent("spate_torrent_downloaded_bytes_total", counter, "Payload received.", func(s *reactor.TorrentStats) int64 { return s.Downloaded }),
		perTorrent("spate_torrent_wasted_bytes_total", counter, "Payload received that was of no use.", func(s *reactor.TorrentStats) int64 { return s.Wasted }),
		perTorrent("spate_torrent_peers", gauge, "Connected peers.", func(s *reactor.TorrentStats) int64 { return int64(s.Peers) }),
	}
}
