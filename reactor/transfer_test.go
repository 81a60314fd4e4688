package reactor_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"spate/proto/metainfo"
	"spate/reactor"
)

// content makes a torrent of one file and writes the file into dir.
func content(tb testing.TB, dir, name string, size int, pieceLength int64) (*metainfo.Torrent, []byte) {
	tb.Helper()
	data := make([]byte, size)
	chacha := rand.NewChaCha8([32]byte{1})
	_, _ = chacha.Read(data)
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		tb.Fatal(err)
	}
	var hashes []byte
	for i := int64(0); i < int64(size); i += pieceLength {
		sum := sha1.Sum(data[i:min(i+pieceLength, int64(size))])
		hashes = append(hashes, sum[:]...)
	}
	b := metainfo.Builder{
		Name: name, PieceLength: pieceLength, Pieces: hashes,
		Files: []metainfo.File{{Path: []string{name}, Length: int64(size)}},
	}
	t, err := b.Build()
	if err != nil {
		tb.Fatal(err)
	}
	return t, data
}

func start(tb testing.TB, cfg reactor.Config) *reactor.Engine {
	tb.Helper()
	if cfg.StateDir == "" {
		cfg.StateDir = tb.TempDir()
	}
	cfg.Listen = "127.0.0.1:0"
	cfg.Logger = zaptest.NewLogger(tb, zaptest.Level(zap.InfoLevel))
	e, err := reactor.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { stop(tb, e) })
	return e
}

func stop(tb testing.TB, e *reactor.Engine) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := e.Stop(ctx); err != nil {
		tb.Errorf("stop: %v", err)
	}
}

func at(e *reactor.Engine) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), e.Port())
}

func TestOneSeederOneLeecher(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	meta, data := content(t, from, "file.bin", 40<<20+12345, 256<<10)
	seeder, leecher := start(t, reactor.Config{Loops: 2}), start(t, reactor.Config{Loops: 2})
	seed, err := seeder.Add(meta, reactor.AddOptions{Dir: from, SeedOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	<-seed.Complete()
	got, err := leecher.Add(meta, reactor.AddOptions{Dir: to, Peers: []netip.AddrPort{at(seeder)}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-got.Complete():
	case <-got.Done():
		t.Fatal(got.Err())
	case <-time.After(time.Minute):
		t.Fatalf("not complete: %+v\n%+v", got.Stats(), leecher.Stats())
	}
	have, err := os.ReadFile(filepath.Join(to, "file.bin"))
	if err != nil || !bytes.Equal(have, data) {
		t.Fatalf("content differs (%v)", err)
	}
	if s := got.Stats(); s.Wasted != 0 {
		t.Errorf("%d bytes wasted", s.Wasted)
	}
}
