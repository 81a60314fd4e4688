package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spate/proto/bitfield"
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/loop"
)

// scripted is a target that does what a test says, on its first connection.
type scripted struct {
	*testing.T
	net.Conn
	torrent *metainfo.Torrent
}

// script accepts one connection, with handshakes done, and runs a script on it.
// The channel is closed when that has returned.
func script(t *testing.T, torrent *metainfo.Torrent, fast bool, run func(s scripted)) (netip.AddrPort, <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		// Small, so that the generator sees full sockets.
		_ = c.(*net.TCPConn).SetReadBuffer(64 << 10)
		s := scripted{t, c, torrent}
		h := wire.Handshake{InfoHash: torrent.InfoHash}
		if fast {
			h.SetFast()
		}
		s.write(wire.AppendHandshake(nil, h))
		if _, err := io.ReadFull(c, make([]byte, wire.HandshakeLen)); err != nil {
			t.Error(err)
			return
		}
		run(s)
	}()
	return netip.MustParseAddrPort(listener.Addr().String()), done
}

func (s scripted) write(b []byte) {
	if _, err := s.Write(b); err != nil {
		s.Error(err)
	}
}

// next reads the next message that has this id, and skips others.
func (s scripted) next(id wire.ID) ([]byte, error) {
	for {
		var prefix [4]byte
		if _, err := io.ReadFull(s, prefix[:]); err != nil {
			return nil, err
		}
		message := make([]byte, binary.BigEndian.Uint32(prefix[:]))
		if _, err := io.ReadFull(s, message); err != nil {
			return nil, err
		}
		if len(message) > 0 && wire.ID(message[0]) == id {
			return message[1:], nil
		}
	}
}

func (s scripted) request() wire.Request {
	payload, err := s.next(wire.MsgRequest)
	if err != nil {
		s.Error(err)
		return wire.Request{}
	}
	return wire.DecodeRequest(payload)
}

// everything is the bitfield of a seed.
func (s scripted) everything() []byte {
	all := bitfield.New(s.torrent.Info.NumPieces())
	all.SetAll()
	return wire.AppendBitfield(nil, all.Bytes())
}

func wait(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the script does not end")
	}
}

// A target that reads slowly gets every block whole, in the order of its
// requests; what is not of the content is refused without a word.
func TestSlowReader(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 3<<20+17)
	data, err := os.ReadFile(filepath.Join(dir, "file"))
	if err != nil {
		t.Fatal(err)
	}
	addr, done := script(t, torrent, false, func(s scripted) {
		b := wire.AppendInterested(nil)
		var asked []wire.Request
		for i := range uint32(torrent.Info.NumPieces()) {
			for begin := uint32(0); begin < uint32(torrent.Info.PieceSize(int(i))); begin += metainfo.BlockSize {
				r := wire.Request{Index: i, Begin: begin, Length: min(metainfo.BlockSize, uint32(torrent.Info.PieceSize(int(i)))-begin)}
				asked = append(asked, r)
				b = wire.AppendRequest(b, r)
				b = wire.AppendRequest(b, wire.Request{Index: i, Begin: begin + 1<<20, Length: 1})
			}
		}
		s.write(b)
		for _, r := range asked {
			payload, err := s.next(wire.MsgPiece)
			if err != nil {
				s.Error(err)
				return
			}
			at := int64(r.Index)*torrent.Info.PieceLength + int64(r.Begin)
			if got := wire.DecodePiece(payload, uint32(len(payload)+1)); got != r || !bytes.Equal(payload[8:], data[at:at+int64(r.Length)]) {
				s.Errorf("got %+v with %d bytes, want %+v", got, len(payload)-8, r)
				return
			}
		}
	})
	file, err := os.Open(filepath.Join(dir, "file"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	g := start(t, Config{Target: addr, Torrent: torrent, Role: Seed, Content: Content{file}})
	wait(t, done)
	s := until(t, g, "the end of the connection", func(s Snapshot) bool { return s.Disconnects > 0 })
	if s.Bytes != torrent.Info.Length || s.Rejects == 0 {
		t.Errorf("got %+v", s)
	}
}

// A choke without the fast extension withdraws all requests: they may be made
// again.
func TestChokeWithoutFast(t *testing.T) {
	const outstanding = 5
	torrent := content(t, t.TempDir(), 10*metainfo.BlockSize)
	addr, done := script(t, torrent, false, func(s scripted) {
		s.write(wire.AppendUnchoke(s.everything()))
		seen := map[wire.Request]int{}
		for range 4 {
			for range outstanding {
				seen[s.request()]++
			}
			s.write(wire.AppendUnchoke(wire.AppendChoke(nil)))
		}
		if len(seen) != 10 {
			s.Errorf("asked for %v", seen)
		}
	})
	start(t, Config{Target: addr, Torrent: torrent, Outstanding: outstanding})
	wait(t, done)
}

// Refused requests are made again, but not at once.
func TestRejects(t *testing.T) {
	const outstanding, rejects = 5, 50
	torrent := content(t, t.TempDir(), 100*metainfo.BlockSize)
	addr, done := script(t, torrent, true, func(s scripted) {
		s.write(wire.AppendUnchoke(wire.AppendHaveAll(nil)))
		for range rejects {
			s.write(wire.AppendReject(nil, s.request()))
		}
	})
	g := start(t, Config{Target: addr, Torrent: torrent, Outstanding: outstanding})
	wait(t, done)
	s := until(t, g, "the last refusal", func(s Snapshot) bool { return s.Rejects >= rejects })
	if ticks := int64(s.At / loop.TickInterval); s.Rejects > (ticks+2)*outstanding {
		t.Errorf("%d requests were refused in %d ticks", s.Rejects, ticks)
	}
}

// What was not asked for is no payload.
func TestSurplus(t *testing.T) {
	torrent := content(t, t.TempDir(), 10*metainfo.BlockSize)
	addr, done := script(t, torrent, false, func(s scripted) {
		s.write(wire.AppendUnchoke(s.everything()))
		r := s.request()
		block := append(wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length), make([]byte, r.Length)...)
		s.write(append(block, block...))
	})
	g := start(t, Config{Target: addr, Torrent: torrent, Outstanding: 1})
	wait(t, done)
	until(t, g, "one block, and one too many", func(s Snapshot) bool {
		return s.Bytes == metainfo.BlockSize && s.Surplus == metainfo.BlockSize
	})
}

// One request more than a seeder keeps, and a target that reads nothing.
func TestSeedLimits(t *testing.T) {
	torrent := content(t, t.TempDir(), 1<<20)
	g := &Generator{cfg: Config{Torrent: torrent, Draw: draw}}
	s := newSeed(newBase(&shard{g: g}, &slot{torrent: g.cfg.Torrent}, nil))
	s.fast = true
	r := wire.Request{Length: metainfo.BlockSize}
	for range maxQueue {
		if err := s.OnRequest(r); err != nil {
			t.Fatal(err)
		}
	}
	if s.shard.total.Rejects != 0 {
		t.Error("refused within the limit")
	}
	var err error
	refused := 0
	for ; err == nil; refused++ {
		err = s.OnRequest(r)
	}
	if len(s.queue) != maxQueue || int64(refused) != s.shard.total.Rejects || !errors.Is(err, ErrDeaf) || len(s.out) > maxControl+wire.RequestLen {
		t.Errorf("%d requests kept, %d refused, %d bytes of messages, %v", len(s.queue), refused, len(s.out), err)
	}
}
