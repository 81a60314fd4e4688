package result

// Better is which way a metric is good.
type Better int8

// The ways.
const (
	// Neither: it explains, and is not judged.
	Neither Better = iota
	Higher
	Lower
)

// Metric is what a figure means.
type Metric struct {
	// Name is the key in Result.Figures.
	Name string
	// Title heads a column.
	Title string
	// Unit is empty for a plain number; "B" is shown in MiB and the like.
	Unit   string
	Better Better
}

// Metrics is all that figures may be named, in the order of their showing.
func Metrics() []Metric {
	return []Metric{
		// What was done, and how fast.
		{"bytes", "payload", "B", Neither},
		{"seconds", "time", "s", Neither}, // that the figures are over
		{"took_s", "time", "s", Lower},    // that the work took
		{"mb_per_s", "MB/s", "MB/s", Higher},
		{"gbit_per_s", "Gbit/s", "Gbit/s", Higher},
		{"of_ceiling", "of the ceiling", "%", Higher},
		{"of_one_loop", "of one loop", "%", Higher},
		{"of_link", "of the link", "%", Higher},
		{"of_bound", "time to the lower bound", "", Lower},
		// What it took from the machine.
		{"cpu_s", "CPU-s", "s", Lower},
		{"user_s", "CPU-s user", "s", Neither},
		{"system_s", "CPU-s system", "s", Neither},
		{"mb_per_cpu_s", "MB per CPU-s", "MB/s", Higher},
		{"cpu_percent", "CPU", "%", Lower}, // of one core
		{"rss_anon", "RssAnon", "B", Lower},
		{"rss_anon_grown", "RssAnon grown by", "B", Lower},
		{"rss", "RSS", "B", Neither},
		{"rss_grown", "RSS grown by", "B", Neither},
		{"rss_peak", "peak RSS", "B", Neither},
		{"memory_files", "memory files and pipes", "B", Neither},
		{"memory", "RssAnon, memory files and pipes", "B", Lower},
		{"bytes_per_peer", "RssAnon per idle peer", "B", Lower},
		{"bytes_per_torrent", "RssAnon per torrent", "B", Lower},
		{"threads", "threads", "", Neither},
		{"switches", "context switches", "", Neither},
		{"disk_read", "read from disk", "B", Neither},
		{"disk_write", "written to disk", "B", Neither},
		{"read_amplification", "disk bytes per byte sent", "", Lower},
		{"hit_rate", "sent from the wire cache", "%", Neither},
		{"images_built", "pieces laid out", "", Neither},
		{"images_evicted", "pieces given up", "", Neither},
		// How the peers fared.
		{"connected", "connected", "", Neither},
		{"unchoked", "unchoked", "", Neither},
		{"settle_s", "all unchoked after", "s", Neither},
		{"accept_per_s", "accepts/s", "1/s", Higher},
		{"unchoke_ms_p50", "time to unchoke p50", "ms", Neither},
		{"unchoke_ms_p99", "time to unchoke p99", "ms", Neither},
		{"first_byte_ms_p50", "first byte p50", "ms", Neither},
		{"first_byte_ms_p90", "first byte p90", "ms", Neither},
		{"first_byte_ms_p99", "first byte p99", "ms", Lower},
		{"first_byte_ms_p999", "first byte p99.9", "ms", Neither},
		{"alone_ms_p99", "first byte p99 without cold peers", "ms", Lower},
		{"slowdown", "p99 beside cold peers, times", "", Lower},
		{"cold_mb_per_s", "cold MB/s", "MB/s", Higher},
		{"last_byte_ms_p50", "last byte p50", "ms", Neither},
		{"last_byte_ms_p90", "last byte p90", "ms", Neither},
		{"last_byte_ms_p99", "last byte p99", "ms", Lower},
		{"last_byte_ms_p999", "last byte p99.9", "ms", Neither},
		{"fairness", "fairness (Jain)", "", Higher},
		{"rejects", "rejects", "", Neither},
		{"disconnects", "disconnects", "", Neither},
		{"surplus", "surplus", "%", Lower},
		{"copies", "copies sent by the seed", "", Lower},
		// From the start of the process on.
		{"start_s", "start to first byte", "s", Lower},
		{"ready_s", "start to ready", "s", Lower},
		{"listening_again_s", "restart to listening", "s", Lower},
		{"serving_again_s", "restart to a block of any", "s", Lower},
		{"ready_again_s", "restart to ready", "s", Lower},
		// The generator's own.
		{"generator_cpu_s", "generator CPU-s", "s", Neither},
		{"generator_loops", "generator loops", "", Neither},
	}
}

// MetricByName finds a metric.
func MetricByName(name string) (Metric, bool) {
	for _, m := range Metrics() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Scenario is what a kind of work is called and judged by.
type Scenario struct {
	Name string
	// Title is a heading, Text one sentence that says what is done.
	Title, Text string
	// Headline names the metrics of its table, the most important one first.
	// Those with a better way are what a regression is looked for in.
	Headline []string
}

// Names of the scenarios.
const (
	Ceiling  = "ceiling"
	Seed     = "seed"
	Get      = "get"
	Loops    = "loops"
	Stalled  = "stalled"
	Peers    = "peers"
	Torrents = "torrents"
	Check    = "check"
	Create   = "create"
	Mixed    = "mixed"
	Link     = "link"
	HotSet   = "hotset"
	ColdMix  = "coldmix"
)

// Scenarios is all of them, in the order of a report.
func Scenarios() []Scenario {
	return []Scenario{
		{Ceiling, "The machine's ceiling",
			"A seeder that does nothing but send, by sendfile or from pipes, on the same connections and by the same generator.",
			[]string{"mb_per_s", "mb_per_cpu_s", "generator_cpu_s"}},
		{Seed, "Seeding",
			"Leechers that throw away what they get, over a fixed time after a warm-up.",
			[]string{"mb_per_cpu_s", "mb_per_s", "of_ceiling", "rss_anon", "first_byte_ms_p99", "last_byte_ms_p99", "fairness"}},
		{Get, "Downloading",
			"One torrent, from fast seeders that connect to the client, until it says that it has all.",
			[]string{"took_s", "cpu_s", "mb_per_s", "mb_per_cpu_s", "rss_anon", "surplus"}},
		{Loops, "More event loops",
			"Seeding one torrent with a given number of event loops, on as many cores; the generator has the others.",
			[]string{"mb_per_s", "of_one_loop", "mb_per_cpu_s", "generator_cpu_s"}},
		{Stalled, "Peers that do not read",
			"Leechers that ask for as many blocks as others and take none of them.",
			[]string{"rss_anon_grown", "rss_grown", "cpu_percent", "unchoked", "connected"}},
		{Peers, "Idle peers",
			"Connections that have shaken hands and want nothing.",
			[]string{"bytes_per_peer", "cpu_percent", "connected", "accept_per_s", "rss_anon"}},
		{Torrents, "Many torrents",
			"Small torrents, complete and seeding: the first start checks them all, the second goes on from there.",
			[]string{"ready_again_s", "serving_again_s", "listening_again_s", "ready_s", "bytes_per_torrent", "cpu_percent", "rss_anon"}},
		{Check, "Checking",
			"A start with complete content and no state, until all pieces are known to be good.",
			[]string{"mb_per_s", "mb_per_cpu_s", "took_s", "cpu_s"}},
		{Create, "Making a torrent",
			"Hashing content and writing its .torrent.",
			[]string{"mb_per_s", "mb_per_cpu_s", "took_s", "cpu_s"}},
		{Mixed, "A swarm to completion",
			"One seed and several leechers, all of the same client, on lines of a fixed rate.",
			[]string{"of_bound", "took_s", "copies", "cpu_s"}},
		{Link, "Delay, loss and rate",
			"Seeding over a line with a round-trip time, random loss in both directions and a rate, between two network namespaces.",
			[]string{"mb_per_s", "of_link", "mb_per_cpu_s", "fairness"}},
		{HotSet, "Many torrents, some of them hot",
			"Leechers that get a whole torrent each: nine in ten want one of a tenth of the torrents, or all want any.",
			[]string{"mb_per_cpu_s", "mb_per_s", "hit_rate", "memory", "rss_anon", "images_built"}},
		{ColdMix, "Hot peers beside cold ones",
			"Paced leechers of warm content, while a third of all peers ask for content that is on disk alone.",
			[]string{"slowdown", "first_byte_ms_p99", "alone_ms_p99", "cold_mb_per_s"}},
	}
}
