package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"spate/reactor"
)

// collector turns figures into metrics at the moment of a scrape.
type collector struct{ from Source }

// Describe says nothing, which makes the collector an unchecked one: which
// series there are depends on the torrents.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	engine(c.from.Stats(), to)
	all := c.from.TorrentStats()
	states := map[reactor.State]int{}
	for i := range all {
		states[all[i].State]++
	}
	for _, s := range slices.Sorted(maps.Keys(states)) {
		gauge(to, "spate_torrents", "Torrents by state.", float64(states[s]), label{"state", s.String()})
	}
	if len(all) <= MaxTorrents {
		for i := range all {
			torrent(&all[i], to)
		}
	}
}

// engine gives the figures of the whole.
func engine(s reactor.Stats, to chan<- prometheus.Metric) {
	gauge(to, "spate_peers", "Connected peers past their handshake.", float64(s.Peers))
	counter(to, "spate_uploaded_bytes_total", "Payload sent.", s.Uploaded)
	counter(to, "spate_downloaded_bytes_total", "Payload received.", s.Downloaded)
	counter(to, "spate_wasted_bytes_total", "Payload received that was of no use.", s.Wasted)
	counter(to, "spate_hash_fails_total", "Pieces whose hash was wrong.", s.HashFails)
	counter(to, "spate_rejected_requests_total", "Requests that were refused.", s.Rejected)
	gauge(to, "spate_disk_backlog_bytes", "Bytes that wait for the disk writer.", float64(s.Backlog))
	gauge(to, "spate_buffer_bytes", "Memory in piece and block buffers.", float64(s.Buffers))

	w := s.WireCache
	counter(to, "spate_wire_sent_bytes_total", "Payload sent from hot pieces in wire form.", s.WireSent)
	gauge(to, "spate_wire_cache_budget_bytes", "Memory that hot pieces in wire form may take.", float64(w.Budget))
	gauge(to, "spate_wire_cache_bytes", "Memory in hot pieces in wire form.", float64(w.Bytes))
	gauge(to, "spate_wire_cache_pieces", "Hot pieces in wire form.", float64(w.Images))
	counter(to, "spate_wire_cache_builds_total", "Pieces laid out in wire form.", w.Builds)
	counter(to, "spate_wire_cache_evictions_total", "Pieces given up for others.", w.Evictions)
	counter(to, "spate_wire_cache_refused_total", "Pieces not laid out for lack of room.", w.Refused)
	counter(to, "spate_wire_cache_faults_total", "Pieces found not to have their hash.", w.Faults)

	n := s.Network
	gauge(to, "spate_connections", "Open connections.", float64(n.Open))
	counter(to, "spate_connections_accepted_total", "Connections taken.", n.Accepted)
	counter(to, "spate_connections_shed_total", "Connections refused for want of descriptors or room.", n.Shed)
	counter(to, "spate_connections_dialed_total", "Connections made.", n.Dialed)
	counter(to, "spate_dials_failed_total", "Dials that did not connect.", n.DialFailed)
	counter(to, "spate_connection_moves_total", "Connections handed to another loop.", n.Moves)
	counter(to, "spate_handler_panics_total", "Connections closed by an internal error.", n.Panics)
	for _, reason := range slices.Sorted(maps.Keys(s.Disconnects)) {
		counter(to, "spate_disconnects_total", "Ended connections by reason.", s.Disconnects[reason], label{"reason", reason})
	}
}

// torrent gives the figures of one torrent.
func torrent(s *reactor.TorrentStats, to chan<- prometheus.Metric) {
	of := []label{{"info_hash", s.InfoHash.String()}, {"name", s.Name}}
	gauge(to, "spate_torrent_length_bytes", "Bytes that are wanted.", float64(s.Length), of...)
	gauge(to, "spate_torrent_done_bytes", "Bytes that are there and verified.", float64(s.Done), of...)
	counter(to, "spate_torrent_uploaded_bytes_total", "Payload sent.", s.Uploaded, of...)
	counter(to, "spate_torrent_downloaded_bytes_total", "Payload received.", s.Downloaded, of...)
	counter(to, "spate_torrent_wasted_bytes_total", "Payload received that was of no use.", s.Wasted, of...)
	gauge(to, "spate_torrent_peers", "Connected peers.", float64(s.Peers), of...)
}

// label is a name and its value.
type label struct{ name, value string }

func gauge(to chan<- prometheus.Metric, name, help string, value float64, labels ...label) {
	metric(to, prometheus.GaugeValue, name, help, value, labels)
}

func counter(to chan<- prometheus.Metric, name, help string, value int64, labels ...label) {
	metric(to, prometheus.CounterValue, name, help, float64(value), labels)
}

func metric(to chan<- prometheus.Metric, kind prometheus.ValueType, name, help string, value float64, labels []label) {
	names, values := make([]string, len(labels)), make([]string, len(labels))
	for i, l := range labels {
		names[i], values[i] = l.name, l.value
	}
	to <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, value, values...)
}
