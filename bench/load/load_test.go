package load

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"errors"
	mrand "math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spate/proto/metainfo"
	"spate/reactor"
	"spate/reactor/gnetio"
)

// patience is how long one step may take on a busy machine.
const patience = time.Minute

// draw is chance for peer ids.
func draw(b []byte) { _, _ = rand.Read(b) }

// content makes a torrent of one file in dir, whose last piece is short.
func content(t testing.TB, dir string, size int) *metainfo.Torrent {
	t.Helper()
	const pieceLength = 64 << 10
	data := make([]byte, size)
	_, _ = mrand.NewChaCha8([32]byte{}).Read(data)
	if err := os.WriteFile(filepath.Join(dir, "file"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	var hashes []byte
	for i := 0; i < size; i += pieceLength {
		sum := sha1.Sum(data[i:min(i+pieceLength, size)])
		hashes = append(hashes, sum[:]...)
	}
	b := metainfo.Builder{
		Name: "file", PieceLength: pieceLength, Pieces: hashes,
		Files: []metainfo.File{{Path: []string{"file"}, Length: int64(size)}},
	}
	torrent, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return torrent
}

// target runs an engine with the torrent in dir.
func target(t *testing.T, torrent *metainfo.Torrent, dir string, seedOnly bool) (*reactor.Torrent, netip.AddrPort) {
	t.Helper()
	e := engine(t)
	return add(t, e, torrent, dir, seedOnly), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), e.Port())
}

// engine runs an engine with no torrent.
func engine(t *testing.T) *reactor.Engine {
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
	return e
}

// add gives an engine the torrent in dir, and returns once its content is known:
// until then it takes no peers.
func add(t *testing.T, e *reactor.Engine, torrent *metainfo.Torrent, dir string, seedOnly bool) *reactor.Torrent {
	t.Helper()
	added, err := e.Add(torrent, reactor.AddOptions{Dir: dir, SeedOnly: seedOnly})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); added.Stats().State == reactor.StateChecking; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the content is still being checked")
		}
	}
	return added
}

func network(t *testing.T) *gnetio.Network {
	t.Helper()
	n, err := gnetio.New(gnetio.Config{ReadBuffer: ReadBuffer})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func start(t *testing.T, cfg Config) *Generator {
	t.Helper()
	cfg.Network, cfg.Draw = network(t), draw
	g, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Stop(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// until waits for a snapshot that is as asked for.
func until(t *testing.T, g *Generator, what string, ok func(Snapshot) bool) Snapshot {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		s := g.Snapshot()
		if ok(s) {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s: %+v, last failure %v", what, s, g.Reason())
		}
		time.Sleep(time.Millisecond)
	}
}

func TestLeechersGetAll(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 3<<20+17)
	_, addr := target(t, torrent, dir, true)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := Wait(ctx, addr, torrent, torrent.Info.NumPieces(), draw); err != nil {
		t.Fatal(err)
	}
	const conns = 7
	g := start(t, Config{Loops: 2, Target: addr, Torrent: torrent, Conns: conns, Outstanding: 20})
	s := until(t, g, "each to get the content twice", func(s Snapshot) bool {
		for _, n := range s.PerConn {
			if n < 2*torrent.Info.Length {
				return false
			}
		}
		return true
	})
	if s.Connected != conns || s.Unchoked != conns || s.Surplus != 0 || s.Rejects != 0 || s.Failed != 0 || s.Disconnects != 0 {
		t.Errorf("got %+v, last failure %v", s, g.Reason())
	}
	var sum int64
	for _, n := range s.PerConn {
		sum += n
	}
	if sum != s.Bytes {
		t.Errorf("%d bytes in all, %d by connection", s.Bytes, sum)
	}
}

// A torrent with fewer blocks than requests allowed: none is asked for twice
// at a time, so nothing is surplus.
func TestFewBlocks(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 40<<10)
	_, addr := target(t, torrent, dir, true)
	g := start(t, Config{Target: addr, Torrent: torrent})
	s := until(t, g, "many rounds", func(s Snapshot) bool { return s.Bytes > 100*torrent.Info.Length })
	if s.Surplus != 0 || s.Rejects != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestSeedersCompleteATarget(t *testing.T) {
	check := func(conns int) {
		t.Helper()
		from, to := t.TempDir(), t.TempDir()
		torrent := content(t, from, 9<<20+17)
		file, err := os.Open(filepath.Join(from, "file"))
		if err != nil {
			t.Fatal(err)
		}
		got, addr := target(t, torrent, to, false)
		g := start(t, Config{Target: addr, Torrent: torrent, Role: Seed, Conns: conns, Content: Content{file}})
		select {
		case <-g.Complete():
		case <-time.After(patience):
			t.Fatalf("%d: not complete: %+v, last failure %v", conns, g.Snapshot(), g.Reason())
		}
		if g.Took() <= 0 {
			t.Errorf("%d: took %v", conns, g.Took())
		}
		select {
		case <-got.Complete():
		case <-time.After(patience):
			t.Fatalf("%d: the target does not agree: %+v", conns, got.Stats())
		}
		want, _ := os.ReadFile(filepath.Join(from, "file"))
		if have, err := os.ReadFile(filepath.Join(to, "file")); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%d: content differs (%v)", conns, err)
		}
		if err := g.Stop(); err != nil {
			t.Error(err)
		}
		_ = file.Close()
	}
	check(1)
	check(5)
}

// An engine without the torrent hangs up, and one without a listener refuses:
// both are tried again.
func TestRedials(t *testing.T) {
	dir := t.TempDir()
	torrent, other := content(t, dir, 1<<20), content(t, t.TempDir(), 1<<19)
	_, addr := target(t, other, t.TempDir(), false)
	g := start(t, Config{Target: addr, Torrent: torrent, Conns: 3})
	s := until(t, g, "each to be closed twice", func(s Snapshot) bool { return s.Disconnects >= 6 })
	if s.Connected != 0 || g.Reason() == nil {
		t.Errorf("got %+v, reason %v", s, g.Reason())
	}
	file, err := os.Open(filepath.Join(dir, "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seeds := start(t, Config{Target: addr, Torrent: torrent, Role: Seed, Content: Content{file}})
	until(t, seeds, "a seed to be closed twice", func(s Snapshot) bool { return s.Disconnects >= 2 })
	select {
	case <-seeds.Complete():
		t.Error("a target that hangs up for another reason counts as complete")
	default:
	}
	nowhere := start(t, Config{Target: netip.MustParseAddrPort("127.0.0.1:1"), Torrent: torrent, Conns: 2 * maxDials})
	until(t, nowhere, "two dials of each", func(s Snapshot) bool { return s.Failed >= 4*maxDials })
}

func TestWaitGivesUp(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 1<<20)
	_, empty := target(t, torrent, t.TempDir(), false)
	check := func(addr netip.AddrPort, limit time.Duration, pieces int, want error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := Wait(ctx, addr, torrent, pieces, draw); !errors.Is(err, want) {
			t.Errorf("%v, %d pieces: got %v, want %v", addr, pieces, err, want)
		}
	}
	check(empty, patience, 0, nil)
	check(empty, time.Second, 1, context.DeadlineExceeded)
	check(netip.MustParseAddrPort("127.0.0.1:1"), time.Second, 0, context.DeadlineExceeded)
}

func TestConfig(t *testing.T) {
	torrent := content(t, t.TempDir(), 1<<20)
	check := func(c Config, want error) {
		t.Helper()
		c.Torrent = torrent
		if _, err := c.withDefaults(); !errors.Is(err, want) {
			t.Errorf("%+v: got %v, want %v", c, err, want)
		}
	}
	check(Config{}, nil)
	check(Config{Conns: MaxConns, Outstanding: MaxOutstanding}, nil)
	check(Config{Conns: MaxConns + 1}, ErrConns)
	check(Config{Conns: -1}, ErrConns)
	check(Config{Outstanding: MaxOutstanding + 1}, ErrOutstanding)
	check(Config{Outstanding: -1}, ErrOutstanding)
	check(Config{Role: Seed}, ErrContent)
	check(Config{Role: Both}, ErrContent)
	check(Config{SeedShare: 1.01}, ErrShare)
	check(Config{Corrupt: -0.01}, ErrShare)
	check(Config{SlowShare: 2, SlowRate: 1}, ErrShare)
	check(Config{SlowShare: 0.5}, ErrSlowRate)
	check(Config{Ramp: MaxRate, Churn: MaxRate}, nil)
	check(Config{Ramp: MaxRate + 1}, ErrRate)
	check(Config{Churn: -1}, ErrRate)
	if c, _ := (Config{Torrent: torrent}).withDefaults(); c.Conns != 1 || c.Loops != 1 || c.Outstanding != DefaultOutstanding {
		t.Errorf("defaults: %+v", c)
	}
}
