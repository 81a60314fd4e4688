package peer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"unsafe"

	"spate/proto/wire"
)

// open returns a Machine and its recorder, with the handshake behind them.
func open(t testing.TB, c Config, rec *recorder) *Machine {
	t.Helper()
	m := new(Machine)
	m.Init(c)
	rec.m = m
	if _, err := m.Input(wire.AppendHandshake(nil, wire.Handshake{}), rec); err != nil {
		t.Fatal(err)
	}
	rec.events = nil
	return m
}

// prefix is a message's length prefix and id.
func prefix(length uint32, id wire.ID) []byte {
	return append(binary.BigEndian.AppendUint32(nil, length), byte(id))
}

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

func TestSize(t *testing.T) {
	if n := unsafe.Sizeof(Machine{}); n > 160 {
		t.Errorf("Machine has %d bytes, want at most 160", n)
	}
}

func TestPauseStopsBehindTheHandshake(t *testing.T) {
	hs := wire.AppendHandshake(nil, wire.Handshake{})
	rest := wire.AppendUnchoke(wire.AppendHave(nil, 3))
	check := func(before int) {
		t.Helper()
		var m Machine
		m.Init(Config{})
		rec := &recorder{m: &m, pause: true}
		if n, err := m.Input(hs[:before], rec); n != before || err != nil {
			t.Fatalf("%d bytes: %d, %v", before, n, err)
		}
		n, err := m.Input(cat(hs[before:], rest), rec)
		if n != wire.HandshakeLen-before || err != ErrPause {
			t.Fatalf("after %d bytes: %d, %v", before, n, err)
		}
		moved := m
		if _, err := moved.Input(rest, rec); err != nil {
			t.Fatal(err)
		}
		want := []string{"handshake 0000000000000000000000000000000000000000", "have 3", "unchoke"}
		if !slices.Equal(rec.events, want) {
			t.Fatalf("after %d bytes: %q", before, rec.events)
		}
	}
	check(0)
	check(1)
	check(48)
	check(67)
}

func TestHandlerErrorEndsInput(t *testing.T) {
	boom := errors.New("boom")
	q := wire.Request{Index: 1, Begin: 2, Length: 3}
	piece := cat(wire.AppendPieceHeader(nil, 1, 2, 3), []byte("abc"))
	check := func(event string, in []byte) {
		t.Helper()
		rec := &recorder{fast: true, fail: map[string]error{event: boom}}
		m := open(t, Config{}, rec)
		_, err := m.Input(cat(in, wire.AppendKeepAlive(nil)), rec)
		if err != boom || rec.events[len(rec.events)-1] != event {
			t.Errorf("%s: %v after %q", event, err, rec.events)
		}
	}
	check("keep-alive", wire.AppendKeepAlive(nil))
	check("choke", wire.AppendChoke(nil))
	check("unchoke", wire.AppendUnchoke(nil))
	check("interested", wire.AppendInterested(nil))
	check("not interested", wire.AppendNotInterested(nil))
	check("have 5", wire.AppendHave(nil, 5))
	check("bitfield 80", wire.AppendBitfield(nil, []byte{0x80}))
	check("have all", wire.AppendHaveAll(nil))
	check("have none", wire.AppendHaveNone(nil))
	check("request {1 2 3}", wire.AppendRequest(nil, q))
	check("cancel {1 2 3}", wire.AppendCancel(nil, q))
	check("reject {1 2 3}", wire.AppendReject(nil, q))
	check("suggest 5", wire.AppendSuggest(nil, 5))
	check("allowed fast 5", wire.AppendAllowedFast(nil, 5))
	check("piece {1 2 3}", piece)
	check(blockEvent(q, []byte("abc")), piece)
	check("port 5", wire.AppendPort(nil, 5))
	check("extended 1, 0 bytes 00000000", wire.AppendExtended(nil, 1, nil))
}

func TestDropPayload(t *testing.T) {
	q := wire.Request{Index: 1, Length: 8}
	rec := &recorder{}
	m := open(t, Config{}, rec)
	feed := func(s string) {
		t.Helper()
		if _, err := m.Input([]byte(s), rec); err != nil {
			t.Fatal(err)
		}
	}
	m.DropPayload() // nothing under way
	feed(string(wire.AppendPieceHeader(nil, 1, 0, 8)) + "abc")
	m.DropPayload()
	if bufs := m.Scatter(make([][]byte, 2), make([]byte, 8)); len(bufs) != 0 {
		t.Errorf("%d buffers for a payload that was dropped", len(bufs))
	}
	feed("defgh")
	if want := []byte("abc\x00\x00\x00\x00\x00"); !bytes.Equal(rec.dst, want) {
		t.Errorf("destination %q, want %q", rec.dst, want)
	}
	if want := []string{"piece {1 0 8}", blockEvent(q, rec.dst)}; !slices.Equal(rec.events, want) {
		t.Errorf("%q, want %q", rec.events, want)
	}
	// A body that is being collected is no payload.
	rec.events = nil
	ext := wire.AppendExtended(nil, 2, []byte("0123456789"))
	feed(string(ext[:10]))
	m.DropPayload()
	feed(string(ext[10:]))
	want := &recorder{}
	_ = want.OnExtended(2, []byte("0123456789"))
	if !slices.Equal(rec.events, want.events) {
		t.Errorf("%q, want %q", rec.events, want.events)
	}
}

// A handler may give a piece up between two reads.
func TestDropPayloadBetweenScatters(t *testing.T) {
	rec := &recorder{}
	m := open(t, Config{}, rec)
	if _, err := m.Input(wire.AppendPieceHeader(nil, 1, 0, 8), rec); err != nil {
		t.Fatal(err)
	}
	iov, scratch := make([][]byte, 2), make([]byte, 16)
	bufs := m.Scatter(iov, scratch)
	if err := m.Filled(bufs, readv(bufs, []byte("abcd"), 4), rec); err != nil {
		t.Fatal(err)
	}
	m.DropPayload()
	if _, err := m.Input([]byte("efgh"), rec); err != nil {
		t.Fatal(err)
	}
	if string(rec.dst) != "abcd\x00\x00\x00\x00" || len(rec.events) != 2 {
		t.Errorf("%q, %q", rec.dst, rec.events)
	}
}

func TestScatter(t *testing.T) {
	rec := &recorder{discard: func(q wire.Request) bool { return q.Index == 9 }}
	m := open(t, Config{}, rec)
	iov, scratch := make([][]byte, 2), make([]byte, 32)
	check := func(iov [][]byte, scratch []byte, want ...int) {
		t.Helper()
		var got []int
		for _, b := range m.Scatter(iov, scratch) {
			got = append(got, len(b))
		}
		if !slices.Equal(got, want) {
			t.Errorf("buffers of %v bytes, want %v", got, want)
		}
	}
	check(iov, scratch)
	if err := m.Filled(nil, 0, rec); err != nil {
		t.Fatal(err)
	}
	header := wire.AppendPieceHeader(nil, 1, 0, 8)
	if _, err := m.Input(append(header, "abc"...), rec); err != nil {
		t.Fatal(err)
	}
	check(iov, scratch, 5, 32)
	check(iov[:1], scratch, 5)
	check(iov, nil, 5)
	check(nil, scratch)

	bufs := m.Scatter(iov, scratch)
	in := cat([]byte("defgh"), wire.AppendHave(nil, 4), wire.AppendPieceHeader(nil, 9, 0, 4))
	if err := m.Filled(bufs, readv(bufs, in, len(in)), rec); err != nil {
		t.Fatal(err)
	}
	check(iov, scratch) // piece 9 is thrown away
	want := []string{"piece {1 0 8}", blockEvent(wire.Request{Index: 1, Length: 8}, []byte("abcdefgh")),
		"have 4", "piece {9 0 4}"}
	if !slices.Equal(rec.events, want) {
		t.Errorf("%q, want %q", rec.events, want)
	}
}

func TestScatterHandlerError(t *testing.T) {
	boom := errors.New("boom")
	event := blockEvent(wire.Request{Index: 1, Length: 2}, []byte("ab"))
	rec := &recorder{fail: map[string]error{event: boom}}
	m := open(t, Config{}, rec)
	if _, err := m.Input(wire.AppendPieceHeader(nil, 1, 0, 2), rec); err != nil {
		t.Fatal(err)
	}
	bufs := m.Scatter(make([][]byte, 2), make([]byte, 9))
	if err := m.Filled(bufs, readv(bufs, []byte("ab\x00\x00\x00\x00"), 6), rec); err != boom {
		t.Errorf("%v, want %v", err, boom)
	}
}

// wrongSize answers OnPiece with a buffer that does not fit.
type wrongSize struct{ *recorder }

func (w wrongSize) OnPiece(r wire.Request) ([]byte, error) { return make([]byte, r.Length-1), nil }

func TestWrongDestinationPanics(t *testing.T) {
	rec := &recorder{}
	m := open(t, Config{}, rec)
	defer func() {
		if got := recover(); got != "peer: OnPiece gave 7 bytes for a block of 8" {
			t.Errorf("panic %v", got)
		}
	}()
	_, _ = m.Input(wire.AppendPieceHeader(nil, 1, 0, 8), wrongSize{rec})
}
