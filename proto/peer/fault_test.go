package peer

import (
	"errors"
	"fmt"
	"testing"

	"spate/proto/wire"
)

// feedAll passes in to m whole, or byte by byte, until an error.
func feedAll(m *Machine, in []byte, step int, rec *recorder) error {
	for len(in) > 0 {
		n := min(step, len(in))
		if _, err := m.Input(in[:n], rec); err != nil {
			return err
		}
		in = in[n:]
	}
	return nil
}

func TestFaults(t *testing.T) {
	check := func(rec recorder, in []byte, want string) {
		t.Helper()
		for _, step := range []int{len(in), 1} {
			r := rec
			m := open(t, Config{MaxBlock: 1 << 14, MaxExtended: 100, MaxBitfield: 10}, &r)
			err := feedAll(m, in, step, &r)
			got := ""
			if f, ok := errors.AsType[Fault](err); ok {
				got = fmt.Sprintf("%v: %v", f.Kind, f)
			} else if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%d at a time: %q, want %q", step, got, want)
			}
		}
	}
	var plain, ten, fast recorder
	ten.pieces = 10
	fast.fast = true
	q := func(i, b, l uint32) wire.Request { return wire.Request{Index: i, Begin: b, Length: l} }

	// Lengths: one below and one above what each message must have.
	for id := range wire.MsgExtended + 1 {
		if !id.Known() || id == wire.MsgPiece || id == wire.MsgBitfield || id == wire.MsgExtended {
			continue
		}
		due := uint32(id.HeadLen() - 4)
		check(fast, prefix(due+1, id), fmt.Sprintf("length: %v of %d bytes, must be %d", id, due+1, due))
		if due > 1 {
			check(fast, prefix(due-1, id), fmt.Sprintf("length: %v of %d bytes, must be %d", id, due-1, due))
		}
	}
	check(plain, prefix(8, wire.MsgPiece), "length: piece of 8 bytes, must be at least 9")
	check(plain, prefix(1, wire.MsgExtended), "length: extended of 1 bytes, must be at least 2")
	check(ten, prefix(2, wire.MsgBitfield), "length: bitfield of 2 bytes, must be 3")
	check(ten, wire.AppendBitfield(nil, make([]byte, 2)), "")
	check(ten, prefix(4, wire.MsgBitfield), "length: bitfield of 4 bytes, must be 3")

	// Limits: the longest allowed, and one past it.
	check(plain, prefix(1<<14+9, wire.MsgPiece), "")
	check(plain, prefix(1<<14+10, wire.MsgPiece), "too long: piece of 16394 bytes, must be at most 16393")
	check(plain, wire.AppendExtended(nil, 1, make([]byte, 100)), "")
	check(plain, prefix(103, wire.MsgExtended), "too long: extended of 103 bytes, must be at most 102")
	check(plain, wire.AppendBitfield(nil, make([]byte, 10)), "")
	check(plain, prefix(12, wire.MsgBitfield), "too long: bitfield of 12 bytes, must be at most 11")
	check(plain, prefix(MaxUnknown, 77), "")
	check(plain, prefix(MaxUnknown+1, 77), "too long: message 77 of 1048577 bytes, must be at most 1048576")
	check(plain, prefix(1<<32-1, wire.MsgPiece), "too long: piece of 4294967295 bytes, must be at most 16393")

	// Fast extension off.
	for id := wire.MsgSuggest; id <= wire.MsgAllowedFast; id++ {
		check(plain, prefix(uint32(id.HeadLen()-4), id), fmt.Sprintf("fast: %v without the fast extension", id))
	}

	// Indices.
	fastTen := recorder{fast: true, pieces: 10}
	check(ten, wire.AppendHave(nil, 9), "")
	check(ten, wire.AppendHave(nil, 10), "index: have of piece 10, torrent has 10")
	check(plain, wire.AppendHave(nil, 10), "")
	check(fastTen, wire.AppendSuggest(nil, 10), "index: suggest of piece 10, torrent has 10")
	check(fastTen, wire.AppendAllowedFast(nil, 10), "index: allowed fast of piece 10, torrent has 10")
	check(ten, wire.AppendRequest(nil, q(10, 0, 1)), "index: request of piece 10, torrent has 10")
	check(ten, wire.AppendPieceHeader(nil, 10, 0, 1), "index: piece of piece 10, torrent has 10")
	check(ten, wire.AppendPieceHeader(nil, 10, 0, 0), "index: piece of piece 10, torrent has 10")

	// Blocks.
	check(plain, wire.AppendRequest(nil, q(1, 0, 1<<14)), "")
	check(plain, wire.AppendRequest(nil, q(1, 0, 1<<14+1)), "range: request of 16385 bytes at 0")
	check(plain, wire.AppendRequest(nil, q(1, 0, 0)), "range: request of 0 bytes at 0")
	check(plain, wire.AppendRequest(nil, q(1, 1<<32-2, 1)), "")
	check(plain, wire.AppendRequest(nil, q(1, 1<<32-2, 2)), "range: request of 2 bytes at 4294967294")
	check(plain, wire.AppendCancel(nil, q(1, 0, 0)), "range: cancel of 0 bytes at 0")
	check(fast, wire.AppendReject(nil, q(1, 0, 0)), "range: reject of 0 bytes at 0")
	check(plain, wire.AppendPieceHeader(nil, 1, 1<<32-2, 2), "range: piece of 2 bytes at 4294967294")
	check(plain, wire.AppendPieceHeader(nil, 1, 0, 0), "")
}

// TestOrder: aria2 sends a bitfield whenever that is shorter than the have
// messages due, so what a peer has may be told in full at any time.
func TestOrder(t *testing.T) {
	check := func(messages ...[]byte) {
		t.Helper()
		rec := &recorder{fast: true, pieces: 8}
		m := open(t, Config{}, rec)
		if _, err := m.Input(cat(messages...), rec); err != nil {
			t.Error(err)
		}
	}
	r := wire.Request{Index: 1, Length: 1}
	bits, all, none := wire.AppendBitfield(nil, []byte{1}), wire.AppendHaveAll(nil), wire.AppendHaveNone(nil)
	have, unchoke := wire.AppendHave(nil, 1), wire.AppendUnchoke(nil)

	check(wire.AppendExtended(nil, 0, []byte("de")), wire.AppendKeepAlive(nil), wire.AppendPort(nil, 1),
		wire.AppendAllowedFast(nil, 1), wire.AppendSuggest(nil, 1), wire.AppendInterested(nil), unchoke, bits, have)
	check(have, have)
	check(bits, bits)
	check(none, all)
	check(have, bits)
	check(wire.AppendRequest(nil, r), bits)
	check(wire.AppendRequest(nil, r), all)
}

func TestProtocolFault(t *testing.T) {
	check := func(in string) {
		t.Helper()
		var m Machine
		m.Init(Config{})
		_, err := m.Input([]byte(in), &recorder{m: &m})
		if f, ok := errors.AsType[Fault](err); !ok || f.Kind != FaultProtocol || !errors.Is(err, wire.ErrProtocol) {
			t.Errorf("%q: %v", in, err)
		}
	}
	check("G")
	check("\x13Bittorrent")
	check("\x12BitTorrent protocol")
}

func TestFaultKind(t *testing.T) {
	seen := map[string]bool{}
	for k := range NumFaults {
		if k.String() == "" || seen[k.String()] {
			t.Errorf("kind %d is called %q", k, k)
		}
		seen[k.String()] = true
	}
	if got := NumFaults.String(); got != "fault 6" {
		t.Errorf("%q", got)
	}
}
