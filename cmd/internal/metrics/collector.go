package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
)

// collector turns figures into metrics at the moment of a scrape.
type collector struct {
	from     Source
	families []family
	descs    []*prometheus.Desc // of each family
}

func newCollector(from Source) *collector {
	c := &collector{from: from, families: families()}
	for i := range c.families {
		f := &c.families[i]
		c.descs = append(c.descs, prometheus.NewDesc(f.name, f.help, f.labels, nil))
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		to <- d
	}
}

// Collect implements prometheus.Collector. Torrents are looked at one by one
// only where they get series of their own.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	stats := c.from.Stats()
	torrents := 0
	for _, n := range stats.States {
		torrents += n
	}
	if torrents <= MaxTorrents {
		all := c.from.TorrentStats()
		for i := range c.families {
			if f := &c.families[i]; f.torrent != nil {
				for k := range all {
					f.torrent(&all[k], sink{f, c.descs[i], to})
				}
			}
		}
	}
	for i := range c.families {
		if f := &c.families[i]; f.engine != nil {
			f.engine(&stats, sink{f, c.descs[i], to})
		}
	}
}
