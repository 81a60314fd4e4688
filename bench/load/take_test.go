package load

import (
	"context"
	"net/netip"
	"testing"

	"spate/proto/metainfo"
	"spate/proto/wire"
)

var here = netip.MustParseAddr("127.0.0.1")

func TestTake(t *testing.T) {
	dir := t.TempDir()
	torrent := content(t, dir, 100) // less than a block
	_, addr := target(t, torrent, dir, true)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := Take(ctx, here, addr, torrent, draw); err != nil {
		t.Error(err)
	}
	other := content(t, t.TempDir(), 200)
	if Take(ctx, here, addr, other, draw) == nil {
		t.Error("a block of another torrent came")
	}
	if Take(ctx, here, netip.MustParseAddrPort("127.0.0.1:1"), torrent, draw) == nil {
		t.Error("a block came from nobody")
	}
}

// It waits to be unchoked, with a bitfield or haves, until its time is up.
func TestTakeWaits(t *testing.T) {
	torrent := content(t, t.TempDir(), 10*metainfo.BlockSize)
	addr, done := script(t, torrent, false, func(s scripted) {
		if _, err := s.next(wire.MsgInterested); err != nil {
			t.Error(err)
		}
		s.write(wire.AppendChoke(wire.AppendUnchoke(nil)))
		s.write(wire.AppendHave(nil, 0))
		s.write(wire.AppendUnchoke(nil))
		r := s.request()
		s.write(append(wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length), make([]byte, r.Length)...))
	})
	if err := Take(t.Context(), here, addr, torrent, draw); err != nil {
		t.Error(err)
	}
	wait(t, done)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr, done = script(t, torrent, true, func(s scripted) {
		if _, err := s.next(wire.MsgInterested); err != nil {
			t.Error(err)
		}
		cancel()
		if _, err := s.next(wire.MsgRequest); err == nil {
			t.Error("it asks without an unchoke")
		}
	})
	if Take(ctx, here, addr, torrent, draw) == nil {
		t.Error("a block came without an unchoke")
	}
	wait(t, done)
}
