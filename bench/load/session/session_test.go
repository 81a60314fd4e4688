package session

import (
	"context"
	"crypto/sha1"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spate/bench/load"
	"spate/bench/usage"
	"spate/proto/metainfo"
	"spate/reactor"
)

// patience is how long one step may take on a busy machine.
const patience = time.Minute

// content makes a torrent of one file in dir.
func content(t *testing.T, dir string) *metainfo.Torrent {
	t.Helper()
	const size, pieceLength = 2 << 20, 64 << 10
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	if err := os.WriteFile(filepath.Join(dir, "file"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	b := metainfo.Builder{
		Name: "file", PieceLength: pieceLength,
		Files: []metainfo.File{{Path: []string{"file"}, Length: size}},
	}
	for i := 0; i < size; i += pieceLength {
		sum := sha1.Sum(data[i : i+pieceLength])
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	torrent, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

// engine runs an engine with the torrent in dir.
func engine(t *testing.T, torrent *metainfo.Torrent, dir string) netip.AddrPort {
	t.Helper()
	e, err := reactor.New(reactor.Config{Listen: "127.0.0.1:0", StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if _, err := e.Add(torrent, reactor.AddOptions{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), e.Port())
}

func begin(t *testing.T, o Options) *Session {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// From the first dial to a report that agrees with itself.
func TestLeech(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir)
	looks := 0
	s := begin(t, Options{
		Target: engine(t, torrent, dir), Torrent: torrent, Conns: 5, Outstanding: 20,
		Usage: func() (usage.Usage, error) {
			looks++
			return usage.Usage{User: time.Duration(looks) * time.Second, System: time.Second, Anon: 1 << 20, Threads: looks}, nil
		},
	})
	ctx := context.Background()
	if all, err := s.Settle(ctx, patience); err != nil || !all {
		t.Fatalf("settled %t: %v, %v", all, err, s.Generator().Reason())
	}
	if err := s.Warm(ctx, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var seconds []Progress
	r, err := s.Measure(ctx, 1500*time.Millisecond, func(p Progress) { seconds = append(seconds, p) })
	if err != nil {
		t.Fatal(err)
	}
	if r.Bytes == 0 || r.Seconds < 1.4 || math.Abs(r.MBPerS*r.Seconds*1e6-float64(r.Bytes)) > 1 || math.Abs(r.GbitPerS-r.MBPerS*8/1000) > 1e-6 {
		t.Errorf("%d bytes in %v s, %v MB/s, %v Gbit/s", r.Bytes, r.Seconds, r.MBPerS, r.GbitPerS)
	}
	if r.Connected != 5 || r.Unchoked != 5 || r.Disconnects+r.Rejects+r.Surplus+r.Failed != 0 || r.Interrupted || r.SettleS <= 0 || r.AcceptPerS <= 0 {
		t.Errorf("got %+v", r)
	}
	if r.FirstByte.Count == 0 || r.LastByte.P50 < r.FirstByte.P50 || r.Unchoke.Count != 5 || r.Fairness < 0.2 || r.Fairness > 1 {
		t.Errorf("times %+v and %+v, fairness %v", r.FirstByte, r.LastByte, r.Fairness)
	}
	if want := (Target{CPUS: 1, UserS: 1, MBPerCPUS: float64(r.Bytes) / 1e6, RSSAnon: 1 << 20, Threads: 2}); *r.Target != want {
		t.Errorf("the client took %+v, want %+v", *r.Target, want)
	}
	if r.GeneratorCPUS <= 0 || r.GeneratorLoops != Loops(5) {
		t.Errorf("the generator took %v on %d loops", r.GeneratorCPUS, r.GeneratorLoops)
	}
	// On a busy machine a second may be told late, or with the end.
	if len(seconds) > 0 && (seconds[0].Connected != 5 || seconds[0].Rate <= 0) {
		t.Errorf("progress %+v", seconds)
	}
}

// The names that scripts rely on.
func TestJSON(t *testing.T) {
	text, err := json.Marshal(Report{Target: &Target{}})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	check := func(in map[string]any, names ...string) {
		t.Helper()
		for _, name := range names {
			if _, ok := in[name]; !ok {
				t.Errorf("no %q in %s", name, text)
			}
		}
	}
	check(got, "bytes", "seconds", "mb_per_s", "conns", "connected", "unchoked", "rejects", "disconnects",
		"first_byte_ms", "last_byte_ms", "fairness", "generator_cpu_s", "target")
	check(got["first_byte_ms"].(map[string]any), "p50", "p90", "p99", "p999")
	check(got["last_byte_ms"].(map[string]any), "p50", "p90", "p99", "p999")
	check(got["target"].(map[string]any), "cpu_s", "mb_per_cpu_s", "rss_anon", "threads")
}

// A measurement that is cut short tells what there was.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir)
	s := begin(t, Options{Target: engine(t, torrent, dir), Torrent: torrent})
	if _, err := s.Settle(context.Background(), patience); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := s.Measure(ctx, time.Hour, func(p Progress) {
		if p.Rate > 0 {
			cancel()
		}
	})
	if err != nil || !r.Interrupted || r.Bytes == 0 || r.Seconds > patience.Seconds() {
		t.Errorf("got %+v, %v", r, err)
	}
	if err := s.Warm(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("warm-up: %v", err)
	}
	if _, err := s.Settle(ctx, 0); err != nil {
		t.Errorf("what is settled: %v", err)
	}
}

// A download ends its measurement.
func TestSeedUntilComplete(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir)
	folder, err := load.OpenFolder(dir, torrent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	s := begin(t, Options{Target: engine(t, torrent, t.TempDir()), Torrent: torrent, Role: load.Seed, Conns: 2, Content: folder})
	r, err := s.Measure(context.Background(), patience, nil)
	if err != nil || !r.Complete || r.Interrupted || r.Seconds >= patience.Seconds() {
		t.Errorf("got %+v, %v", r, err)
	}
}

// Nobody answers: settling gives up, idle or not.
func TestSettleGivesUp(t *testing.T) {
	torrent := content(t, t.TempDir())
	s := begin(t, Options{Target: netip.MustParseAddrPort("127.0.0.1:1"), Torrent: torrent, Role: load.Idle})
	if all, err := s.Settle(context.Background(), 100*time.Millisecond); all || err != nil {
		t.Errorf("settled %t, %v", all, err)
	}
	for end := time.Now().Add(patience); s.Generator().Snapshot().Failed == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		continue // the first dial is refused
	}
	r, err := s.Measure(context.Background(), 10*time.Millisecond, nil)
	if err != nil || r.Failed == 0 || r.FailedBy["connection refused"] == 0 || r.AcceptPerS != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	boom := errors.New("boom")
	s.o.Usage = func() (usage.Usage, error) { return usage.Usage{}, boom }
	if _, err := s.Measure(context.Background(), 0, nil); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

func TestFairness(t *testing.T) {
	check := func(o Options, before, after []int64, want float64) {
		t.Helper()
		s := &Session{o: o}
		if got := s.fairness(load.Snapshot{PerConn: before}, load.Snapshot{PerConn: after}); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v to %v: %v, want %v", before, after, got, want)
		}
	}
	check(Options{}, []int64{0, 0}, []int64{5, 5}, 1)
	check(Options{}, []int64{7, 0}, []int64{12, 5}, 1)
	check(Options{}, []int64{0, 0, 0, 0}, []int64{8, 0, 0, 0}, 0.25)
	check(Options{}, []int64{3}, []int64{3}, 0)
	slow := Options{SlowShare: 0.5, SlowRate: 1}
	check(slow, []int64{0, 0, 0, 0}, []int64{1, 9, 1, 9}, 1)
}

// Being busy alone is not being the limit, unless nothing else is known.
func TestLimited(t *testing.T) {
	check := func(cpu time.Duration, backlog float64, want bool) {
		t.Helper()
		if got := Limited(cpu*time.Second, 10*time.Second, 2, backlog); got != want {
			t.Errorf("%d CPU-s in 10 s on 2 loops, backlog %v: %t", cpu, backlog, got)
		}
	}
	check(17, 1, false)
	check(19, 1, true)
	check(19, 0.05, false)
	check(19, 0, true)
}

func TestLess(t *testing.T) {
	got := less(map[string]int64{"a": 3, "b": 2, "c": 1}, map[string]int64{"a": 1, "b": 2})
	if len(got) != 2 || got["a"] != 2 || got["c"] != 1 {
		t.Errorf("got %v", got)
	}
}

// What Start refuses, it says in a line.
func TestStartRefuses(t *testing.T) {
	torrent := content(t, t.TempDir())
	check := func(o Options, want string) {
		t.Helper()
		o.Torrent, o.Target = torrent, netip.MustParseAddrPort("127.0.0.1:1")
		if _, err := Start(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	check(Options{Conns: load.MaxConns + 1}, load.ErrConns.Error())
	check(Options{Role: load.Seed}, load.ErrContent.Error())
	check(Options{Congestion: "none-such"}, "none-such")
}

func TestLoops(t *testing.T) {
	if got := []int{Loops(0), Loops(1), Loops(1000)}; !slices.IsSorted(got) || got[0] != 1 || got[1] != 1 || got[2] > maxLoops {
		t.Errorf("got %v", got)
	}
}
