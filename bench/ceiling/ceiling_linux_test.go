package ceiling

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"io"
	mrand "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spate/bench/load"
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/gnetio"
)

// patience is how long one step may take on a busy machine.
const patience = time.Minute

// content makes a torrent of one file in a folder, and opens it.
func content(t testing.TB, size int, pieceLength int64) (*metainfo.Torrent, *load.Folder, []byte) {
	t.Helper()
	dir := t.TempDir()
	data := make([]byte, size)
	_, _ = mrand.NewChaCha8([32]byte{1}).Read(data)
	if err := os.WriteFile(filepath.Join(dir, "file"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	b := metainfo.Builder{
		Name: "file", PieceLength: pieceLength,
		Files: []metainfo.File{{Path: []string{"file"}, Length: int64(size)}},
	}
	for i := 0; i < size; i += int(pieceLength) {
		sum := sha1.Sum(data[i:min(i+int(pieceLength), size)])
		b.Pieces = append(b.Pieces, sum[:]...)
	}
	torrent, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := load.OpenFolder(dir, torrent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return torrent, folder, data
}

// serve runs a ceiling until the test ends.
func serve(t testing.TB, cfg Config) netip.AddrPort {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan netip.AddrPort, 1)
	ended := make(chan error, 1)
	cfg.Listen, cfg.Ready = "127.0.0.1:0", func(a netip.AddrPort) { ready <- a }
	go func() { ended <- Serve(ctx, cfg) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case addr := <-ready:
		return addr
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
		return netip.AddrPort{}
	}
}

// The generator gets every piece, and each as it should be, across the files of
// the image and round and round.
func TestGeneratorVerifies(t *testing.T) {
	torrent, folder, _ := content(t, 40<<20+17, 256<<10)
	addr := serve(t, Config{Torrent: torrent, Content: folder, Threads: 2})
	network, err := gnetio.New(gnetio.Config{ReadBuffer: load.ReadBuffer})
	if err != nil {
		t.Fatal(err)
	}
	g, err := load.Start(load.Config{
		Network: network, Loops: 2, Target: addr, Torrent: torrent, Conns: 3, Verify: true,
		Draw: func(b []byte) { _, _ = rand.Read(b) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Stop()
	deadline := time.Now().Add(patience)
	for {
		s := g.Snapshot()
		if s.Bad > 0 || s.Surplus > 0 || s.Disconnects > 0 || time.Now().After(deadline) {
			t.Fatalf("got %+v, %v", s, g.Reason())
		}
		if s.Verified > 3*int64(torrent.Info.NumPieces()) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// dialed is a connection behind the handshake.
func dialed(t *testing.T, addr netip.AddrPort, torrent *metainfo.Torrent, fast bool) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	h := wire.Handshake{InfoHash: torrent.InfoHash}
	if fast {
		h.SetFast()
	}
	if _, err := c.Write(wire.AppendHandshake(nil, h)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, wire.HandshakeLen)); err != nil {
		t.Fatal(err)
	}
	return c
}

// next reads a message.
func next(t *testing.T, c net.Conn) []byte {
	t.Helper()
	var prefix [4]byte
	if _, err := io.ReadFull(c, prefix[:]); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint32(prefix[:]))
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// Blocks in any order, cut anywhere, between messages that mean nothing.
func TestAnyOrder(t *testing.T) {
	t.Run("sendfile", func(t *testing.T) { anyOrder(t, false) })
	t.Run("pipes", func(t *testing.T) { anyOrder(t, true) })
}

func anyOrder(t *testing.T, piped bool) {
	torrent, folder, data := content(t, 3<<20+17, 64<<10)
	addr := serve(t, Config{Torrent: torrent, Content: folder, Threads: 1, Pipes: piped})
	rng := mrand.New(mrand.NewPCG(1, 1))
	check := func(fast bool) {
		t.Helper()
		c := dialed(t, addr, torrent, fast)
		first := next(t, c)
		if fast && wire.ID(first[0]) != wire.MsgHaveAll || !fast && wire.ID(first[0]) != wire.MsgBitfield {
			t.Errorf("fast %t: first comes message %d", fast, first[0])
		}
		if unchoke := next(t, c); wire.ID(unchoke[0]) != wire.MsgUnchoke {
			t.Errorf("then comes message %d", unchoke[0])
		}
		var asked []wire.Request
		out := wire.AppendInterested(nil)
		for range 300 {
			off := rng.Int64N((torrent.Info.Length+metainfo.BlockSize-1)/metainfo.BlockSize) * metainfo.BlockSize
			r := wire.Request{
				Index: uint32(off / torrent.Info.PieceLength), Begin: uint32(off % torrent.Info.PieceLength),
				Length: uint32(min(metainfo.BlockSize, torrent.Info.Length-off)),
			}
			asked = append(asked, r)
			out = wire.AppendRequest(out, r)
			if rng.IntN(4) == 0 {
				out = wire.AppendHave(wire.AppendCancel(wire.AppendKeepAlive(out), r), 1)
			}
		}
		go func() {
			for len(out) > 0 {
				n := min(1+rng.IntN(2000), len(out))
				if _, err := c.Write(out[:n]); err != nil {
					return
				}
				out = out[n:]
			}
		}()
		for _, r := range asked {
			b := next(t, c)
			off := int64(r.Index)*torrent.Info.PieceLength + int64(r.Begin)
			if got := wire.DecodePiece(b[1:], uint32(len(b))); got != r || !bytes.Equal(b[9:], data[off:off+int64(r.Length)]) {
				t.Fatalf("got %+v for %+v", got, r)
			}
		}
	}
	check(true)
	check(false)
}

// Whoever asks for something else is closed.
func TestRefuses(t *testing.T) {
	torrent, folder, _ := content(t, 1<<20, 64<<10)
	addr := serve(t, Config{Torrent: torrent, Content: folder, Threads: 1})
	check := func(what string, message []byte) {
		t.Helper()
		c := dialed(t, addr, torrent, true)
		if _, err := c.Write(message); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, c); n > 100 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %d bytes came, %v", what, n, err)
		}
	}
	check("half a block", wire.AppendRequest(nil, wire.Request{Length: metainfo.BlockSize / 2}))
	check("between blocks", wire.AppendRequest(nil, wire.Request{Begin: 1, Length: metainfo.BlockSize}))
	check("beyond the end", wire.AppendRequest(nil, wire.Request{Index: 16, Length: metainfo.BlockSize}))
	check("far beyond", wire.AppendRequest(nil, wire.Request{Index: 1<<32 - 1, Begin: 1<<32 - 1<<14, Length: metainfo.BlockSize}))
	check("a long message", binary.BigEndian.AppendUint32(nil, maxMessage+1))
}

// One range more than a connection may ask for.
func TestMaxRuns(t *testing.T) {
	torrent, folder, _ := content(t, 1<<20, 64<<10)
	m, err := newImage(torrent.Info, folder, false)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	var c conn
	for i := range maxRuns { // none goes on where the last one ended
		if err := c.ask(m.request(i%2*3), m); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ask(m.request(0), m); err != errPeer || len(c.runs) != maxRuns {
		t.Errorf("%d ranges, %v", len(c.runs), err)
	}
	c = conn{}
	for i := range m.blocks {
		if err := c.ask(m.request(i), m); err != nil || len(c.runs) != 1 {
			t.Fatalf("%d ranges in order, %v", len(c.runs), err)
		}
	}
}

func TestConfig(t *testing.T) {
	torrent, folder, _ := content(t, 1<<20, 64<<10)
	odd, oddFolder, _ := content(t, 1<<20, 60<<10)
	check := func(cfg Config, want error) {
		t.Helper()
		cfg.Listen = "127.0.0.1:0"
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := Serve(ctx, cfg); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	check(Config{Torrent: torrent, Content: folder}, ErrThreads)
	check(Config{Torrent: torrent, Content: folder, Threads: MaxThreads + 1}, ErrThreads)
	check(Config{Torrent: odd, Content: oddFolder, Threads: 1}, ErrPieceLength)
}
