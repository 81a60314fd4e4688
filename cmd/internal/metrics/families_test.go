package metrics

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"spate/bench/report"
	"spate/disk"
	"spate/proto/metainfo"
	"spate/reactor"
	"spate/reactor/gnetio"
	"spate/reactor/histogram"
)

var update = flag.Bool("update", false, "write the list of metrics into README.md")

// busy is an engine in which every figure is there.
type busy struct{ torrents int }

func (b busy) Stats() reactor.Stats {
	var h histogram.Histogram
	h.Observe(3 * time.Millisecond)
	h.Observe(time.Hour)
	s := reactor.Stats{
		Peers: 3, Uploaded: 1 << 40, Disconnects: map[string]int64{"eof": 2, "time-out": 1},
		Loops:  []gnetio.LoopStats{{Lag: h.Snapshot(), Busy: 1500 * time.Millisecond, Turns: 7}, {}},
		Memory: []reactor.PoolStats{{Pool: "buffers", Bytes: 5, Budget: 10}},
	}
	s.States[reactor.StateSeeding] = b.torrents
	s.Requests.Wait = h.Snapshot()
	s.Took[disk.OpRead] = h.Snapshot()
	return s
}

func (b busy) TorrentStats() []reactor.TorrentStats {
	all := make([]reactor.TorrentStats, b.torrents)
	for i := range all {
		all[i] = reactor.TorrentStats{
			InfoHash: metainfo.Hash{byte(i >> 8), byte(i)}, Name: "a \"b\"\n", State: reactor.StateSeeding, Length: 10, Done: 5,
		}
	}
	return all
}

func TestLint(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(newCollector(busy{2}))
	all, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(all).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	var names []string
	for _, m := range all {
		names = append(names, m.GetName())
	}
	for _, f := range families() {
		if !slices.Contains(names, f.name) && !strings.HasPrefix(f.name, "spate_storage_") {
			t.Errorf("%s has no series", f.name)
		}
	}
}

func TestHistogram(t *testing.T) {
	text := get(t, Handler(busy{}), "/metrics")
	for _, want := range []string{
		`spate_request_wait_seconds_bucket{le="0.002048"} 0` + "\n" + `spate_request_wait_seconds_bucket{le="0.004096"} 1`,
		`spate_request_wait_seconds_bucket{le="134.217728"} 1` + "\n" + `spate_request_wait_seconds_bucket{le="+Inf"} 2`,
		"spate_request_wait_seconds_sum 3600.003\nspate_request_wait_seconds_count 2\n",
		`spate_disk_seconds_count{op="read"} 2`,
		`spate_loop_lag_seconds_count{loop="0"} 2`,
		`spate_loop_busy_seconds_total{loop="0"} 1.5`,
		`spate_memory_budget_bytes{pool="buffers"} 10`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestStorage(t *testing.T) {
	check := func(text, field string, want int64, ok bool) {
		t.Helper()
		if n, found := ioField([]byte(text), field); n != want || found != ok {
			t.Errorf("%s of %q: %d, %v", field, text, n, found)
		}
	}
	const text = "rchar: 1\nread_bytes: 4096\nwrite_bytes: 9\ncancelled_write_bytes: 0\n"
	check(text, "read_bytes", 4096, true)
	check(text, "write_bytes", 9, true)
	check(text, "syscr", 0, false)
	check("read_bytes: x", "read_bytes", 0, false)
	check("", "read_bytes", 0, false)
}

// list is the metrics as the README has them.
func list() string {
	var b strings.Builder
	b.WriteString("| metric | kind | meaning |\n|---|---|---|\n")
	for _, f := range families() {
		name := f.name
		if len(f.labels) > 0 {
			name += "{" + strings.Join(f.labels, ",") + "}"
		}
		fmt.Fprintf(&b, "| `%s` | %v | %s |\n", name, f.kind, f.help)
	}
	return b.String()
}

// TestReadme: the README lists the metrics there are. `go test -update` writes
// the list.
func TestReadme(t *testing.T) {
	path := filepath.Join("..", "..", "..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Splice(string(text), "metrics", list())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("README.md lists other metrics; go test ./cmd/internal/metrics -update writes\n%s", list())
	}
}

// BenchmarkScrape has as many torrents as get series of their own.
func BenchmarkScrape(b *testing.B) {
	h := Handler(busy{MaxTorrents})
	for b.Loop() {
		get(b, h, "/metrics")
	}
}
