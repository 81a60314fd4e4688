package metrics

import (
	"maps"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"spate/cmd/internal/safetext"
	"spate/reactor"
	"spate/reactor/histogram"
)

// kind is what sort of metric a family is.
type kind uint8

const (
	counter kind = iota
	gauge
	histo
)

// String is the kind as Prometheus calls it.
func (k kind) String() string { return [...]string{"counter", "gauge", "histogram"}[k] }

// family is one metric: its name, what it means, and how its series are read
// from the figures.
type family struct {
	name   string
	kind   kind
	help   string
	labels []string
	// One of these gives the series: of the engine, or of one torrent.
	engine  func(s *reactor.Stats, to sink)
	torrent func(s *reactor.TorrentStats, to sink)
}

// sink takes the series of one family.
type sink struct {
	family *family
	desc   *prometheus.Desc
	to     chan<- prometheus.Metric
}

// put gives one series.
func (s sink) put(value float64, labels ...string) {
	t := prometheus.GaugeValue
	if s.family.kind == counter {
		t = prometheus.CounterValue
	}
	s.to <- prometheus.MustNewConstMetric(s.desc, t, value, labels...)
}

// count gives one series of a count.
func (s sink) count(n int64, labels ...string) { s.put(float64(n), labels...) }

// putHistogram gives one series of durations, in seconds.
func (s sink) putHistogram(h *histogram.Snapshot, labels ...string) {
	buckets := make(map[float64]uint64, histogram.Bounds)
	var upTo uint64
	for i := range histogram.Bounds {
		upTo += h.Counts[i]
		buckets[histogram.Bound(i).Seconds()] = upTo
	}
	s.to <- prometheus.MustNewConstHistogram(s.desc, h.Count(), h.Sum.Seconds(), buckets, labels...)
}

// simple is a family of one series without labels.
func simple(name string, k kind, help string, value func(s *reactor.Stats) int64) family {
	return family{name: name, kind: k, help: help, engine: func(s *reactor.Stats, to sink) { to.count(value(s)) }}
}

// maxLabel bounds the name in a label, in characters: the longest of a file.
const maxLabel = 255

// perTorrent is a family of one series a torrent.
func perTorrent(name string, k kind, help string, value func(s *reactor.TorrentStats) int64) family {
	return family{
		name: name, kind: k, help: help, labels: []string{"info_hash", "name"},
		torrent: func(s *reactor.TorrentStats, to sink) {
			to.count(value(s), s.InfoHash.String(), safetext.Short(s.Name, maxLabel))
		},
	}
}

// perLoop is a family of one series a loop.
func perLoop(name string, k kind, help string, value func(s *reactor.Stats, loop int, to sink, label string)) family {
	return family{name: name, kind: k, help: help, labels: []string{"loop"}, engine: func(s *reactor.Stats, to sink) {
		for i := range s.Loops {
			value(s, i, to, strconv.Itoa(i))
		}
	}}
}

// families is every metric of an engine, in the order of the README.
func families() []family {
	return slices.Concat(transferFamilies(), peerFamilies(), loopFamilies(),
		diskFamilies(), storageFamilies(processIO), memoryFamilies(),
		trackerFamilies(), torrentFamilies())
}

// sorted is the keys of m in order.
func sorted(m map[string]int64) []string { return slices.Sorted(maps.Keys(m)) }
